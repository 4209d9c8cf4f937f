//! Tokens that are exchanged for others (RFC 8693).

use oauth::client::Client;
use oauth::details::AuthorizationDetails;
use oauth::error::TokenError;
use oauth::grant::{ExchangeRequest, Grant, Provenance, TokenResponse, TokenType, Wanted, unknown_subject_token};
use oauth::id::{ClientId, GrantId};
use oauth::introspection::LiveToken;
use oauth::refusal::Reason;
use oauth::resource::ResourceIdentifier;
use oauth::secret::Secret;
use oauth::trust::{ID_JAG_LIFETIME, ID_JAG_TYPE, IdJagClaims, Login, TrustKind, unknown_audience};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;

use super::grounds::{Exchanged, Grounds};
use super::refresh::Caller;
use crate::catalog::RegisteredClient;
use crate::entity::{grants, session};
use crate::error::Error;
use crate::users::account_id;
use crate::{Idp, activity, random};

impl Idp {
    /// Answers a request to exchange a token. `None`: what the answer stands on changed meanwhile.
    pub(super) async fn exchange_token(
        &self,
        client: &RegisteredClient,
        request: &ExchangeRequest,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        match &request.wanted {
            Wanted::AccessToken { resources } => self.delegate(client, request, resources, caller).await,
            Wanted::IdJag { audience, resources } => {
                let response = self.assert_identity(client, request, audience, resources).await?;
                // An assertion is bound to nothing, and nothing of it is written.
                if let Some(key) = &caller.holder.key {
                    self.spend_possession(key).await?;
                }
                Ok(Some(response))
            }
        }
    }

    /// An access token for an access token: the client acts for the same person elsewhere, or narrows its own token.
    async fn delegate(
        &self,
        client: &RegisteredClient,
        request: &ExchangeRequest,
        asked: &[ResourceIdentifier],
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let Some((LiveToken::Access(token), _)) = self.find_live_token(&request.subject_token).await? else {
            return Err(unknown_subject_token());
        };
        activity::about_giver(&token.grant);
        let giver = self.find_client(&token.grant.client_id).await?;
        if !giver.is_some_and(|giver| giver.rules().allow_token(&token.cnf)) {
            return Err(unknown_subject_token());
        }
        let target = token.exchange_target(asked, &**self.resources().await?, client)?;
        let known = self.scopes_at(&target).await?;
        let exchanged = token.exchange(request.scope.as_ref(), &target, client, &known)?;
        let before = &token.grant;
        let is_own = before.client_id == client.client_id;
        if !is_own && before.subject.is_some() {
            self.check_same_sector(client, &before.client_id).await?;
        }
        let parent = token.parent_for(client);
        let grant = Grant {
            subject: before.subject.clone(),
            agreement: token.agreement_for(client, &exchanged.scope, &known),
            resources: target.ids(),
            auth_time: before.auth_time,
            acr: before.acr.clone(),
            amr: before.amr.clone(),
            provenance: Provenance { trust: None, parent: Some(parent), actor: exchanged.actor },
            ..Grant::of_client(self.new_grant_id(), client, exchanged.scope, &known)
        };
        let Some(chain) = self.find_chain(&grant).await? else { return Err(unknown_subject_token()) };
        // It lives no longer than what it was exchanged for, and comes without a refresh token.
        let issued =
            self.prepare_without_refresh(client, &grant, &target, caller)?.ending(token.expires_at, self.now());
        let grounds = Grounds {
            account: before.subject.as_ref().map(account_id).transpose()?,
            target: target.ids(),
            exchanged: Some(Exchanged { chain, from: (!is_own).then(|| before.resources.clone()) }),
            ..Grounds::of(self.asking(client).await?)
        };
        let given = self.give(client, grant, issued, grounds, unknown_subject_token).await?;
        Ok(given.map(|response| TokenResponse { exchanged: Some(TokenType::AccessToken), ..response }))
    }

