//! Creating, changing and deleting clients.

use oauth::client::{
    Client, ClientAuthMethod, ClientDraft, ClientOrigin, PolicyDraft, SecurityProfile, check_client_secret,
    check_new_client_id,
};
use oauth::field::FieldProblem;
use oauth::id::ClientId;
use oauth::response_type::ResponseType;
use oauth::scope::{Scope, ScopeToken, is_known};
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::{DatabaseTransaction, EntityTrait, QuerySelect};
use serde_json::json;

use super::{ClientRecord, read_client, row, secrets};
use crate::audit::{self, Actor, Change};
use crate::entity::client;
use crate::error::Error;
use crate::recycle::{self, Contents};
use crate::save::SaveError;
use crate::{Idp, random, resources, scopes, trusts};

/// A change of a client. Members that are not there stay as they are.
#[derive(Debug, Clone, Default)]
pub struct ClientChange {
    /// Everything but the policy. Its `client_id` is not looked at.
    pub client: Option<ClientDraft>,
    pub policy: Option<PolicyDraft>,
    /// Takes the place of all secrets that the client has. A client that becomes public loses them anyway.
    pub secret: Option<Secret>,
    pub unknown_scopes: UnknownScopes,
}

/// The treatment of a scope that a client is to get and that this server does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownScopes {
    /// It is a mistake: a form only offers scopes that are there.
    #[default]
    Refuse,
    /// It is created with the client: scripts name scopes before somebody describes them.
    Create,
}

/// The longest development mode, in seconds.
pub const DEVELOPMENT_TIME: i64 = 86_400;

impl Idp {
    /// Registers a client. An empty `client_id` is filled in. A client that needs a secret gets `chosen_secret`, or one made
    /// here, which is returned: it is never shown again.
    ///
    /// # Errors
    /// See [`SaveError`]; a `client_id` that exists is the problem `Taken` of that field.
    pub async fn create_client(
        &self,
        actor: &Actor,
        draft: &ClientDraft,
        policy: Option<&PolicyDraft>,
        chosen_secret: Option<&str>,
        unknown_scopes: UnknownScopes,
    ) -> Result<(Client, Option<Secret>), SaveError> {
        let mut draft = draft.clone();
        if draft.client_id.trim().is_empty() {
            draft.client_id = random::client_id();
        } else {
            check_new_client_id(&draft.client_id).map_err(|problem| SaveError::field("client_id", problem))?;
        }
        let client = draft.check(policy.map(PolicyDraft::check).transpose()?)?;
        self.check_legacy(&client, None)?;
        self.check_certificates(&client, None)?;
        self.check_details_types(&client, None).await?;
        self.check_development(&client, None)?;
        if let Some(outside) = client.unusable_default_scope() {
            return Err(SaveError::field("default_scopes", FieldProblem::ScopeOutside(outside.to_string())));
        }
        let new_scopes = self.new_scopes(&client, None, unknown_scopes).await?;
        self.check_sector_field(&client, None).await?;
        let method = client.token_endpoint_auth_method;
        let needs_secret = method.needs_secret();
        let secret = match chosen_secret.filter(|_| needs_secret) {
            Some(chosen) => {
                check_client_secret(chosen, method).map_err(|problem| SaveError::field("client_secret", problem))?;
                Some(Secret::new(chosen))
            }
            None => needs_secret.then(|| secrets::draw(method)),
        };
        self.insert_client(actor.clone(), client.clone(), new_scopes, secret.clone(), self.now()).await?;
        Ok((client, secret))
    }

