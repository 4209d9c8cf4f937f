//! The rows of what is in the bin.

use oauth::scope::ScopeDefinition;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::BinKind;
use crate::audit;
use crate::clients::read_client;
use crate::entity::{account, account_link, bin_consent, client, client_secret, consent, scope, trust};
use crate::error::{Error, taken};
use crate::users::subject_of;
use crate::{clients, random, scopes, users};

/// The rows, as they were. A column that comes later needs a default here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Contents {
    Client { client: client::Model, secrets: Vec<client_secret::Model> },
    User { account: account::Model, links: Vec<account_link::Model> },
    Scope { scope: scope::Model },
}

impl Contents {
    pub(super) fn read(document: &str) -> Result<Self, Error> {
        serde_json::from_str(document).map_err(Error::internal)
    }

    /// Kind, ID and name.
    pub(super) fn called(&self) -> (BinKind, String, String) {
        match self {
            Self::Client { client, .. } => (BinKind::Client, client.client_id.clone(), client.client_name.clone()),
            Self::User { account, .. } => (BinKind::User, subject_of(account.id).to_string(), account.username.clone()),
            Self::Scope { scope } => (BinKind::Scope, scope.name.clone(), scope.name.clone()),
        }
    }

    /// Writes the rows again; what the record of changes says of them, and their version: forms that were opened before are stale.
    ///
    /// # Errors
    /// `Taken` when another one has its name by now.
    pub(super) async fn write(self, tx: &DatabaseTransaction) -> Result<(Value, i64), Error> {
        match self {
            Self::Client { client, secrets } => {
                let version = next(tx, "client", &client.client_id, client.version).await?;
                let row = client::Model { version, stamp: random::stamp(), ..client };
                let said = (json!(read_client(&row)?), row.version);
                clients::row::insert_again(tx, row).await?;
                for secret in secrets {
                    client_secret::Entity::insert(secret.into_active_model()).exec_without_returning(tx).await?;
                }
                Ok(said)
            }
            Self::User { account, links } => {
                let version = next(tx, "user", subject_of(account.id).as_str(), account.version).await?;
                let row = account::Model { version, ..account };
                let said = users::insert_again(tx, row).await?;
                for link in links {
                    // The trust may be gone.
                    if trust::Entity::find_by_id(link.trust_id).one(tx).await?.is_some() {
                        restore_link(tx, link).await?;
                    }
                }
                Ok((said, version))
            }
            Self::Scope { scope } => {
                let version = next(tx, "scope", &scope.name, scope.version).await?;
                let row = scope::Model { version, ..scope };
                let said: (ScopeDefinition, i64) = (scopes::read_scope(&row)?, row.version);
                scope::Entity::insert(row.into_active_model())
                    .exec_without_returning(tx)
                    .await
                    .map_err(|error| taken(error, "name"))?;
                Ok((json!(said.0), said.1))
            }
        }
    }
}

/// The version of what is restored: behind its own, and behind that of whatever had its name meanwhile.
async fn next(tx: &DatabaseTransaction, kind: &str, target: &str, version: i64) -> Result<i64, Error> {
    let last = audit::first_version(tx, kind, target).await?;
    Ok(Ord::max(last, version + 1))
}

/// Unless the person there was linked to another account meanwhile.
async fn restore_link(tx: &DatabaseTransaction, link: account_link::Model) -> Result<(), Error> {
    use sea_orm::QueryFilter as _;
    let same = account_link::Column::Digest.eq(link.digest.clone());
    if account_link::Entity::find().filter(same).one(tx).await?.is_none() {
        account_link::Entity::insert(link.into_active_model()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Keeps the consents of a client or a user.
pub(super) async fn keep_consents(tx: &DatabaseTransaction, id: Uuid, contents: &Contents) -> Result<(), Error> {
    use consent::Column as C;
    let which = match contents {
        Contents::Client { client, .. } => C::ClientId.eq(client.client_id.as_str()),
        Contents::User { account, .. } => C::AccountId.eq(account.id),
        Contents::Scope { .. } => return Ok(()),
    };
    let kept = Query::select()
        .expr(Expr::value(id))
        .columns([C::AccountId, C::ClientId, C::Scope, C::GrantedAt, C::Agreement])
        .from(consent::Entity)
        .and_where(which)
        .take();
    use bin_consent::Column as B;
    let insert = Query::insert()
        .into_table(bin_consent::Entity)
        .columns([B::BinId, B::AccountId, B::ClientId, B::Scope, B::GrantedAt, B::Agreement])
        .select_from(kept)
        .map_err(Error::internal)?
        .take();
    tx.execute(&insert).await?;
    Ok(())
}

/// Writes the consents again whose user and client are both there.
pub(super) async fn restore_consents(tx: &DatabaseTransaction, id: Uuid) -> Result<(), Error> {
    use bin_consent::Column as B;
    use consent::Column as C;
    let account = Query::select().column(account::Column::Id).from(account::Entity).take();
    // One that came later is another one, whatever it is called.
    let client = Query::select()
        .expr(Expr::val(1))
        .from(client::Entity)
        .and_where(Expr::col((client::Entity, client::Column::ClientId)).equals((bin_consent::Entity, B::ClientId)))
        .and_where(
            Expr::col((client::Entity, client::Column::CreatedAt)).lte(Expr::col((bin_consent::Entity, B::GrantedAt))),
        )
        .take();
    let kept = Query::select()
        .columns([B::AccountId, B::ClientId, B::Scope, B::GrantedAt, B::Agreement])
        .from(bin_consent::Entity)
        .and_where(B::BinId.eq(id))
        .and_where(B::AccountId.in_subquery(account))
        .and_where(Expr::exists(client))
        .take();
    let insert = Query::insert()
        .into_table(consent::Entity)
        .columns([C::AccountId, C::ClientId, C::Scope, C::GrantedAt, C::Agreement])
        .select_from(kept)
        .map_err(Error::internal)?
        .take();
    tx.execute(&insert).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_the_bin_is_read_for_as_long_as_it_lies_there() {
        let client = r#"{"client":{"client":{"client_id":"a","client_name":"A","kind":"web","enabled":true,"document":"{}","version":3,
            "created_at":1,"updated_at":2,"last_used_at":null,"stamp":4},"secrets":[{"id":"019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11",
            "client_id":"a","digest":[1,2],"name":"initial","created_at":1,"expires_at":null,"last_used_at":5,
            "last_used_by":"client_secret_basic"}]}}"#;
        let user = r#"{"user":{"account":{"id":"019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11","username":"a","username_key":"a","email":null,
            "email_key":null,"password_hash":"x","claims":"{}","enabled":true,"version":1,"created_at":1,"updated_at":1,
            "last_sign_in_at":null},"links":[{"id":"019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11","trust_id":"019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a12",
            "account_id":"019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11","digest":[1],"subject":"s","created_at":1}]}}"#;
        let scope = r#"{"scope":{"scope":{"name":"news","description":"News","claims":"[]","created_at":1,"updated_at":1,
            "identity":"x","claims_before":null,"version":2}}}"#;
        for (document, name) in [(client, "A"), (user, "a"), (scope, "news")] {
            assert_eq!(Contents::read(document).unwrap().called().2, name);
        }
    }
}
