//! The secrets of a client: several at a time, so that one can replace another without a gap.

use oauth::client::{ClientAuthMethod, ClientSecret, SecretDraft};
use oauth::id::ClientId;
use oauth::secret::{Secret, SecretDigest};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait as _, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use super::read_client;
use crate::audit::{self, Actor, Change};
use crate::entity::{client, client_secret};
use crate::error::Error;
use crate::save::SaveError;
use crate::{Idp, jose, random};

/// A secret as administrators see it: never its value.
#[derive(Debug, Clone)]
pub struct SecretRow {
    pub id: String,
    pub name: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
    /// The way it came then.
    pub last_used_by: Option<ClientAuthMethod>,
}

/// A secret as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct KeptSecret {
    pub(crate) digest: SecretDigest,
    /// Itself, sealed, where it makes MACs.
    pub(crate) sealed: Option<String>,
}

/// The label of the key that secrets are sealed under.
const LABEL: &str = "client secrets";

/// A new secret for a client of this method.
pub(crate) fn draw(method: ClientAuthMethod) -> Secret {
    let makes_macs = method == ClientAuthMethod::ClientSecretJwt;
    let token = random::token();
    Secret::new(if makes_macs { format!("{token}{}", random::token()) } else { token })
}

/// The name of a secret that came with a change of its client.
const REPLACED: &str = "from the admin API";

impl Idp {
    /// The secret of a client of this method, as it is to be stored.
    pub(crate) fn kept_secret(&self, secret: &Secret, method: ClientAuthMethod) -> Result<KeptSecret, Error> {
        let sealed = match method {
            ClientAuthMethod::ClientSecretJwt => {
                let sealed = jose::seal_text(self.options.app_secret.derive(LABEL).as_slice(), secret.expose());
                Some(sealed.ok_or_else(|| Error::internal("a secret cannot be sealed"))?)
            }
            _ => None,
        };
        Ok(KeptSecret { digest: secret.digest(), sealed })
    }

    /// A secret as it was stored, for whoever judges proofs.
    pub(crate) fn stored_secret(
        &self,
        digest: &[u8],
        sealed: Option<&str>,
        expires_at: Option<i64>,
    ) -> Option<ClientSecret> {
        let unseal = |sealed| jose::unseal_text(self.options.app_secret.derive(LABEL).as_slice(), sealed);
        let key = sealed.and_then(unseal).map(|text| Secret::new(text.as_str()));
        let digest = SecretDigest::from_slice(digest)?;
        Some(ClientSecret { digest, key, expires_at: expires_at.map(Timestamp) })
    }

    /// Adds a secret and returns it, once, with its ID.
    ///
    /// # Errors
    /// See [`SaveError`]; a client that has become public is `Stale`.
    pub async fn add_client_secret(
        &self,
        actor: &Actor,
        client_id: &ClientId,
        draft: &SecretDraft,
    ) -> Result<(String, Secret), SaveError> {
        let (name, days) = draft.check()?;
        let expires_at = days.map(|days| self.now().plus(days * 86_400));
        // The client may become another one until it is locked: there is a secret for either.
        let (shown, maker) = (draw(ClientAuthMethod::default()), draw(ClientAuthMethod::ClientSecretJwt));
        let kept_shown = self.kept_secret(&shown, ClientAuthMethod::default())?;
        let kept_maker = self.kept_secret(&maker, ClientAuthMethod::ClientSecretJwt)?;
        let (actor, client_id, now) = (actor.clone(), client_id.clone(), self.now());
        let added = self.store.write(move |tx| {
            Box::pin(async move {
                // Locked: whoever replaces all secrets, or makes the client public, misses none.
                let found = client::Entity::find_by_id(client_id.as_str()).lock_exclusive().one(tx).await?;
                let row = found.ok_or(Error::NotFound)?;
                let method = read_client(&row)?.token_endpoint_auth_method;
                if !method.needs_secret() {
                    return Err(Error::Stale);
                }
                let makes_macs = method == ClientAuthMethod::ClientSecretJwt;
                let kept = if makes_macs { kept_maker } else { kept_shown };
                let id = insert(tx, &client_id, kept, &name, expires_at, now).await?;
                audit::append(tx, change(actor, "client.secret_add", &client_id, &name), now).await?;
                Ok((id, makes_macs))
            })
        });
        let (id, makes_macs): (Uuid, bool) = self.after_change(added.await)?;
        Ok((id.to_string(), if makes_macs { maker } else { shown }))
    }

