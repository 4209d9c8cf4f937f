//! Tokens that are good now.

use std::sync::Arc;

use oauth::access_token::{AccessToken, AccessTokenClaims, Audience, Confirmation, JWT_TYPE};
use oauth::activity::Volume;
use oauth::client::GrantType;
use oauth::count::Count;
use oauth::details::{AuthorizationDetails, GrantedDetails};
use oauth::form::Form;
use oauth::grant::Grant;
use oauth::id::{ClientId, GrantId, Subject};
use oauth::introspection::LiveToken;
use oauth::logout::IdTokenHint;
use oauth::scope::Scope;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use oauth::user::User;
use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait as _};
use serde_json::Value;

use super::row::{grant_id, read_details, read_grant};
use crate::entity::grants;
use crate::error::Error;
use crate::keyring::Verified;
use crate::page::count;
use crate::users::account_id;
use crate::{Idp, activity};

/// True for rows of grants that were not revoked and have not expired.
pub(crate) fn is_live(now: Timestamp) -> SimpleExpr {
    grants::Column::RevokedAt.is_null().and(grants::Column::ExpiresAt.gt(now.0))
}

/// An access token as it was presented, with the objects that it holds; its own details are not found yet.
struct Presented {
    token: AccessToken,
    details: AuthorizationDetails,
    generation: i64,
}

