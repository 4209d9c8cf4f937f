//! Making tokens: the rows by whose digests they will be found, and the signatures. Both are made before anything is written.

use oauth::access_token::{AccessTokenClaims, Audience, Confirmation, JWT_TYPE};
use oauth::authorize::GrantedToken;
use oauth::claims;
use oauth::client::{Client, Encrypted, IdTokenClaims, TokenFormat};
use oauth::client_auth::SingleUse;
use oauth::consent::Agreement;
use oauth::details::AuthorizationDetails;
use oauth::error::TokenError;
use oauth::grant::{Grant, GrantLifetimes, TokenResponse};
use oauth::holder::Holder;
use oauth::id::Nonce;
use oauth::id_token::{self, IdTokenContext};
use oauth::refusal::Reason;
use oauth::resource::Target;
use oauth::scope::Scope;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use oauth::user::User;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::row::{grant_id, write_details};
use crate::consents::read_agreement;
use crate::entity::{access_token, grants, refresh_token, session};
use crate::error::Error;
use crate::possession::spend;
use crate::{Idp, random};

/// Why a grant of a person who is disabled or deleted gives nothing. Nothing is spent: who is enabled again goes on.
const GONE: &str = "the account is disabled, or does not exist any more";

/// The refresh token of an answer.
pub(super) enum NextRefreshToken {
    /// One that nobody has yet.
    New { token: Secret, generation: i64 },
    /// One that was given before.
    Again { token: Secret, expires_at: Timestamp },
}

impl NextRefreshToken {
    /// The first one of a grant, if it has any.
    pub(super) fn first(grant: &Grant, client: &Client) -> Option<Self> {
        grant.is_refreshable(client).then(|| Self::New { token: Secret::new(random::token()), generation: 0 })
    }
}

/// Tokens that are decided on, before they are signed.
pub(super) struct Issued {
    pub(super) rows: Rows,
    scope: Scope,
    details: AuthorizationDetails,
    audience: Audience,
    lifetimes: GrantLifetimes,
    /// `None`: it will be a JWT.
    opaque: Option<Secret>,
    refresh_token: Option<Secret>,
    /// The keys that the access token is bound to.
    cnf: Confirmation,
}

/// The parts of an ID token that neither its grant nor its person say.
pub(super) struct IdTokenParts<'a> {
    pub(super) scope: &'a Scope,
    pub(super) nonce: Option<&'a Nonce>,
    pub(super) access_token: Option<&'a Secret>,
    pub(super) code: Option<&'a Secret>,
    pub(super) content: IdTokenClaims,
    /// True: the client is about to join the session.
    pub(super) joins: bool,
}

/// The rows that are written for them.
#[derive(Clone)]
pub(super) struct Rows {
    pub(super) access_token: Option<access_token::Model>,
    refresh_token: Option<refresh_token::Model>,
    pub(super) grant_id: uuid::Uuid,
    /// The scope of the grant as it was judged.
    grant_scope: String,
    /// The agreement of it, where the scope does not say it all: two resources may have a scope of one name, and details have none.
    agreement: Option<Agreement>,
    grant_expires_at: i64,
    /// The proof that is spent for them.
    pub(super) proof: Option<SingleUse>,
}

impl Rows {
    pub(super) fn grant_expires_at(&self) -> i64 {
        self.grant_expires_at
    }
}

impl Issued {
    /// The access token on its way through the browser.
    pub(super) fn granted(self, access_token: Secret) -> GrantedToken {
        GrantedToken { access_token, expires_in: self.lifetimes.access_token, scope: self.scope }
    }

    /// The same, good until `latest` at most.
    pub(super) fn ending(mut self, latest: Timestamp, now: Timestamp) -> Self {
        self.lifetimes.access_token = self.lifetimes.access_token.min(latest.0 - now.0);
        self.rows.grant_expires_at = self.rows.grant_expires_at.min(latest.0);
        if let Some(row) = &mut self.rows.access_token {
            row.expires_at = row.expires_at.min(latest.0);
        }
        self
    }
}