    pub(crate) async fn insert_client(
        &self,
        actor: Actor,
        client: Client,
        new_scopes: Vec<ScopeToken>,
        secret: Option<Secret>,
        created_at: Timestamp,
    ) -> Result<(), SaveError> {
        let now = self.now();
        let method = client.token_endpoint_auth_method;
        let secret = secret.map(|secret| self.kept_secret(&secret, method)).transpose()?;
        let change = Change {
            actor: actor.clone(),
            action: "client.create",
            target: client.client_id.to_string(),
            before: None,
            after: Some(json!(client)),
        };
        let inserted = self.store.write(move |tx| {
            Box::pin(async move {
                let version = row::insert(tx, &client, created_at, now).await?;
                scopes::create_undescribed(tx, &actor, new_scopes, now).await?;
                if let Some(secret) = secret {
                    secrets::insert(tx, &client.client_id, secret, "initial", None, now).await?;
                }
                audit::append_version(tx, change, version, now).await
            })
        });
        match inserted.await {
            Err(Error::Conflict) => Err(SaveError::field("client_id", FieldProblem::Taken)),
            other => Ok(self.after_change(other)?),
        }
    }

    /// Changes a client. `version` is the one the change was made from; `None` changes whatever is there.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn update_client(
        &self,
        actor: &Actor,
        client_id: &ClientId,
        version: Option<i64>,
        change: &ClientChange,
    ) -> Result<(), SaveError> {
        let current = self.get_client(client_id).await?;
        let policy = match &change.policy {
            Some(draft) => draft.check()?,
            None => current.client.policy.clone(),
        };
        let client = match &change.client {
            Some(draft) => {
                let draft = ClientDraft { client_id: client_id.to_string(), ..draft.clone() };
                keep_described(&current.client, draft.check(Some(policy))?)
            }
            None => Client { policy, ..current.client.clone() },
        };
        if version.is_some_and(|version| version != current.version) {
            return Err(SaveError::Stale);
        }
        check_default_scopes(&client, &current.client)?;
        self.check_legacy(&client, Some(&current.client))?;
        self.check_certificates(&client, Some(&current.client))?;
        self.check_details_types(&client, Some(&current.client)).await?;
        self.check_development(&client, Some(&current.client))?;
        let method = client.token_endpoint_auth_method;
        let needs_secret = method.needs_secret();
        let secret = change.secret.clone().filter(|_| needs_secret);
        if let Some(secret) = &secret {
            check_client_secret(secret.expose(), method)
                .map_err(|problem| SaveError::field("client_secret", problem))?;
        }
        let new_scopes = self.new_scopes(&client, Some(&current.client), change.unknown_scopes).await?;
        self.check_sector_field(&client, Some(&current.client)).await?;
        self.replace_client(actor.clone(), current, client, new_scopes, secret).await
    }

    /// Old response types are for the operator to allow. A client that has some from before may be changed otherwise.
    fn check_legacy(&self, client: &Client, before: Option<&Client>) -> Result<(), SaveError> {
        let is_legacy = |client: &Client| client.profile() == SecurityProfile::Legacy;
        let is_new = |kind: &&ResponseType| before.is_none_or(|before| !before.response_types().contains(kind));
        if self.legacy_response_types() {
            Ok(())
        } else if is_legacy(client) && !before.is_some_and(is_legacy) {
            Err(SaveError::field("security_profile", FieldProblem::LegacyOff))
        } else if client.response_types().iter().filter(is_new).any(|kind| kind.has_tokens()) {
            Err(SaveError::field("response_types", FieldProblem::LegacyOff))
        } else {
            Ok(())
        }
    }

    /// Certificates are of no use where the operator's proxy hands on none. A client that needs one from before may be changed otherwise.
    fn check_certificates(&self, client: &Client, before: Option<&Client>) -> Result<(), SaveError> {
        self.certificates().check(client, before).map_err(|(field, problem)| SaveError::field(field, problem))
    }

    /// A type of authorization details is one of a resource. One that the client had before may be gone since.
    async fn check_details_types(&self, client: &Client, before: Option<&Client>) -> Result<(), SaveError> {
        let is_new = |name: &&String| before.is_none_or(|before| !before.may_ask_for_details(name));
        let mut new = client.authorization_details_types.iter().filter(is_new).peekable();
        if new.peek().is_none() {
            return Ok(());
        }
        let known = self.known_details_types().await?;
        match new.find(|name| !known.contains(*name)) {
            Some(name) => {
                Err(SaveError::field("authorization_details_types", FieldProblem::DetailsTypeUnknown(name.clone())))
            }
            None => Ok(()),
        }
    }

    async fn check_sector_field(&self, client: &Client, before: Option<&Client>) -> Result<(), SaveError> {
        let checked = self.check_sector(client, before).await;
        checked.map_err(|problem| SaveError::field("sector_identifier_uri", problem))
    }

    /// Development mode ends within a day of when it was asked for.
    fn check_development(&self, client: &Client, before: Option<&Client>) -> Result<(), SaveError> {
        let latest = self.now().plus(DEVELOPMENT_TIME);
        let is_new = before.is_none_or(|before| before.development_until != client.development_until);
        match client.development_until {
            Some(until) if is_new && until > latest => {
                Err(SaveError::field("development_until", FieldProblem::Range(0, latest.0)))
            }
            _ => Ok(()),
        }
    }

    /// Writes the client if nobody changed it since `before` was read.
    async fn replace_client(
        &self,
        actor: Actor,
        before: ClientRecord,
        after: Client,
        new_scopes: Vec<ScopeToken>,
        secret: Option<Secret>,
    ) -> Result<(), SaveError> {
        let (now, read) = (self.now(), before.version);
        let makes_macs = |client: &Client| client.token_endpoint_auth_method == ClientAuthMethod::ClientSecretJwt;
        let (made_macs, makes_macs) = (makes_macs(&before.client), makes_macs(&after));
        let secret = secret.map(|secret| self.kept_secret(&secret, after.token_endpoint_auth_method)).transpose()?;
        let change = Change {
            actor: actor.clone(),
            action: "client.update",
            target: after.client_id.to_string(),
            before: Some(json!(before.client)),
            after: Some(json!(after)),
        };
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                if !row::replace(tx, &before.client, &after, read, now).await? {
                    return Err(Error::Conflict);
                }
                scopes::create_undescribed(tx, &actor, new_scopes, now).await?;
                audit::append_version(tx, change, read + 1, now).await?;
                match secret {
                    Some(secret) => secrets::replace(tx, actor, &after.client_id, secret, now).await,
                    // Of the secrets that it has there are only digests: it gets another one under its credentials.
                    None if !after.token_endpoint_auth_method.needs_secret() || (makes_macs && !made_macs) => {
                        secrets::revoke_all(tx, actor, &after.client_id, now).await
                    }
                    None if made_macs && !makes_macs => secrets::unseal_all(tx, &after.client_id).await,
                    None => Ok(()),
                }
            })
        });
        match written.await {
            Err(Error::Conflict) => Err(SaveError::Stale),
            other => Ok(self.after_change(other)?),
        }
    }

    /// Deletes a client with its grants and tokens. It lies in the bin with its secrets and consents, if an administrator made it.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn delete_client(&self, actor: &Actor, client_id: &ClientId) -> Result<(), Error> {
        self.remove_client(actor, client_id, None).await
    }

    /// Deletes a client that is as somebody saw it.
    ///
    /// # Errors
    /// `Stale` when it was changed since that version; as of [`Idp::delete_client`].
    pub async fn delete_client_at(&self, actor: &Actor, client_id: &ClientId, version: i64) -> Result<(), Error> {
        self.remove_client(actor, client_id, Some(version)).await
    }

    async fn remove_client(&self, actor: &Actor, client_id: &ClientId, version: Option<i64>) -> Result<(), Error> {
        let (actor, client_id, now) = (actor.clone(), client_id.to_string(), self.now());
        let is_kept = self.bin_retention() > 0;
        let deleted = self.store.write(move |tx| Box::pin(delete(tx, actor, client_id, version, is_kept, now))).await;
        self.after_change(deleted)
    }

    /// The scopes that a client gets and that this server does not know yet. One that it had `before`, and that was deleted
    /// since, is not among them: who renames a client need not tidy up, and brings nothing back. A form may keep such a scope
    /// in the field where it is, and not add it to another.
    pub(crate) async fn new_scopes(
        &self,
        client: &Client,
        before: Option<&Client>,
        unknown_scopes: UnknownScopes,
    ) -> Result<Vec<ScopeToken>, SaveError> {
        let known = self.scopes().await?;
        let had = before.map(scopes_by_field).unwrap_or_default();
        let had_somewhere = |token: &ScopeToken| had.iter().any(|(_, scope)| scope.contains(token.as_str()));
        let mut new = Vec::new();
        for ((field, scope), (_, had)) in scopes_by_field(client).into_iter().zip(&had) {
            for token in scope.iter().filter(|token| !is_known(token, &known) && !had.contains(token.as_str())) {
                if unknown_scopes == UnknownScopes::Refuse {
                    return Err(SaveError::field(field, FieldProblem::ScopeUnknown(token.to_string())));
                }
                if !had_somewhere(token) && !new.contains(token) {
                    new.push(token.clone());
                }
            }
        }
        Ok(new)
    }
}

