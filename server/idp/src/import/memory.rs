//! The memory of earlier imports: what they brought, and from which server. A row stays when what it speaks of is deleted here:
//! whatever was brought once is not brought again. Of a person who was erased, the tombstone says so.
//!
//! A server is known again by what is random in its file: IDs of keys, salted hashes, long secrets. Two files that share any of it are
//! of one server. The path says nothing, for a file is copied before it is read.

use std::collections::HashMap;

use oauth::client::MIN_SECRET;
use oauth::secret::Secret;
use oauth::user::login_key;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::Value;
use uuid::Uuid;

use super::{Kind, Seed};
use crate::entity::{audit_event, imported};
use crate::error::Error;
use crate::users::subject_of;
use crate::{Idp, random};

/// Rows that are written at once.
const BATCH: usize = 200;

/// Marks of one file at most: enough to know it again, whatever was changed in it meanwhile.
const MAX_MARKS: usize = 1_000;

/// The kind of the rows that say which mark is which server's.
const SOURCE: &str = "source";

/// The knowledge of a row of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It did not come before.
    New,
    /// It came from this server, as it is now.
    Same,
    /// Under its name something else came: from another server, or from this one when it was somebody else's there.
    Other,
}

/// The rows that earlier imports brought, with those that this one brings.
pub(super) struct Memory {
    source: String,
    known: HashMap<(String, String), (String, String)>,
    new: Vec<imported::Model>,
}

impl Memory {
    /// Reads what is remembered, and finds out which server the file is of.
    pub(super) async fn read(idp: &Idp, seed: &Seed) -> Result<Self, Error> {
        let rows = imported::Entity::find().all(idp.store.read()).await?;
        let known: HashMap<_, _> = rows.into_iter().map(|row| ((row.kind, row.id), (row.source, row.mark))).collect();
        let marks = marks(seed);
        let source = marks.iter().find_map(|mark| known.get(&(SOURCE.to_owned(), mark.clone())));
        let source = source.map_or_else(random::token, |(source, _)| source.clone());
        let mut memory = Self { source, known, new: Vec::new() };
        for mark in marks {
            memory.note(SOURCE, &mark, "", idp);
        }
        Ok(memory)
    }

    /// Compares a row with what came under the same name. `mark` is what tells it from another one.
    pub(super) fn recall(&self, kind: Kind, id: &str, mark: &str) -> Known {
        match self.known.get(&(word(kind).to_owned(), id.to_owned())) {
            None => Known::New,
            Some((source, known)) if *source == self.source && *known == self.salted(mark) => Known::Same,
            Some(_) => Known::Other,
        }
    }

    /// Remembers that a row came, or was found to be here.
    pub(super) fn remember(&mut self, kind: Kind, id: &str, mark: &str, idp: &Idp) {
        self.note(word(kind), id, &self.salted(mark), idp);
    }

    /// A mark as it is kept: names cannot be looked for in it without the source.
    fn salted(&self, mark: &str) -> String {
        digest(&format!("{} {mark}", self.source))
    }

    fn note(&mut self, kind: &str, id: &str, mark: &str, idp: &Idp) {
        let value = (self.source.clone(), mark.to_owned());
        let before = self.known.insert((kind.to_owned(), id.to_owned()), value.clone());
        if before.as_ref() != Some(&value) {
            self.new.push(imported::Model {
                kind: kind.to_owned(),
                id: id.to_owned(),
                source: value.0,
                mark: value.1,
                imported_at: idp.now().0,
            });
        }
    }

    /// Writes down what was remembered since the last time. Should an import be cut off before that, the next one finds what came
    /// where it is, and remembers it then.
    pub(super) async fn write(&mut self, idp: &Idp) -> Result<(), Error> {
        let rows = std::mem::take(&mut self.new);
        for batch in rows.chunks(BATCH) {
            let batch: Vec<_> = batch.iter().cloned().map(IntoActiveModel::into_active_model).collect();
            let written = idp.store.write(move |tx| {
                Box::pin(async move {
                    let mut known = OnConflict::columns([imported::Column::Kind, imported::Column::Id]);
                    known.update_columns([imported::Column::Source, imported::Column::Mark]);
                    imported::Entity::insert_many(batch).on_conflict(known).exec_without_returning(tx).await?;
                    Ok::<_, Error>(())
                })
            });
            written.await?;
        }
        Ok(())
    }
}