impl Idp {
    /// Draws the access token that `grant` gives for `scope` at `target`, beside its refresh token, if it has one. They are bound to the
    /// keys of the `holder`, refresh tokens of clients that prove who they are excepted (RFC 9449 §5).
    pub(super) fn prepare(
        &self,
        client: &Client,
        grant: &Grant,
        scope: &Scope,
        target: &Target,
        refresh: Option<NextRefreshToken>,
        holder: &Holder,
    ) -> Result<Issued, Error> {
        let (lifetimes, audience) = (target.lifetimes(client), target.audience(scope, self.issuer()));
        let (now, id, details) = (self.now(), grant_id(&grant.id)?, target.details().objects());
        let access_expiry = now.plus(lifetimes.access_token).0;
        let cnf = client.bound_to(holder);
        let [jkt, x5t] = [&cnf.jkt, &cnf.x5t].map(|key| key.as_ref().map(|key| key.as_str().to_owned()));
        let opaque = (target.token_format(client) == TokenFormat::Opaque).then(|| Secret::new(random::token()));
        let kept_details = write_details(&details)?;
        let access_row = opaque.as_ref().map(|token| access_token::Model {
            digest: token.digest().as_bytes().to_vec(),
            grant_id: id,
            generation: grant.generation,
            scope: scope.to_string(),
            created_at: now.0,
            expires_at: access_expiry,
            audience: (!target.is_empty()).then(|| audience.iter().collect::<Vec<_>>().join(" ")),
            jkt: jkt.clone(),
            x5t: x5t.clone(),
            details: kept_details,
        });
        let (refresh_token, refresh_row, refresh_expiry) = match refresh {
            Some(NextRefreshToken::New { token, generation }) => {
                let expires_at = now.plus(lifetimes.refresh_token).0;
                let row = new_refresh_token(&token, id, generation, now.0, expires_at);
                let row = if client.is_public() { refresh_token::Model { jkt, x5t, ..row } } else { row };
                (Some(token), Some(row), expires_at)
            }
            Some(NextRefreshToken::Again { token, expires_at }) => (Some(token), None, expires_at.0),
            None => (None, None, access_expiry),
        };
        Ok(Issued {
            rows: Rows {
                access_token: access_row,
                refresh_token: refresh_row,
                grant_id: id,
                grant_scope: grant.scope.to_string(),
                agreement: (!grant.resources.is_empty()).then(|| grant.agreement.clone()),
                grant_expires_at: refresh_expiry.max(access_expiry),
                proof: holder.key.as_ref().map(|key| key.once),
            },
            scope: scope.clone(),
            details,
            audience,
            lifetimes,
            opaque,
            refresh_token,
            cnf,
        })
    }

    /// Signs what has to be signed and makes the answer.
    ///
    /// # Errors
    /// `invalid_grant` when the person behind the grant is disabled or deleted; `server_error` when no key can sign.
    pub(super) async fn sign(
        &self,
        client: &Client,
        grant: &Grant,
        nonce: Option<&Nonce>,
        issued: Issued,
    ) -> Result<TokenResponse, TokenError> {
        let user = match &grant.subject {
            Some(subject) => {
                Some(self.find_user(subject).await?.ok_or_else(|| TokenError::because(Reason::PersonGone, GONE))?)
            }
            None => None,
        };
        let access_token = self.sign_access_token(client, grant, &issued)?;
        let id_token = match &user {
            Some(user) if issued.scope.is_openid() => {
                let content = client.rules().id_token_claims;
                let access_token = Some(&access_token);
                let parts =
                    IdTokenParts { scope: &issued.scope, nonce, access_token, code: None, content, joins: false };
                Some(self.sign_id_token(client, grant, user, parts).await?)
            }
            _ => None,
        };
        Ok(TokenResponse {
            access_token,
            expires_in: issued.lifetimes.access_token,
            is_bound: issued.cnf.jkt.is_some(),
            scope: issued.scope,
            details: issued.details,
            refresh_token: issued.refresh_token,
            id_token,
            exchanged: None,
        })
    }

    /// The access token: opaque as it was drawn, or a JWT.
    pub(super) fn sign_access_token(&self, client: &Client, grant: &Grant, issued: &Issued) -> Result<Secret, Error> {
        if let Some(token) = &issued.opaque {
            return Ok(token.clone());
        }
        let (lifetime, now) = (issued.lifetimes.access_token, self.now());
        let claims = AccessTokenClaims::new(grant, &issued.scope, &issued.audience, self.issuer(), lifetime, now);
        let subject = grant.subject.as_ref().map(|subject| client.known_subject(subject, self.pairwise()));
        let sub = subject.map_or_else(|| claims.sub.clone(), |subject| subject.to_string());
        let cnf = Some(issued.cnf.clone()).filter(|cnf| !cnf.is_empty());
        let claims = AccessTokenClaims { sub, cnf, authorization_details: issued.details.clone(), ..claims };
        let claims = serde_json::to_vec(&claims).map_err(Error::internal)?;
        let alg = client.id_token_signed_response_alg;
        Ok(Secret::new(self.keyring().sign(alg, Some(JWT_TYPE), &claims)?))
    }