impl Idp {
    /// The token, if it is one of ours, has not expired, was not revoked, and its client and its user, if it has one, are enabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_live_token(&self, token: &Secret) -> Result<Option<(LiveToken, Option<Arc<User>>)>, Error> {
        let found = match self.find_access_token(token).await? {
            Some(access) => Some(LiveToken::Access(access)),
            None => self
                .find_refresh_token(token)
                .await?
                .filter(|refresh| refresh.spent.is_none() && !refresh.grant.revoked && self.now() < refresh.expires_at)
                .map(LiveToken::Refresh),
        };
        let Some(found) = found else {
            return Ok(None);
        };
        if self.find_client(&found.grant().client_id).await?.is_none() {
            return Ok(None);
        }
        let Some(subject) = found.grant().subject.clone() else {
            return Ok(Some((found, None)));
        };
        Ok(self.find_user(&subject).await?.map(|user| (found, Some(user))))
    }

    /// The access token, opaque or JWT, if it is good now.
    pub(super) async fn find_access_token(&self, token: &Secret) -> Result<Option<AccessToken>, Error> {
        Ok(self.find_generation(token).await?.map(|(token, _)| token))
    }

    /// The access token, if it is good now, with its generation.
    pub(super) async fn find_generation(&self, token: &Secret) -> Result<Option<(AccessToken, i64)>, Error> {
        let found =
            if token.expose().contains('.') { self.find_jwt(token).await? } else { self.find_opaque(token).await? };
        let Some(Presented { mut token, details, generation }) = found else {
            return Ok(None);
        };
        // A resource that was deleted takes its tokens with it.
        let resources = self.resources().await?;
        let Some(target) = resources.of_token(&token.grant.resources, &token.audience, self.issuer()) else {
            return Ok(None);
        };
        if !self.is_founded(&token.grant).await? {
            return Ok(None);
        }
        // Who holds the token must not be told of scopes that are others by now.
        token.scope = token.grant.agreement.kept(&token.scope, &self.scopes_at(&target).await?);
        token.details = target.kept(&details, token.grant.agreement.details());
        let live = !token.grant.revoked && token.grant.generation <= generation && self.now() < token.expires_at;
        Ok(live.then_some((token, generation)))
    }

    async fn find_opaque(&self, token: &Secret) -> Result<Option<Presented>, Error> {
        let found = self.lookups.ask(token.digest().as_bytes().to_vec()).await??;
        let Some((row, grant)) = found else {
            return Ok(None);
        };
        let token = AccessToken {
            grant: read_grant(grant)?,
            scope: Scope::parse(&row.scope).map_err(Error::internal)?,
            details: GrantedDetails::default(),
            audience: match &row.audience {
                Some(places) => Audience::new(places.split(' ').map(str::to_owned)),
                None => Audience::new([self.issuer().to_string()]),
            },
            issued_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
            cnf: Confirmation::kept(row.jkt, row.x5t),
        };
        let details = read_details(row.details.as_deref())?;
        Ok(Some(Presented { token, details, generation: row.generation }))
    }

    async fn find_jwt(&self, token: &Secret) -> Result<Option<Presented>, Error> {
        // An imported key vouches for no access token: the server it comes from signed none, and kept it in a plain file.
        let of_ours = |verified: &Verified| !verified.imported && verified.typ.as_deref() == Some(JWT_TYPE);
        let Some(verified) = self.keyring().verify(token.expose()).filter(of_ours) else {
            return Ok(None);
        };
        let Ok(claims) = serde_json::from_value::<AccessTokenClaims>(Value::Object(verified.claims)) else {
            return Ok(None);
        };
        let Some((id, generation)) = claims.origin().filter(|_| claims.iss == self.issuer().as_str()) else {
            return Ok(None);
        };
        let Some(grant) = self.find_grant(&id).await? else {
            return Ok(None);
        };
        let token = AccessToken {
            grant,
            scope: claims.scope,
            details: GrantedDetails::default(),
            audience: claims.aud,
            issued_at: claims.iat,
            expires_at: claims.exp,
            cnf: claims.cnf.unwrap_or_default(),
        };
        Ok(Some(Presented { token, details: claims.authorization_details, generation }))
    }

    pub(super) async fn find_grant(&self, id: &GrantId) -> Result<Option<Grant>, Error> {
        let Ok(id) = grant_id(id) else {
            return Ok(None);
        };
        grants::Entity::find_by_id(id).one(self.store.read()).await?.map(read_grant).transpose()
    }

    /// Tells the activity whose code or refresh token a refused request presents: what refused it may have come before anybody looked
    /// there.
    pub async fn tell_giver(&self, form: &Form) {
        if self.activity_volume() == Volume::Changes || activity::is_about_user() {
            return;
        }
        let sent = |name: &str| form.find(name).ok().flatten();
        let grant_type = sent("grant_type").and_then(GrantType::find);
        let grant = match (grant_type, sent("code"), sent("refresh_token")) {
            (Some(GrantType::AuthorizationCode), Some(code), _) => {
                self.find_code(&Secret::new(code)).await.map(|found| found.map(|code| code.grant))
            }
            (Some(GrantType::RefreshToken), _, Some(token)) => {
                self.find_refresh_token(&Secret::new(token)).await.map(|found| found.map(|token| token.grant))
            }
            _ => return,
        };
        if let Ok(Some(grant)) = grant {
            activity::about_giver(&grant);
        }
    }

    /// The number of grants of a client that live.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_grants_of_client(&self, client_id: &ClientId) -> Result<Count, Error> {
        let held = grants::Column::ClientId.eq(client_id.as_str()).and(is_live(self.now()));
        count(self.store.read(), grants::Entity::find().filter(held).into_query()).await
    }

    /// The number of grants of a user that live.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_grants_of_user(&self, subject: &Subject) -> Result<Count, Error> {
        let held = grants::Column::AccountId.eq(account_id(subject)?).and(is_live(self.now()));
        count(self.store.read(), grants::Entity::find().filter(held).into_query()).await
    }

    /// The facts of an ID token of ours. Its signature is verified; it may have expired (RP-Initiated Logout §2).
    #[must_use]
    pub fn find_id_token(&self, compact: &str) -> Option<IdTokenHint> {
        let verified = self.keyring().verify(compact).filter(Verified::is_id_token)?;
        let text = |name: &str| verified.claims.get(name).and_then(Value::as_str).map(str::to_owned);
        (text("iss")? == self.issuer().as_str()).then_some(())?;
        Some(IdTokenHint { subject: Subject::new(text("sub")?), client_id: text("aud")?, sid: text("sid") })
    }
}