    /// An identity assertion for an ID token.
    async fn assert_identity(
        &self,
        client: &RegisteredClient,
        request: &ExchangeRequest,
        audience: &str,
        resources: &[ResourceIdentifier],
    ) -> Result<TokenResponse, TokenError> {
        let trust = self.find_trust(TrustKind::AuthorizationServer, audience).await?.ok_or_else(unknown_audience)?;
        let login = self.find_login(&request.subject_token, client).await?.ok_or_else(unknown_subject_token)?;
        let user = self.find_user(&login.sub).await?.ok_or_else(unknown_subject_token)?;
        activity::about_user(&user.subject);
        if !self.is_login_good(client, &login).await? {
            return Err(unknown_subject_token());
        }
        let assertable = trust.assertable(client, &user, resources, request.scope.as_ref())?;
        let (now, jti) = (self.now(), random::token());
        let known = client.known_subject(&user.subject, self.pairwise());
        let claims = IdJagClaims::new(&assertable, &trust, &login, &user, self.issuer(), jti, now);
        let claims = IdJagClaims { sub: known.as_str(), ..claims };
        let claims = serde_json::to_vec(&claims).map_err(Error::internal)?;
        let alg = client.id_token_signed_response_alg;
        let signed = self.keyring().sign(alg, Some(ID_JAG_TYPE), &claims).map_err(Error::from)?;
        let (client_id, subject) = (&client.client_id, &user.subject);
        tracing::info!(%client_id, %subject, audience, "a client got an identity assertion");
        Ok(TokenResponse {
            access_token: Secret::new(signed),
            expires_in: ID_JAG_LIFETIME,
            scope: assertable.scope.clone(),
            details: AuthorizationDetails::default(),
            refresh_token: None,
            id_token: None,
            exchanged: Some(TokenType::IdJag),
            is_bound: false,
        })
    }

    /// The login that an ID token of ours speaks of, if the token was given to the client and has not expired.
    async fn find_login(&self, token: &Secret, client: &Client) -> Result<Option<Login>, Error> {
        let verified = self.keyring().verify(token.expose()).filter(|it| !it.imported && it.is_id_token());
        let claims = verified.map(|verified| Value::Object(verified.claims));
        let Some(Ok(login)) = claims.map(serde_json::from_value::<Login>) else { return Ok(None) };
        let is_good = login.iss == self.issuer().as_str() && login.aud == client.client_id.as_str();
        if !is_good || self.now() >= login.exp {
            return Ok(None);
        }
        // The names of a sector say nothing here, and other tokens have no `sid`: the grant that they name does.
        let Some((grant, _)) = login.jti.as_deref().and_then(|jti| jti.split_once('.')) else { return Ok(Some(login)) };
        let found = self.find_grant(&GrantId::new(grant)).await?;
        let found = found.filter(|grant| grant.client_id == client.client_id);
        Ok(found.and_then(|grant| Some(Login { sub: grant.subject?, sid: grant.sid, ..login })))
    }

    /// Makes sure that a client may learn whom a token of `giver` is about: if either knows people by pairwise subjects, both know
    /// them by the same.
    async fn check_same_sector(&self, client: &Client, giver: &ClientId) -> Result<(), TokenError> {
        let giver = self.find_client(giver).await?.ok_or_else(unknown_subject_token)?;
        if giver.sector() == client.sector() { Ok(()) } else { Err(TokenError::new(Reason::ExchangeSector)) }
    }

    /// True while what the ID token came with is good: a grant of the client for this person from that login, which was not
    /// revoked, and whose session lives unless it may outlive it.
    async fn is_login_good(&self, client: &Client, login: &Login) -> Result<bool, Error> {
        let Ok(account) = account_id(&login.sub) else { return Ok(false) };
        let now = self.now().0;
        let in_open_session = Query::select()
            .expr(Expr::val(1))
            .from(session::Entity)
            .and_where(Expr::col((session::Entity, session::Column::Sid)).equals((grants::Entity, grants::Column::Sid)))
            .and_where(Expr::col((session::Entity, session::Column::ExpiresAt)).gt(now))
            .to_owned();
        let of_session = match &login.sid {
            Some(sid) => grants::Column::Sid.eq(sid.as_str()),
            None => grants::Column::Sid.is_null(),
        };
        let goes_on = Condition::any()
            .add(grants::Column::Offline.eq(true))
            .add(grants::Column::Sid.is_null())
            .add(Expr::exists(in_open_session));
        let found = grants::Entity::find()
            .filter(grants::Column::ClientId.eq(client.client_id.as_str()))
            .filter(grants::Column::AccountId.eq(account))
            .filter(of_session)
            .filter(grants::Column::AuthTime.eq(login.auth_time.map(|at| at.0)))
            .filter(grants::Column::TrustId.is_null())
            .filter(grants::Column::ParentId.is_null())
            .filter(grants::Column::Scope.contains("openid"))
            .filter(grants::Column::RevokedAt.is_null())
            .filter(grants::Column::ExpiresAt.gt(now))
            .filter(goes_on)
            .select_only()
            .column(grants::Column::Id)
            .limit(1)
            .into_tuple::<uuid::Uuid>()
            .one(self.store.read())
            .await?;
        Ok(found.is_some())
    }
}
