//! Trials: an administrator signs in to a client, and the server redeems the code in the client's place. What came of it is told, and
//! revoked at once; no token leaves the server.
//!
//! A trial belongs to a session of the console: whatever is secret in it is a tag of that session and the client, so nothing is kept.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::client::{Client, ClientEncryption, Encrypted};
use oauth::details::AuthorizationDetails;
use oauth::error::TokenError;
use oauth::grant::{CodeRequest, TokenResponse};
use oauth::id::ClientId;
use oauth::metadata::path;
use oauth::pkce::CodeChallenge;
use oauth::refusal::Reason;
use oauth::scope::Scope;
use oauth::seal::Sealed;
use oauth::secret::Secret;
use serde_json::{Map, Value};

use super::refresh::Caller;
use crate::Idp;
use crate::audit::Actor;
use crate::catalog::RegisteredClient;

/// Tries to redeem the code of a client that is changed meanwhile.
const TRIES: usize = 3;

/// The parts of an authorization request that make it a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialRequest {
    pub redirect_uri: String,
    pub state: String,
    pub nonce: String,
    pub challenge: CodeChallenge,
}

/// The outcome of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    pub scope: Scope,
    /// Seconds for which the access token was good.
    pub expires_in: i64,
    pub has_refresh_token: bool,
    /// The claims of the ID token, if there was one.
    pub id_token: Option<Map<String, Value>>,
}

impl Idp {
    /// A trial of a client by the administrator of a session.
    #[must_use]
    pub fn begin_trial(&self, actor: &Actor, client_id: &ClientId) -> TrialRequest {
        TrialRequest {
            redirect_uri: self.issuer().url(path::TRIAL),
            state: format!("{}.{client_id}", self.trial_tag(actor, client_id, "state")),
            nonce: self.trial_tag(actor, client_id, "nonce"),
            challenge: CodeChallenge::of(&self.trial_tag(actor, client_id, "verifier")),
        }
    }

    /// The client whose trial comes back with this state; `None` when the same session did not begin it.
    #[must_use]
    pub fn find_trial(&self, actor: &Actor, state: &str) -> Option<ClientId> {
        let client_id = ClientId::new(state.split_once('.')?.1);
        (self.begin_trial(actor, &client_id).state == state).then_some(client_id)
    }

    /// Redeems the code of a trial, and revokes what it was worth.
    ///
    /// # Errors
    /// Those of the token endpoint.
    pub async fn finish_trial(&self, actor: &Actor, client_id: &ClientId, code: &Secret) -> Result<Trial, TokenError> {
        let request = CodeRequest {
            code: code.clone(),
            redirect_uri: Some(self.issuer().url(path::TRIAL)),
            code_verifier: Some(self.trial_tag(actor, client_id, "verifier")),
            resources: Vec::new(),
            details: AuthorizationDetails::default(),
        };
        let tokens = self.redeem_trial(client_id, &request).await?;
        if let Some(code) = self.find_code(code).await? {
            self.revoke_family(&code.grant).await?;
        }
        let claims = |token: &str| self.keyring().verify(token).map(|verified| verified.claims);
        Ok(Trial {
            id_token: tokens.id_token.as_deref().and_then(claims),
            has_refresh_token: tokens.refresh_token.is_some(),
            expires_in: tokens.expires_in,
            scope: tokens.scope,
        })
    }

    async fn redeem_trial(&self, client_id: &ClientId, request: &CodeRequest) -> Result<TokenResponse, TokenError> {
        for _ in 0..TRIES {
            let Some(found) = self.find_registered(client_id).await? else { break };
            // Its key is looked for, and what is shown is what would be encrypted to it.
            self.envelope(&found, Encrypted::IdToken).await?;
            let client = Client { encryption: ClientEncryption::default(), ..Client::clone(&found.client) };
            let client = RegisteredClient::new(Arc::new(client), found.secrets.clone(), found.stamp);
            if let Some(tokens) = self.exchange_code(&client, request, &Caller::default()).await? {
                return Ok(tokens);
            }
        }
        Err(TokenError::new(Reason::ClientChanging))
    }

    fn trial_tag(&self, actor: &Actor, client_id: &ClientId, usage: &str) -> String {
        let session = actor.session().map(|digest| URL_SAFE_NO_PAD.encode(digest.as_bytes())).unwrap_or_default();
        self.seal().tag(Sealed::Trial, &[&session, client_id.as_str(), usage])
    }
}