    /// Takes a secret away: whoever uses it is refused from now on.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn revoke_client_secret(&self, actor: &Actor, client_id: &ClientId, id: &str) -> Result<(), Error> {
        let id = Uuid::parse_str(id).map_err(|_| Error::NotFound)?;
        let (actor, client_id, now) = (actor.clone(), client_id.clone(), self.now());
        let revoked = self.store.write(move |tx| {
            Box::pin(async move {
                let row = client_secret::Entity::find_by_id(id).one(tx).await?;
                let row = row.filter(|row| row.client_id == client_id.as_str()).ok_or(Error::NotFound)?;
                // The client first: what was asked for with this secret is written by now, or finds the stamp changed.
                raise_stamp(tx, &client_id).await?;
                if client_secret::Entity::delete_by_id(id).exec(tx).await?.rows_affected == 0 {
                    return Err(Error::NotFound);
                }
                audit::append(tx, change(actor, "client.secret_revoke", &client_id, &row.name), now).await
            })
        });
        self.after_change(revoked.await)
    }

    pub(super) async fn list_secrets(&self, client_id: &ClientId) -> Result<Vec<SecretRow>, Error> {
        let rows = client_secret::Entity::find()
            .filter(client_secret::Column::ClientId.eq(client_id.as_str()))
            .order_by_asc(client_secret::Column::CreatedAt)
            .order_by_asc(client_secret::Column::Id)
            .all(self.store.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| SecretRow {
                id: row.id.to_string(),
                name: row.name,
                created_at: Timestamp(row.created_at),
                expires_at: row.expires_at.map(Timestamp),
                last_used_at: row.last_used_at.map(Timestamp),
                last_used_by: row.last_used_by.as_deref().and_then(ClientAuthMethod::find),
            })
            .collect())
    }
}

/// The secrets of a client, as they are stored.
pub(super) async fn find_all(tx: &DatabaseTransaction, client_id: &str) -> Result<Vec<client_secret::Model>, Error> {
    Ok(client_secret::Entity::find().filter(client_secret::Column::ClientId.eq(client_id)).all(tx).await?)
}

/// Puts a secret in the place of all that the client has.
pub(super) async fn replace(
    tx: &DatabaseTransaction,
    actor: Actor,
    client_id: &ClientId,
    secret: KeptSecret,
    now: Timestamp,
) -> Result<(), Error> {
    delete_all(tx, client_id).await?;
    insert(tx, client_id, secret, REPLACED, None, now).await?;
    audit::append(tx, change(actor, "client.secret_replace", client_id, REPLACED), now).await
}

/// Takes all secrets away, of a client that needs none from now on.
pub(crate) async fn revoke_all(
    tx: &DatabaseTransaction,
    actor: Actor,
    client_id: &ClientId,
    now: Timestamp,
) -> Result<(), Error> {
    match delete_all(tx, client_id).await? {
        0 => Ok(()),
        _ => audit::append(tx, change(actor, "client.secret_revoke", client_id, "all of them"), now).await,
    }
}

async fn raise_stamp(tx: &DatabaseTransaction, client_id: &ClientId) -> Result<(), Error> {
    client::Entity::update_many()
        .col_expr(client::Column::Stamp, Expr::col(client::Column::Stamp).add(1))
        .filter(client::Column::ClientId.eq(client_id.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn delete_all(tx: &DatabaseTransaction, client_id: &ClientId) -> Result<u64, Error> {
    let all = client_secret::Entity::delete_many().filter(client_secret::Column::ClientId.eq(client_id.as_str()));
    Ok(all.exec(tx).await?.rows_affected)
}

/// Forgets what makes MACs, of a client that shows its secrets from now on.
pub(super) async fn unseal_all(tx: &DatabaseTransaction, client_id: &ClientId) -> Result<(), Error> {
    client_secret::Entity::update_many()
        .col_expr(client_secret::Column::Sealed, Expr::value(None::<String>))
        .filter(client_secret::Column::ClientId.eq(client_id.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn insert(
    tx: &DatabaseTransaction,
    client_id: &ClientId,
    secret: KeptSecret,
    name: &str,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Uuid, Error> {
    let id = random::ordered_uuid_v7(now);
    let row = client_secret::Model {
        id,
        client_id: client_id.to_string(),
        digest: secret.digest.as_bytes().to_vec(),
        name: name.to_owned(),
        created_at: now.0,
        expires_at: expires_at.map(|at| at.0),
        last_used_at: None,
        last_used_by: None,
        sealed: secret.sealed,
    };
    client_secret::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(id)
}

fn change(actor: Actor, action: &'static str, client_id: &ClientId, name: &str) -> Change {
    Change { actor, action, target: client_id.to_string(), before: None, after: Some(json!({ "secret_name": name })) }
}