/// The names under which the record of changes knows a user of this number, for one who came when imports were not remembered; `None`
/// when it knows none.
pub(super) async fn was_called(idp: &Idp, number: i64, username: &str) -> Result<Option<bool>, Error> {
    let events = events(idp, "user", &number.to_string()).await?;
    let documents = events.iter().flat_map(|event| [&event.before, &event.after]).flatten();
    let names: Vec<String> = documents
        .filter_map(|document| serde_json::from_str::<Value>(document).ok())
        .filter_map(|document| document.get("username").and_then(Value::as_str).map(str::to_owned))
        .collect();
    let same = |name: &String| name == username || login_key(name).is_some_and(|key| login_key(username) == Some(key));
    Ok((!names.is_empty()).then(|| names.iter().any(same)))
}

/// True for something that came when imports were not remembered: then the server or its command line made it.
pub(super) async fn was_made_here(idp: &Idp, kind: &str, id: &str) -> Result<bool, Error> {
    let events = events(idp, kind, id).await?;
    let made = |event: &audit_event::Model| {
        matches!(event.actor.as_str(), "system" | "command_line") && event.before.is_none() && event.after.is_some()
    };
    Ok(events.iter().any(made))
}

async fn events(idp: &Idp, kind: &str, id: &str) -> Result<Vec<audit_event::Model>, Error> {
    let events = audit_event::Entity::find()
        .filter(audit_event::Column::TargetKind.eq(kind))
        .filter(audit_event::Column::TargetId.eq(id))
        .order_by_asc(audit_event::Column::Id);
    Ok(events.all(idp.store.read()).await?)
}

/// Digests of what no other server's file has.
fn marks(seed: &Seed) -> Vec<String> {
    let keys = seed.keys.iter().filter_map(|row| Some(format!("key {}", row.find("kid")?)));
    let settings =
        seed.settings.iter().filter_map(|row| Some(format!("admin token {}", row.find("admin_token_hash")?)));
    let clients = seed.clients.iter().filter_map(|row| {
        let secret = row.find("client_secret").filter(|secret| secret.len() >= MIN_SECRET)?;
        Some(format!("client {} {secret}", row.text("client_id")))
    });
    let users = seed.users.iter().filter_map(|row| {
        Some(format!("user {} {} {}", row.text("id"), row.text("username"), row.find("password_hash")?))
    });
    keys.chain(settings).chain(clients).chain(users).take(MAX_MARKS).map(|text| digest(&text)).collect()
}

/// SHA-256 as 64 characters: what is stored names nobody.
fn digest(text: &str) -> String {
    Secret::new(text).digest().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::AdminToken => "admin token",
        Kind::Key => "key",
        Kind::Scope => "scope",
        Kind::User => "user",
        Kind::Client => "client",
        Kind::Consent => "consent",
        Kind::RefreshToken => "refresh token",
    }
}

/// Forgets what came of a person who is erased. Their tombstone keeps them from coming again.
pub(crate) async fn forget(tx: &DatabaseTransaction, account: Uuid) -> Result<(), Error> {
    use imported::Column as C;
    let subject = subject_of(account);
    let user = Condition::all().add(C::Kind.eq(word(Kind::User))).add(C::Id.eq(subject.as_str()));
    // The user and the client, as they were called there.
    let consents = Condition::all().add(C::Kind.eq(word(Kind::Consent))).add(C::Id.starts_with(format!("{subject} ")));
    imported::Entity::delete_many().filter(Condition::any().add(user).add(consents)).exec(tx).await?;
    Ok(())
}
