//! Taking over what another server knows. What exists here stays as it is, and what was deleted here stays so (`memory.rs`): an
//! import can be run again.

mod clients;
mod keys;
mod memory;
mod report;
mod scopes;
mod seed;
mod tokens;
mod users;

use std::collections::{BTreeSet, HashMap, HashSet};

use oauth::client::Client;
use oauth::consent::Agreement;
use oauth::id::{ClientId, Subject};
use oauth::scope::Scope;
use oauth::time::Timestamp;

pub(crate) use memory::forget;
use memory::{Known, Memory};
pub use report::{ImportReport, Kind, Outcome};
use seed::Row;
pub use seed::{Seed, SeedError};

use crate::error::Error;
use crate::users::{numbered_account_id, subject_of};
use crate::{Idp, consents, password};

/// Reason of a refusal while somebody else works on.
const DELETED: &str = "its user or its client was deleted here while it was imported";

/// Reason of a refusal of a row that PostgreSQL could not keep. It is refused everywhere, so that no database takes more than another.
const NUL: &str = "a value of it holds a NUL character";

/// An import under way.
struct Import<'a> {
    idp: &'a Idp,
    seed: &'a Seed,
    /// Nothing is written.
    dry_run: bool,
    report: ImportReport,
    memory: Memory,
    /// The names of the scopes that are here, or would be.
    scopes: BTreeSet<String>,
    /// The keys of names and addresses that would have come in this time, in a dry run.
    new_names: HashSet<String>,
    /// Users and clients that the other server and this one both have; client IDs without blanks around them.
    users: HashSet<i64>,
    clients: HashMap<String, Client>,
}

impl Idp {
    /// Takes over the users, scopes, clients, remembered consents, refresh tokens, public keys and the admin token of a seed
    /// server. With `dry_run` nothing is written and the report says what would be. Each user and each client is a transaction
    /// with its record of changes; an import that was cut off is run again, and takes what is missing.
    ///
    /// # Errors
    /// When the database does not answer. What is wrong with a row is in the report.
    pub async fn import_seed(&self, seed: &Seed, dry_run: bool) -> Result<ImportReport, Error> {
        let mut import = Import {
            idp: self,
            seed,
            dry_run,
            report: ImportReport::default(),
            memory: Memory::read(self, seed).await?,
            scopes: BTreeSet::new(),
            new_names: HashSet::new(),
            users: HashSet::new(),
            clients: HashMap::new(),
        };
        import.take_admin_token().await?;
        import.take_keys().await?;
        import.write_memory().await?;
        import.take_scopes().await?;
        import.write_memory().await?;
        import.take_users().await?;
        import.write_memory().await?;
        import.take_clients().await?;
        import.write_memory().await?;
        import.take_consents().await?;
        import.write_memory().await?;
        import.take_refresh_tokens().await?;
        import.write_memory().await?;
        Ok(import.report)
    }
}

impl Import<'_> {
    async fn write_memory(&mut self) -> Result<(), Error> {
        if self.dry_run { Ok(()) } else { self.memory.write(self.idp).await }
    }

    /// Sets this server up with the admin token of the other one, of which that keeps a hash.
    async fn take_admin_token(&mut self) -> Result<(), Error> {
        let Some(row) = self.seed.settings.iter().find(|row| row.flag("initialized") == Some(true)) else {
            return Ok(());
        };
        let Some(hash) = row.find("admin_token_hash") else {
            return Ok(());
        };
        let outcome = self.report.of(Kind::AdminToken);
        if self.idp.is_set_up().await? {
            outcome.skip();
        } else if password::WerkzeugHash::parse(hash).is_none() {
            outcome.refuse("admin token", "its hash is not understood; `signet admin-token reset` prints a new token");
        } else {
            outcome.import();
            if !self.dry_run {
                self.idp.set_up_with(hash.to_owned()).await?;
            }
        }
        Ok(())
    }

    async fn take_consents(&mut self) -> Result<(), Error> {
        for row in &self.seed.consents {
            self.take_consent(row).await?;
        }
        Ok(())
    }

    /// Remembers what a user allowed a client, unless it is remembered here.
    async fn take_consent(&mut self, row: &Row) -> Result<(), Error> {
        let (user, client) = (row.number("user_id").unwrap_or_default(), row.text("client_id").trim());
        let name = format!("user {user}, client {client}");
        if !self.users.contains(&user) || !self.clients.contains_key(client) {
            self.report.of(Kind::Consent).refuse(&name, "its user or its client is not here");
            return Ok(());
        }
        let Ok(scope) = Scope::parse(row.text("scope")) else {
            self.report.of(Kind::Consent).refuse(&name, "its scope is not well formed");
            return Ok(());
        };
        let (subject, client_id) = (find_subject(user).ok_or(Error::NotFound)?, ClientId::new(client));
        // One that came before may have been withdrawn here since. Another one under the same name was given there since.
        let (id, mark) = (format!("{user} {client}"), scope.to_string());
        let came = self.memory.recall(Kind::Consent, &id, &mark) == Known::Same;
        self.memory.remember(Kind::Consent, &id, &mark, self.idp);
        // A scope that is not here means nothing here.
        let scope: Scope = scope.iter().filter(|token| self.scopes.contains(token.as_str())).cloned().collect();
        if came || scope.is_empty() || self.is_here(&subject, &client_id, &scope).await? {
            self.report.of(Kind::Consent).skip();
            return Ok(());
        }
        let remembered = match self.dry_run {
            true => Ok(()),
            false => self.remember(subject, client_id, &scope, created_at(row, self.idp.now())).await,
        };
        let outcome = self.report.of(Kind::Consent);
        match remembered {
            Ok(()) => outcome.import(),
            Err(Error::NotFound) => outcome.refuse(&name, DELETED),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn is_here(&self, subject: &Subject, client_id: &ClientId, scope: &Scope) -> Result<bool, Error> {
        let remembered = self.idp.find_consent(subject, client_id).await?;
        Ok(remembered.is_some_and(|remembered| scope.is_subset_of(&remembered.scope())))
    }

    /// Remembers a consent to what the scopes mean here and now.
    async fn remember(&self, subject: Subject, client_id: ClientId, scope: &Scope, at: Timestamp) -> Result<(), Error> {
        let agreement = Agreement::of(scope, &self.idp.scopes().await?);
        self.idp
            .store
            .write(move |tx| Box::pin(async move { consents::remember(tx, &subject, &client_id, agreement, at).await }))
            .await
    }
}

/// Whom applications know by the number.
fn find_subject(user: i64) -> Option<Subject> {
    u64::try_from(user).ok().and_then(numbered_account_id).map(subject_of)
}

/// When a row was made, never later than now.
fn created_at(row: &Row, now: Timestamp) -> Timestamp {
    row.number("created_at").filter(|at| (0..=now.0).contains(at)).map_or(now, Timestamp)
}
