//! Tokens by an assertion of an issuer that is trusted here (RFC 7523 §2.1).

use oauth::error::TokenError;
use oauth::grant::{AssertionRequest, Grant, MachineRequest, Provenance, TokenResponse};
use oauth::id::GrantId;
use oauth::trust::{IdJag, TrustKind, WorkloadAssertion, refused};

use super::grounds::Grounds;
use crate::catalog::RegisteredClient;
use crate::error::Error;
use crate::trusts::{JudgedTrust, KnownTrust};
use crate::users::subject_of;
use crate::{Idp, random};

/// The answer about issuers that nobody here trusts, and about all of them where none is.
const UNTRUSTED: &str = "its issuer is not trusted here";

/// The answer about somebody who has no account, and about one that is disabled.
const NOBODY: &str = "it speaks of nobody who has an account here";

impl Idp {
    /// Answers a client that brings an assertion. `None`: what the answer stands on changed meanwhile.
    pub(super) async fn grant_by_assertion(
        &self,
        client: &RegisteredClient,
        request: &AssertionRequest,
    ) -> Result<Option<TokenResponse>, TokenError> {
        match request.kind() {
            TrustKind::WorkloadIssuer => {
                let (trust, said) = self.judge_workload(request).await?;
                if said.client_id != client.client_id {
                    return Err(refused("it speaks for another client than the one that brings it"));
                }
                self.grant_workload_client(client, request, &trust, said).await
            }
            TrustKind::IdentityProvider | TrustKind::AuthorizationServer => self.grant_vouched(client, request).await,
        }
    }

    /// Answers a program that says who it is by its assertion alone. `None`: what the answer stands on changed meanwhile.
    ///
    /// # Errors
    /// `invalid_grant`, `unauthorized_client`, `invalid_scope` or `invalid_target`; `temporarily_unavailable` while the database or
    /// the keys of the issuer are away.
    pub async fn grant_workload(&self, request: &AssertionRequest) -> Result<Option<TokenResponse>, TokenError> {
        let (trust, said) = self.judge_workload(request).await?;
        let client = self.find_registered(&said.client_id).await?;
        let client = client.ok_or_else(|| refused("the client that it speaks for is not known here"))?;
        client.check_may_use(oauth::client::GrantType::JwtBearer)?;
        let given = self.grant_workload_client(&client, request, &trust, said).await?;
        match given {
            Some(_) => self.note_use(&client.client_id).await,
            None => self.catalog.clear(),
        }
        Ok(given)
    }

    async fn judge_workload(
        &self,
        request: &AssertionRequest,
    ) -> Result<(std::sync::Arc<KnownTrust>, WorkloadAssertion), TokenError> {
        let trust = self.find_trust(TrustKind::WorkloadIssuer, &request.issuer).await?;
        let trust = trust.ok_or_else(|| refused(UNTRUSTED))?;
        let said = WorkloadAssertion::judge(&request.assertion, &trust, self.issuer(), self.now())?;
        self.check_issuer_signature(&trust, &request.assertion).await?;
        Ok((trust, said))
    }

    /// The client acts for itself, as by `client_credentials`.
    async fn grant_workload_client(
        &self,
        client: &RegisteredClient,
        request: &AssertionRequest,
        trust: &KnownTrust,
        said: WorkloadAssertion,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let target = self.resources().await?.named(&request.resources, client).map_err(TokenError)?;
        let known = self.scopes_at(&target).await?;
        let asked = MachineRequest { scope: request.scope.clone(), resources: Vec::new() };
        let scope = asked.judge(client, &known)?;
        let grant = Grant {
            resources: target.ids(),
            provenance: Provenance { trust: Some(trust.id.clone()), ..Provenance::default() },
            ..Grant::of_client(self.new_grant_id(), client, scope, &known)
        };
        let issued = self.prepare_without_refresh(client, &grant, &target)?;
        let grounds = Grounds {
            trust: Some(JudgedTrust::of(trust)?),
            once: said.once,
            ..Grounds::of(self.asking(client).await?)
        };
        let given = self.give(client, grant, issued, grounds, used_before).await?;
        if given.is_some() {
            let (issuer, client_id) = (&trust.issuer, &client.client_id);
            tracing::info!(%issuer, subject = said.subject, %client_id, "a workload got a token by its assertion");
        }
        Ok(given)
    }

    /// The client acts for the person whom the identity provider vouches for.
    async fn grant_vouched(
        &self,
        client: &RegisteredClient,
        request: &AssertionRequest,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let trust = self.find_trust(TrustKind::IdentityProvider, &request.issuer).await?;
        let trust = trust.ok_or_else(|| refused(UNTRUSTED))?;
        let said = IdJag::judge(&request.assertion, &trust, client, self.issuer(), self.now())?;
        self.check_issuer_signature(&trust, &request.assertion).await?;
        let target = said.target(&request.resources, &**self.resources().await?, client)?;
        let known = self.scopes_at(&target).await?;
        let scope = said.scope(request.scope.as_ref(), &known)?;
        let vouched = self.find_vouched(&trust, &said).await?.ok_or_else(|| refused(NOBODY))?;
        let subject = subject_of(vouched.account);
        // The answer to who is disabled is the same as to who is not there: the provider is not told which.
        if self.find_user(&subject).await?.is_none() {
            return Err(refused(NOBODY));
        }
        let grant = Grant {
            subject: Some(subject.clone()),
            resources: target.ids(),
            provenance: Provenance { trust: Some(trust.id.clone()), ..Provenance::default() },
            ..Grant::of_client(self.new_grant_id(), client, scope, &known)
        };
        let issued = self.prepare_without_refresh(client, &grant, &target)?;
        let grounds = Grounds {
            trust: Some(JudgedTrust::of(&trust)?),
            account: Some(vouched.account),
            link: vouched.link,
            once: Some(said.once),
            ..Grounds::of(self.asking(client).await?)
        };
        let given = self.give(client, grant, issued, grounds, used_before).await?;
        if given.is_some() {
            let (issuer, client_id) = (&trust.issuer, &client.client_id);
            tracing::info!(%issuer, %subject, %client_id, "a client got a token by an identity assertion");
        }
        Ok(given)
    }

    pub(super) fn new_grant_id(&self) -> GrantId {
        GrantId::new(random::uuid_v7(self.now()).to_string())
    }

    /// True when what a grant stands on, for which nobody signed in here, is as good as it was: the trust is on, and the grant
    /// whose token was exchanged is not revoked.
    pub(super) async fn is_founded(&self, grant: &Grant) -> Result<bool, Error> {
        if grant.provenance == Provenance::default() {
            return Ok(true);
        }
        let mut provenance = grant.provenance.clone();
        loop {
            if let Some(trust) = &provenance.trust
                && !self.is_trusted(trust).await?
            {
                return Ok(false);
            }
            let Some(parent) = &provenance.parent else { return Ok(true) };
            match self.find_grant(parent).await?.filter(|parent| !parent.revoked) {
                Some(parent) if self.find_client(&parent.client_id).await?.is_some() => provenance = parent.provenance,
                _ => return Ok(false),
            }
        }
    }
}

fn used_before() -> TokenError {
    refused("it was used before, and each is good once: get another one from its issuer")
}