    pub(super) async fn sign_id_token(
        &self,
        client: &Client,
        grant: &Grant,
        user: &User,
        parts: IdTokenParts<'_>,
    ) -> Result<String, Error> {
        let scopes = self.scopes().await?;
        let single = client.allowed_claims(grant.claims.clone(), &scopes);
        let opened = grant.agreement.opened(parts.scope, &scopes);
        let alg = client.id_token_signed_response_alg;
        let subject = client.known_subject(&user.subject, self.pairwise());
        // A client that does not hear of the session's end has no use for it.
        let sid = match &grant.sid {
            Some(sid) if client.logout.is_told() => {
                let is_told = parts.joins || self.has_joined(sid, &client.client_id).await?;
                Some(sid).filter(|_| is_told)
            }
            _ => None,
        };
        let says_login = sid == grant.sid.as_ref() && !client.subjects.is_pairwise();
        let sid = sid.map(|sid| client.known_sid(sid, self.pairwise()));
        let jti = (!says_login).then(|| format!("{}.{}", grant.id, random::token()));
        let context = IdTokenContext {
            issuer: self.issuer(),
            subject: &subject,
            sid: sid.as_ref(),
            jti: jti.as_deref(),
            nonce: parts.nonce,
            access_token: parts.access_token.map(Secret::expose),
            code: parts.code.map(Secret::expose),
            alg,
            extras: claims::id_token(user, &opened, &single, parts.content),
            now: self.now(),
        };
        let claims = serde_json::to_vec(&id_token::IdTokenClaims::new(grant, context)).map_err(Error::internal)?;
        let envelope = self.envelope(client, Encrypted::IdToken).await?;
        envelope.seal(self.keyring().sign(alg, None, &claims)?)
    }
}

fn new_refresh_token(
    token: &Secret,
    grant_id: uuid::Uuid,
    generation: i64,
    created_at: i64,
    expires_at: i64,
) -> refresh_token::Model {
    refresh_token::Model {
        digest: token.digest().as_bytes().to_vec(),
        grant_id,
        generation,
        created_at,
        expires_at,
        consumed_at: None,
        retried_at: None,
        repeats: 0,
        used_address: None,
        used_agent: None,
        jkt: None,
        x5t: None,
    }
}

/// Lets the grant live as long as the longest of its tokens. Access tokens that it gave before live to their own end. False when
/// the grant was revoked, or its session is over: a grant without `offline_access` goes no further than that.
///
/// # Errors
/// `Stale` when a part of it was taken back since it was judged.
pub(super) async fn renew_grant(tx: &DatabaseTransaction, rows: &Rows, now: Timestamp) -> Result<bool, Error> {
    use sea_orm::sea_query::ExprTrait as _;
    let in_open_session = Query::select()
        .expr(Expr::val(1))
        .from(session::Entity)
        .and_where(Expr::col((session::Entity, session::Column::Sid)).equals((grants::Entity, grants::Column::Sid)))
        .and_where(Expr::col((session::Entity, session::Column::ExpiresAt)).gt(now.0))
        .to_owned();
    let renewed = grants::Entity::update_many()
        .col_expr(grants::Column::ExpiresAt, Expr::value(rows.grant_expires_at))
        .filter(grants::Column::Id.eq(rows.grant_id))
        .filter(grants::Column::RevokedAt.is_null())
        .filter(
            Condition::any()
                .add(grants::Column::Offline.eq(true))
                .add(grants::Column::Sid.is_null())
                .add(Expr::exists(in_open_session)),
        )
        .filter(grants::Column::Scope.eq(rows.grant_scope.as_str()))
        .exec(tx)
        .await?;
    if renewed.rows_affected > 0 {
        return if is_agreed(tx, rows).await? { Ok(true) } else { Err(Error::Stale) };
    }
    let narrowed = grants::Entity::find_by_id(rows.grant_id)
        .filter(grants::Column::RevokedAt.is_null())
        .filter(grants::Column::Scope.ne(rows.grant_scope.as_str()))
        .select_only()
        .column(grants::Column::Id)
        .into_tuple::<uuid::Uuid>()
        .one(tx)
        .await?;
    if narrowed.is_some() { Err(Error::Stale) } else { Ok(false) }
}

/// True when the grant, which the transaction holds, is agreed to as it was when it was judged.
async fn is_agreed(tx: &DatabaseTransaction, rows: &Rows) -> Result<bool, Error> {
    let Some(judged) = &rows.agreement else { return Ok(true) };
    let found = grants::Entity::find_by_id(rows.grant_id).one(tx).await?;
    let Some(found) = found else { return Ok(false) };
    let scope = Scope::parse(&found.scope).map_err(Error::internal)?;
    Ok(read_agreement(found.agreement.as_deref(), &scope)? == *judged)
}

/// Writes the tokens, and spends the proof of possession that they are given for.
pub(super) async fn insert_tokens(tx: &DatabaseTransaction, rows: Rows) -> Result<(), Error> {
    if let Some(row) = rows.access_token {
        access_token::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    }
    if let Some(row) = rows.refresh_token {
        refresh_token::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    }
    if let Some(proof) = rows.proof {
        spend(tx, proof).await?;
    }
    Ok(())
}
