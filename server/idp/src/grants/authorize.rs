//! The code and the tokens of an approved authorization.

use std::sync::Arc;

use oauth::authorize::{Approval, AuthorizationRequest, Consented, Granted};
use oauth::client::{Client, ClientOrigin, IdTokenClaims};
use oauth::consent::Agreement;
use oauth::grant::Grant;
use oauth::holder::Holder;
use oauth::id::{GrantId, Subject};
use oauth::secret::{Secret, SecretDigest};
use oauth::time::Timestamp;
use sea_orm::{Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QuerySelect};

use super::issue::{self, IdTokenParts, insert_tokens};
use super::row::{grant_id, write_grant};
use crate::clients::hold::Judged;
use crate::clients::read_client;
use crate::documents::{self, ClientDocument, Settled, Visitor};
use crate::entity::{authorization_code, client, grants};
use crate::error::Error;
use crate::requests::pushed::spend;
use crate::sessions::hold_open;
use crate::{Idp, consents, logouts, random, registrations, settings, users};

/// An outcome of an approval.
#[derive(Debug)]
pub enum Issued {
    Granted(Granted),
    /// The grounds of the approval have changed meanwhile, and are to be looked at again.
    Changed,
    /// So many clients came with a document that no further one is taken in.
    Full,
}

/// The grounds of an approval, for the transaction that acts on it.
#[derive(Clone)]
pub(super) struct Basis {
    pub(super) subject: Subject,
    pub(super) session: oauth::id::SessionId,
    /// True: whoever signed in in the session is signed in to the client, which is to hear of its end.
    pub(super) joins: bool,
    pub(super) client: Client,
    /// Its row, if that is all that is known about it.
    pub(super) row: Option<Judged>,
    /// The document that describes the client, if the row is to be written by it.
    pub(super) document: Option<Arc<ClientDocument>>,
    pub(super) consent: Consented,
    pub(super) agreement: Agreement,
}

impl Idp {
    /// Keeps what was approved and returns the code and the tokens for it, as the request wants them. What the user just answered is
    /// remembered. With it goes the row of a client that came with a document; and a request that was `pushed` is spent.
    ///
    /// # Errors
    /// When the database does not answer, or no key can sign.
    pub async fn issue(
        &self,
        request: &AuthorizationRequest,
        visitor: &Visitor,
        approval: &Approval<'_>,
        pushed: Option<SecretDigest>,
    ) -> Result<Issued, Error> {
        let now = self.now();
        let grant = new_grant(request, approval, now);
        let (granted, rows) = self.draw(request, &visitor.client, approval, &grant).await?;
        let basis = Basis {
            subject: approval.signed_in.session.subject.clone(),
            session: approval.signed_in.session.sid.clone(),
            joins: true,
            client: visitor.client.as_ref().clone(),
            row: visitor.row.clone(),
            document: visitor.document.clone(),
            consent: approval.consent,
            agreement: approval.agreement.clone(),
        };
        let issued = self.store.write(move |tx| {
            Box::pin(async move {
                match basis.hold(tx, now).await? {
                    Settled::Yes => {}
                    other => return Ok(other),
                }
                if let Some(digest) = &pushed
                    && !spend(tx, digest, now).await?
                {
                    return Ok(Settled::Changed);
                }
                rows.insert(tx).await?;
                if basis.consent == Consented::Asked {
                    let Basis { subject, client, agreement, .. } = basis;
                    consents::remember(tx, &subject, &client.client_id, agreement, now).await?;
                }
                Ok::<_, Error>(Settled::Yes)
            })
        });
        let issued = issued.await?;
        if visitor.document.is_some() || issued == Settled::Changed {
            // This node may be the last to know.
            self.catalog.clear();
        }
        if issued == Settled::Yes {
            self.note_use(&request.client_id).await;
        }
        Ok(match issued {
            Settled::Yes => Issued::Granted(granted),
            Settled::Changed => Issued::Changed,
            Settled::Full => Issued::Full,
        })
    }

    /// Draws and signs what the response type asks for, before anything is written. An ID token alone is all that its client hears of
    /// the person, so it says what the scopes open (OpenID Connect Core §5.4). Beside another way to ask it says nothing that was not
    /// asked for by name, for addresses are kept in histories.
    async fn draw(
        &self,
        request: &AuthorizationRequest,
        client: &Client,
        approval: &Approval<'_>,
        grant: &Grant,
    ) -> Result<(Granted, Rows), Error> {
        let (now, wanted) = (self.now(), request.response_type);
        let code = wanted.has_code().then(|| Secret::new(random::token()));
        let code_expiry = now.plus(self.code_lifetime().min(client.rules().demands.longest_code));
        let drawn = || self.prepare(client, grant, &approval.scope, &request.target, None, &Holder::default());
        let drawn = wanted.has_token().then(drawn).transpose()?;
        let access_token = drawn.as_ref().map(|drawn| self.sign_access_token(client, grant, drawn)).transpose()?;
        let mut id_token = None;
        if wanted.has_id_token() {
            let is_alone = code.is_none() && access_token.is_none();
            let parts = IdTokenParts {
                scope: &approval.scope,
                nonce: request.nonce.as_ref(),
                access_token: access_token.as_ref(),
                code: code.as_ref(),
                content: if is_alone { IdTokenClaims::Scopes } else { IdTokenClaims::Minimal },
                joins: true,
            };
            id_token = Some(self.sign_id_token(client, grant, &approval.signed_in.user, parts).await?);
        }
        let token_expiry = drawn.as_ref().map(|drawn| Timestamp(drawn.rows.grant_expires_at()));
        let grant_expiry = code.is_some().then_some(code_expiry).max(token_expiry);
        let rows = Rows {
            grant: grant_expiry.map(|expiry| write_grant(grant, expiry, now)).transpose()?,
            code: code.as_ref().map(|code| code_row(code, request, &grant.id, code_expiry)).transpose()?,
            tokens: drawn.as_ref().map(|drawn| drawn.rows.clone()),
        };
        let token = drawn.zip(access_token).map(|(drawn, access_token)| drawn.granted(access_token));
        Ok((Granted { code, token, id_token }, rows))
    }
}

