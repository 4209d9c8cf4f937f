//! Refresh tokens, exchanged for the next ones.

use oauth::error::TokenError;
use oauth::grant::{Grant, RefreshRequest, RefreshToken, TokenResponse};
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::redeem::{Presented, Replay, unknown};
use super::row::read_grant;
use crate::Idp;
use crate::catalog::RegisteredClient;
use crate::entity::{grants, refresh_token};
use crate::error::Error;

/// Its name in descriptions of errors.
const NAME: &str = "refresh token";

impl Idp {
    pub(super) async fn refresh(
        &self,
        client: &RegisteredClient,
        request: &RefreshRequest,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let now = self.now();
        let token = self.find_refresh_token(&request.refresh_token).await?.ok_or_else(|| unknown(NAME))?;
        let verdict = token.judge(request, client, &self.scopes().await?, now);
        let claim = refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::ConsumedAt, Expr::value(now.0))
            .filter(refresh_token::Column::Digest.eq(request.refresh_token.digest().as_bytes().to_vec()))
            .filter(refresh_token::Column::ConsumedAt.is_null());
        // The access tokens of the generation before die with the claim.
        let grant = Grant { generation: token.grant.generation + 1, ..token.grant };
        self.redeem(client, Presented { grant, nonce: None, claim, name: NAME, replay: Replay::Revokes }, verdict).await
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
}