/// The client after an edit. What its document says is not for anybody here to say otherwise.
fn keep_described(before: &Client, after: Client) -> Client {
    if before.origin != ClientOrigin::MetadataDocument {
        return Client { origin: before.origin, ..after };
    }
    Client {
        enabled: after.enabled,
        allowed_origins: after.allowed_origins,
        scope: after.scope,
        development_until: after.development_until,
        id_token_signed_response_alg: after.id_token_signed_response_alg,
        policy: after.policy,
        ..before.clone()
    }
}

/// Refuses a change after which a default scope could not be had; the field is the one that was changed. A client that was so
/// before may be changed otherwise.
fn check_default_scopes(after: &Client, before: &Client) -> Result<(), SaveError> {
    let Some(outside) = after.unusable_default_scope() else {
        return Ok(());
    };
    let outside = outside.to_string();
    if after.policy != before.policy {
        Err(SaveError::field("default_scopes", FieldProblem::ScopeOutside(outside)))
    } else if before.unusable_default_scope().is_none() {
        Err(SaveError::field("scope", FieldProblem::ScopeOfDefault(outside)))
    } else {
        Ok(())
    }
}

/// The scopes that a client names, by the field where it names them.
fn scopes_by_field(client: &Client) -> [(&'static str, Scope); 3] {
    let policy = &client.policy;
    [
        ("scope", client.scope.clone()),
        ("allowed_scopes", policy.allowed_scopes.clone().unwrap_or_default()),
        ("default_scopes", policy.default_scopes.clone().unwrap_or_default()),
    ]
}

async fn delete(
    tx: &DatabaseTransaction,
    actor: Actor,
    client_id: String,
    version: Option<i64>,
    is_kept: bool,
    now: Timestamp,
) -> Result<(), Error> {
    let found = client::Entity::find_by_id(client_id.as_str()).lock_exclusive().one(tx).await?;
    let row = found.ok_or(Error::NotFound)?;
    // Behind the lock: whoever names the client in a trust holds it, and is here by now or finds no client.
    trusts::forget_client(tx, &actor, &client_id, now).await?;
    if version.is_some_and(|version| version != row.version) {
        return Err(Error::Stale);
    }
    let before = read_client(&row)?;
    resources::forget_client(tx, &actor, &client_id, now).await?;
    // One that came by itself comes again.
    if is_kept && !before.origin.is_dynamic() {
        let secrets = secrets::find_all(tx, &client_id).await?;
        recycle::put(tx, &actor, &Contents::Client { client: row, secrets }, now).await?;
    }
    client::Entity::delete_by_id(client_id.as_str()).exec(tx).await?;
    let change = Change { actor, action: "client.delete", target: client_id, before: Some(json!(before)), after: None };
    audit::append(tx, change, now).await
}