/// The rows of an answer. One that leaves nothing to be revoked has no grant.
#[derive(Clone)]
struct Rows {
    grant: Option<grants::Model>,
    code: Option<authorization_code::Model>,
    tokens: Option<issue::Rows>,
}

impl Rows {
    async fn insert(self, tx: &DatabaseTransaction) -> Result<(), Error> {
        if let Some(grant) = self.grant {
            grants::Entity::insert(grant.into_active_model()).exec_without_returning(tx).await?;
        }
        if let Some(code) = self.code {
            authorization_code::Entity::insert(code.into_active_model()).exec_without_returning(tx).await?;
        }
        match self.tokens {
            Some(tokens) => insert_tokens(tx, tokens).await,
            None => Ok(()),
        }
    }
}

fn new_grant(request: &AuthorizationRequest, approval: &Approval<'_>, now: Timestamp) -> Grant {
    let session = &approval.signed_in.session;
    Grant {
        id: GrantId::new(random::ordered_uuid_v7(now).to_string()),
        client_id: request.client_id.clone(),
        subject: Some(session.subject.clone()),
        scope: approval.scope.clone(),
        agreement: approval.agreement.clone(),
        claims: request.claims.clone(),
        resources: request.target.ids(),
        sid: Some(session.sid.clone()),
        auth_time: Some(session.auth_time()),
        acr: Some(session.acr().to_owned()),
        amr: session.amr(),
        generation: 0,
        refresh_salt: random::token(),
        revoked: false,
        provenance: oauth::grant::Provenance::default(),
    }
}

fn code_row(
    code: &Secret,
    request: &AuthorizationRequest,
    grant: &GrantId,
    expires_at: Timestamp,
) -> Result<authorization_code::Model, Error> {
    Ok(authorization_code::Model {
        digest: code.digest().as_bytes().to_vec(),
        grant_id: grant_id(grant)?,
        redirect_uri: request.redirect_uri.clone(),
        redirect_uri_sent: request.redirect_uri_sent,
        code_challenge: request.code_challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
        nonce: request.nonce.as_ref().map(|nonce| nonce.as_str().to_owned()),
        expires_at: expires_at.0,
        consumed_at: None,
        jkt: request.jkt.as_ref().map(|jkt| jkt.as_str().to_owned()),
    })
}

impl Basis {
    /// Makes sure, until the transaction ends, that all of it is still so.
    ///
    /// The account is locked first, as by everybody who changes it and something else, the consent last. Who forbids this
    /// authorization by changing one of these rows has either done so before, and it is seen here, or waits, and finds the grant
    /// when it revokes.
    pub(super) async fn hold(&self, tx: &DatabaseTransaction, now: Timestamp) -> Result<Settled, Error> {
        if self.document.is_some() {
            settings::lock(tx, documents::LOCK).await?;
        }
        let came = self.client.origin == ClientOrigin::MetadataDocument;
        if came && !documents::hold_host(tx, &self.client.client_id).await? {
            return Ok(Settled::Changed);
        }
        let account = users::account_id(&self.subject)?;
        users::lock_shared(tx, account).await?;
        let mut grounds = Condition::all().add(users::is_enabled(account));
        if let Some(row) = &self.row {
            row.lock(tx).await?;
            grounds = grounds.add(row.is_unchanged());
        }
        let is_told = self.joins && self.client.logout.is_told();
        if !hold_open(tx, &self.session, grounds, is_told, now).await? {
            return Ok(Settled::Changed);
        }
        let settled = match (&self.row, &self.document) {
            (Some(_), _) => Settled::Yes,
            (None, Some(document)) => documents::settle(tx, &self.client, document, now).await?,
            (None, None) => self.hold_client(tx, now).await?,
        };
        let consented = match self.consent {
            Consented::Before if settled == Settled::Yes => {
                consents::hold(tx, &self.subject, &self.client.client_id, &self.agreement).await?
            }
            Consented::Before | Consented::Asked | Consented::Unasked => true,
        };
        if is_told && consented && settled == Settled::Yes {
            logouts::join(tx, &self.session, account, &self.client.client_id, now).await?;
        }
        Ok(if consented { settled } else { Settled::Changed })
    }

    async fn hold_client(&self, tx: &DatabaseTransaction, now: Timestamp) -> Result<Settled, Error> {
        let client = client::Entity::find_by_id(self.client.client_id.as_str()).lock_shared().one(tx).await?;
        let same = match &client {
            Some(row) => row.enabled && read_client(row)? == self.client,
            None => registrations::settle(tx, &self.client, now).await?,
        };
        Ok(if same { Settled::Yes } else { Settled::Changed })
    }
}
