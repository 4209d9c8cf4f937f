//! Clients that register themselves (RFC 7591), and what becomes of them.
//!
//! A registration waits, in a table of its own, until somebody allows the client something: then, in the transaction that writes
//! the first code, it gets a row like any other client, and is settled. Whoever only registers leaves nothing among the clients.
//! Those that wait are bounded in number and time; one that is settled goes when nobody has held anything of it for a month.

mod manage;
mod policy;
mod settle;
#[cfg(test)]
mod tests;

use oauth::bearer::BearerError;
use oauth::client::Client;
use oauth::error::TokenError;
use oauth::id::ClientId;
use oauth::refusal::Reason;
use oauth::registration::{Registration, RegistrationAccess};
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect as _};

pub use policy::{InitialToken, RegistrationRules};
pub(crate) use settle::{settle, sweep};

use crate::catalog::RegisteredClient;
use crate::client_defaults;
use crate::clients::{row, secrets};
use crate::documents::UNWRITTEN;
use crate::entity::{client, client_registration};
use crate::error::Error;
use crate::{Idp, random};

/// Registrations that wait for somebody to use them. The oldest make room.
const MOST_WAITING: u64 = 10_000;

/// Seconds that a registration waits.
const WAIT: i64 = 86_400;

/// Seconds before the end of a wait within which a copy of the program that registers begins another.
const RENEWED: i64 = WAIT - 3_600;

/// The number of times that a registration is tried whose grounds change meanwhile.
const TRIES: u32 = 3;

/// A client as it is registered now.
#[derive(Debug)]
pub struct Registered {
    pub client: Client,
    pub issued_at: Timestamp,
    /// The secret, at the moment in which it is given.
    pub secret: Option<Secret>,
    /// The registration access token of a client that can prove who it is.
    pub access_token: Option<Secret>,
}

/// Reason why a client is not registered.
#[derive(Debug)]
pub enum RegisterError {
    /// Nobody may register here.
    Off,
    Bearer(BearerError),
    Refused(TokenError),
}

impl From<Error> for RegisterError {
    fn from(error: Error) -> Self {
        Self::Refused(error.into())
    }
}

impl From<TokenError> for RegisterError {
    fn from(error: TokenError) -> Self {
        Self::Refused(error)
    }
}

impl From<BearerError> for RegisterError {
    fn from(error: BearerError) -> Self {
        Self::Bearer(error)
    }
}

/// An outcome of a try.
enum Tried {
    Done {
        issued_at: Timestamp,
    },
    Changed,
    /// An administrator disabled the client that these metadata have.
    Blocked,
}

impl Idp {
    /// Makes sure that a registration may be looked at. `presented` is the initial access token of the request.
    ///
    /// # Errors
    /// [`RegisterError`], by the policy.
    pub async fn admit_registration(
        &self,
        presented: Result<Secret, BearerError>,
    ) -> Result<std::sync::Arc<RegistrationRules>, RegisterError> {
        let rules = self.registration_rules().await?;
        match rules.policy.mode.access(self.has_resources().await?) {
            RegistrationAccess::Nobody => Err(RegisterError::Off),
            RegistrationAccess::Anybody => Ok(rules),
            RegistrationAccess::WithToken => {
                let presented = presented?;
                let known = rules.tokens.iter().any(|token| token.is(&presented));
                if known { Ok(rules) } else { Err(BearerError::InvalidToken.into()) }
            }
        }
    }

