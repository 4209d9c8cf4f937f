//! Revocation (RFC 7009 §2.1).

use oauth::client::Client;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::row::grant_id;
use crate::entity::{access_token, grants};
use crate::error::Error;
use crate::{Idp, activity};

impl Idp {
    /// Revokes a token of `client`; a token that is not known or not the client's is nobody's business and no error. A refresh
    /// token takes the whole grant with it. An opaque access token ends alone; a JWT ends with all access tokens of its
    /// grant that are as old or older.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_token(&self, client: &Client, token: &Secret) -> Result<(), Error> {
        if let Some((access, generation)) = self.find_generation(token).await? {
            if access.grant.client_id != client.client_id {
                return Ok(());
            }
            activity::about_giver(&access.grant);
            let (digest, id) = (token.digest(), grant_id(&access.grant.id)?);
            let opaque = !token.expose().contains('.');
            return self
                .store
                .write(move |tx| {
                    Box::pin(async move {
                        if opaque {
                            access_token::Entity::delete_by_id(digest.as_bytes().to_vec()).exec(tx).await?;
                            Ok(())
                        } else {
                            end_generation(tx, id, generation).await
                        }
                    })
                })
                .await;
        }
        match self.find_refresh_token(token).await? {
            Some(refresh) if refresh.grant.client_id == client.client_id => {
                // One that was revoked before is none that could be revoked once more.
                if !refresh.grant.revoked {
                    activity::about_giver(&refresh.grant);
                }
                self.revoke_family(&refresh.grant).await
            }
            _ => Ok(()),
        }
    }
}

/// Ends the access tokens up to a generation. Those of a refresh since live on.
async fn end_generation(tx: &DatabaseTransaction, id: uuid::Uuid, generation: i64) -> Result<(), Error> {
    grants::Entity::update_many()
        .col_expr(grants::Column::Generation, Expr::value(generation + 1))
        .filter(grants::Column::Id.eq(id))
        .filter(grants::Column::Generation.lte(generation))
        .exec(tx)
        .await?;
    Ok(())
}

/// Revokes the grants that `which` finds, with all their codes and tokens; returns how many.
pub(crate) async fn revoke_grants(
    tx: &DatabaseTransaction,
    which: sea_orm::sea_query::SimpleExpr,
    now: Timestamp,
) -> Result<u64, Error> {
    let revoked = grants::Entity::update_many()
        .col_expr(grants::Column::RevokedAt, Expr::value(now.0))
        .filter(which)
        .filter(grants::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(revoked.rows_affected)
}
