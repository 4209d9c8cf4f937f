//! A code, a refresh token, or a client's own word, exchanged for tokens.
//!
//! What is presented is read and judged first; then one transaction claims it and writes what it is worth. The claim is an
//! UPDATE that finds the row unconsumed: of any number of requests at once, one touches a row. All others are replays.

use oauth::client::Client;
use oauth::error::{ErrorCode, TokenError};
use oauth::id::{GrantId, Nonce};
use oauth::pkce::CodeChallenge;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use oauth::token::{
    AuthorizationCode, CodeRequest, Grant, GrantLifetimes, RefreshRequest, RefreshToken, TokenRequest, TokenResponse,
    Verdict, client_credentials_scope, redeem_code, redeem_refresh_token,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, UpdateMany};

use super::issue::{Issued, insert_tokens, renew_grant};
use super::revoke::revoke_grants;
use super::row::{grant_id, read_grant, write_grant};
use super::together::OwnGrant;
use crate::entity::{authorization_code, grants, refresh_token};
use crate::error::Error;
use crate::{Idp, random};

/// How an exchange ended in the database.
enum Claim {
    Won,
    /// Somebody presented the same thing before; the grant is revoked now.
    Replayed,
    /// The grant was revoked since it was read.
    Revoked,
}

impl Idp {
    /// Answers a token request of a client that has authenticated.
    ///
    /// # Errors
    /// `invalid_grant` or `invalid_scope`; `temporarily_unavailable` while the database is away.
    pub async fn grant_tokens(&self, client: &Client, request: TokenRequest) -> Result<TokenResponse, TokenError> {
        let response = match request {
            TokenRequest::AuthorizationCode(request) => self.exchange_code(client, &request).await?,
            TokenRequest::RefreshToken(request) => self.refresh(client, &request).await?,
            TokenRequest::ClientCredentials { scope } => {
                let scope = client_credentials_scope(client, scope.as_ref(), &self.scopes().await?)?;
                self.grant_client(client, scope).await?
            }
        };
        self.note_use(&client.client_id).await;
        Ok(response)
    }

    async fn exchange_code(&self, client: &Client, request: &CodeRequest) -> Result<TokenResponse, TokenError> {
        let (digest, now) = (request.code.digest(), self.now());
        let code = self
            .find_code(&request.code)
            .await?
            .ok_or_else(|| unknown("the code is not known, or belongs to another client"))?;
        let scope = match redeem_code(&code, request, client, now) {
            Verdict::Issue(scope) => scope,
            Verdict::Refuse(error) => return Err(error),
            Verdict::Replay => {
                self.revoke_family(&code.grant).await?;
                return Err(unknown("the code was used before; everything issued for it is revoked now"));
            }
        };
        let lifetimes = GrantLifetimes::of(client);
        let issued = self.prepare(client, &code.grant, &scope, lifetimes)?;
        let claim = authorization_code::Entity::update_many()
            .col_expr(authorization_code::Column::ConsumedAt, Expr::value(now.0))
            .filter(authorization_code::Column::Digest.eq(digest.as_bytes().to_vec()))
            .filter(authorization_code::Column::ConsumedAt.is_null());
        match self.claim(claim, &code.grant, &issued).await? {
            Claim::Won => Ok(self.finish(client, &code.grant, code.nonce.as_ref(), issued).await?),
            Claim::Replayed => Err(unknown("the code was used before; everything issued for it is revoked now")),
            Claim::Revoked => Err(unknown("the code has expired")),
        }
    }