    /// Registers a client, by rules that admitted it.
    ///
    /// # Errors
    /// [`RegisterError`]; the rules may be others by now.
    pub async fn register(
        &self,
        admitted: &RegistrationRules,
        registration: &Registration,
    ) -> Result<Registered, RegisterError> {
        let known = self.scopes().await?;
        let client = registration.to_client(&known, &random::client_id(), self.seal());
        registration.check_profile(&client, None, self.legacy_response_types(), self.certificates())?;
        let access = admitted.policy.mode.access(self.has_resources().await?);
        registration.check_vouched(access == RegistrationAccess::WithToken)?;
        self.check_registered_sector(&client, None).await?;
        let method = client.token_endpoint_auth_method;
        let secret = method.needs_secret().then(|| secrets::draw(method));
        let kept = secret.as_ref().map(|secret| self.kept_secret(secret, method)).transpose()?;
        let access_token = (!client.is_public()).then(|| Secret::new(random::token()));
        let now = self.now();
        let digest = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.digest().as_bytes().to_vec());
        let row = client_registration::Model {
            client_id: client.client_id.to_string(),
            settled: None,
            document: row::document(&client)?,
            secret_digest: digest(&secret),
            sealed: kept.and_then(|kept| kept.sealed),
            token_digest: digest(&access_token),
            created_at: now.0,
            expires_at: now.plus(WAIT).0,
        };
        for _ in 0..TRIES {
            let (rules, row) = (admitted.text.clone(), row.clone());
            let tried = self.store.write(move |tx| Box::pin(insert(tx, rules, row, now)));
            match tried.await {
                Ok(Tried::Done { issued_at }) => return Ok(Registered { client, issued_at, secret, access_token }),
                Ok(Tried::Blocked) => {
                    let why = "a client that says so of itself was blocked by an administrator";
                    return Err(TokenError::because(Reason::RegistrationMetadata, why).into());
                }
                Ok(Tried::Changed) => {
                    self.catalog.registration.forget(&());
                    return Err(TokenError::new(Reason::RegistrationChanging).into());
                }
                // Another copy of the program was faster.
                Err(Error::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Unavailable.into())
    }

    /// Makes sure that the list of the client's sector has its redirect URIs.
    async fn check_registered_sector(&self, client: &Client, before: Option<&Client>) -> Result<(), TokenError> {
        self.check_sector(client, before).await.map_err(|problem| {
            TokenError::because(Reason::RegistrationMetadata, format!("sector_identifier_uri: {problem}"))
        })
    }

    /// A client that registered and has no row yet.
    pub(crate) async fn find_waiting(
        &self,
        client_id: &ClientId,
    ) -> Result<Option<std::sync::Arc<RegisteredClient>>, Error> {
        let waiting = client_registration::Entity::find_by_id(client_id.as_str())
            .filter(client_registration::Column::Settled.is_null())
            .filter(client_registration::Column::ExpiresAt.gt(self.now().0));
        let Some(row) = waiting.one(self.store.read()).await? else { return Ok(None) };
        let secret = row.secret_digest.as_deref();
        let secret = secret.and_then(|digest| self.stored_secret(digest, row.sealed.as_deref(), None));
        let secrets = secret.into_iter().collect();
        let defaults = client_defaults::find(self.store.read()).await?.policy;
        let client = std::sync::Arc::new(Client { defaults, ..read_document(&row)? });
        Ok(Some(std::sync::Arc::new(RegisteredClient::new(client, secrets, UNWRITTEN))))
    }
}

fn read_document(row: &client_registration::Model) -> Result<Client, Error> {
    Client::from_document(&row.document).map_err(Error::internal)
}

/// Writes a registration, or renews that of the same public client, if the rules are still those that admitted it.
async fn insert(
    tx: &DatabaseTransaction,
    rules: String,
    row: client_registration::Model,
    now: Timestamp,
) -> Result<Tried, Error> {
    if !policy::hold(tx, &rules).await? {
        return Ok(Tried::Changed);
    }
    let before = client_registration::Entity::find_by_id(row.client_id.as_str()).lock_exclusive().one(tx).await?;
    let Some(before) = before else {
        client_registration::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
        // One in sixty-four looks at the others, so that none of them waits for that.
        if random::bytes::<1>()[0] < 4 {
            settle::make_room(tx, MOST_WAITING).await?;
        }
        return Ok(Tried::Done { issued_at: now });
    };
    if let Some(settled) = &before.settled {
        let is_enabled = client::Entity::find_by_id(settled.as_str()).filter(client::Column::Enabled.eq(true)).one(tx);
        if is_enabled.await?.is_none() {
            return Ok(Tried::Blocked);
        }
    }
    if before.expires_at < now.plus(RENEWED).0 {
        client_registration::Entity::update_many()
            .col_expr(client_registration::Column::ExpiresAt, Expr::value(now.plus(WAIT).0))
            .filter(client_registration::Column::ClientId.eq(row.client_id.as_str()))
            .exec(tx)
            .await?;
    }
    Ok(Tried::Done { issued_at: Timestamp(before.created_at) })
}