    async fn refresh(&self, client: &Client, request: &RefreshRequest) -> Result<TokenResponse, TokenError> {
        let (digest, now) = (request.refresh_token.digest(), self.now());
        let token = self
            .find_refresh_token(&request.refresh_token)
            .await?
            .ok_or_else(|| unknown("the refresh token is not known, or belongs to another client"))?;
        let scope = match redeem_refresh_token(&token, request, client, &self.scopes().await?, now) {
            Verdict::Issue(scope) => scope,
            Verdict::Refuse(error) => return Err(error),
            Verdict::Replay => {
                self.revoke_family(&token.grant).await?;
                return Err(unknown("the refresh token was used before; its whole family is revoked now"));
            }
        };
        let grant = Grant { generation: token.grant.generation + 1, ..token.grant };
        let issued = self.prepare(client, &grant, &scope, GrantLifetimes::of(client))?;
        let claim = refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::ConsumedAt, Expr::value(now.0))
            .filter(refresh_token::Column::Digest.eq(digest.as_bytes().to_vec()))
            .filter(refresh_token::Column::ConsumedAt.is_null());
        match self.claim(claim, &grant, &issued).await? {
            Claim::Won => Ok(self.finish(client, &grant, None, issued).await?),
            Claim::Replayed => Err(unknown("the refresh token was used before; its whole family is revoked now")),
            Claim::Revoked => Err(unknown("the refresh token was revoked")),
        }
    }

    /// Claims what was presented and writes what it is worth, or revokes the grant when somebody was faster.
    async fn claim<E: EntityTrait + Clone>(
        &self,
        claim: UpdateMany<E>,
        grant: &Grant,
        issued: &Issued,
    ) -> Result<Claim, Error> {
        let (rows, id, now) = (issued.rows.clone(), grant_id(&grant.id)?, self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if claim.exec(tx).await?.rows_affected == 0 {
                        revoke_grants(tx, grants::Column::Id.eq(id), now).await?;
                        return Ok::<_, Error>(Claim::Replayed);
                    }
                    if !renew_grant(tx, &rows).await? {
                        return Ok(Claim::Revoked);
                    }
                    insert_tokens(tx, rows).await?;
                    Ok(Claim::Won)
                })
            })
            .await
    }

    /// Tokens for the client itself.
    async fn grant_client(&self, client: &Client, scope: oauth::scope::Scope) -> Result<TokenResponse, Error> {
        let now = self.now();
        let grant = Grant {
            id: GrantId::new(random::uuid_v7(now).to_string()),
            client_id: client.client_id.clone(),
            subject: None,
            scope: scope.clone(),
            claims: oauth::claims::ClaimsRequest::default(),
            sid: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            generation: 0,
            revoked: false,
        };
        let lifetimes = GrantLifetimes::of(client);
        let issued = self.prepare(client, &grant, &scope, lifetimes)?;
        let row = write_grant(&grant, now.plus(lifetimes.access_token), now)?;
        let access_token = issued.rows.access_token.clone();
        self.own_grants.ask(OwnGrant { grant: row, access_token }).await??;
        self.finish(client, &grant, None, issued).await
    }

    async fn find_code(&self, code: &Secret) -> Result<Option<AuthorizationCode>, Error> {
        let found = authorization_code::Entity::find_by_id(code.digest().as_bytes().to_vec())
            .find_also_related(grants::Entity)
            .one(self.store.read())
            .await?;
        let Some((row, Some(grant))) = found else {
            return Ok(None);
        };
        Ok(Some(AuthorizationCode {
            grant: read_grant(grant)?,
            redirect_uri: row.redirect_uri,
            redirect_uri_sent: row.redirect_uri_sent,
            code_challenge: row.code_challenge.as_deref().and_then(CodeChallenge::find),
            nonce: row.nonce.map(Nonce::new),
            expires_at: Timestamp(row.expires_at),
            consumed: row.consumed_at.is_some(),
        }))
    }

    pub(super) async fn find_refresh_token(&self, token: &Secret) -> Result<Option<RefreshToken>, Error> {
        let found = refresh_token::Entity::find_by_id(token.digest().as_bytes().to_vec())
            .find_also_related(grants::Entity)
            .one(self.store.read())
            .await?;
        let Some((row, Some(grant))) = found else {
            return Ok(None);
        };
        Ok(Some(RefreshToken {
            grant: read_grant(grant)?,
            issued_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
            consumed: row.consumed_at.is_some(),
        }))
    }

    /// Revokes a grant with all that came from it.
    pub(super) async fn revoke_family(&self, grant: &Grant) -> Result<(), Error> {
        let (id, now) = (grant_id(&grant.id)?, self.now());
        self.store
            .write(move |tx: &DatabaseTransaction| Box::pin(revoke_grants(tx, grants::Column::Id.eq(id), now)))
            .await
    }
}

fn unknown(description: &'static str) -> TokenError {
    TokenError::new(ErrorCode::InvalidGrant, description)
}
