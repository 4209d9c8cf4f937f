//! The record of what administrators changed, written in the transaction of the change itself.

pub(crate) mod chain;
mod end;
mod erase;
mod sweep;
mod verify;

use oauth::id::Subject;
use oauth::secret::SecretDigest;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait as _, QueryFilter, QueryOrder as _,
    QuerySelect as _,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::activity::Origin;
use crate::admin_token::{ADMIN_TOKEN, KeptToken};
use crate::entity::{admin_session, audit_event, event};
use crate::error::Error;
use crate::{Idp, random, settings, users};

pub use chain::AuditHead;
pub(crate) use chain::HEAD;
pub(crate) use erase::erase;
pub(crate) use sweep::sweep;
pub use verify::{AuditFault, AuditReport};

/// The deed that erases all that was said of a person.
pub(crate) const ERASURE: &str = "user.erase";

/// Author of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: &'static str,
    warrant: Warrant,
    /// The request in which it came.
    origin: Origin,
}

/// The right to make changes. It may end between a check and the change, so the change repeats the check.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Warrant {
    /// Nobody can take it away: whoever is on the machine may do as they please.
    Machine,
    /// The console is open, with the cookie of this digest.
    Session(SecretDigest),
    /// The call carried the admin token.
    Token(KeptToken),
    /// It is about what is theirs, and takes something away: nobody has to guard that.
    Own,
}

impl Actor {
    /// The server itself.
    #[must_use]
    pub fn system() -> Self {
        Self { name: "system", warrant: Warrant::Machine, origin: Origin::current() }
    }

    /// Somebody at the command line of the server.
    #[must_use]
    pub fn command_line() -> Self {
        Self { name: "command_line", warrant: Warrant::Machine, origin: Origin::current() }
    }

    /// An administrator in a test, who came through no door.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn admin() -> Self {
        Self { name: "admin", warrant: Warrant::Machine, origin: Origin::current() }
    }

    /// A person who takes back what they allowed.
    #[must_use]
    pub fn user() -> Self {
        Self { name: "user", warrant: Warrant::Own, origin: Origin::current() }
    }

    /// A client that takes back its registration.
    pub(crate) fn client() -> Self {
        Self { name: "client", warrant: Warrant::Own, origin: Origin::current() }
    }

    /// The word for the author in the record.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The session of the console through which the actor came, if there is one.
    pub(crate) fn session(&self) -> Option<&SecretDigest> {
        match &self.warrant {
            Warrant::Session(digest) => Some(digest),
            Warrant::Machine | Warrant::Token(_) | Warrant::Own => None,
        }
    }

    pub(crate) fn by_session(digest: SecretDigest) -> Self {
        Self { name: "admin", warrant: Warrant::Session(digest), origin: Origin::current() }
    }

    pub(crate) fn by_token(token: KeptToken) -> Self {
        Self { name: "admin_api", warrant: Warrant::Token(token), origin: Origin::current() }
    }

    /// Makes sure, until the commit, that the actor may still make changes: whoever ends the session or replaces the token
    /// waits for it, or was here first.
    async fn hold_warrant(&self, tx: &DatabaseTransaction, now: Timestamp) -> Result<(), Error> {
        let holds = match &self.warrant {
            Warrant::Machine | Warrant::Own => true,
            Warrant::Token(token) => settings::hold(tx, ADMIN_TOKEN, token.as_str()).await?,
            Warrant::Session(digest) => {
                let held = admin_session::Entity::update_many()
                    .col_expr(admin_session::Column::ExpiresAt, Expr::col(admin_session::Column::ExpiresAt))
                    .filter(admin_session::Column::Digest.eq(digest.as_bytes().to_vec()))
                    .filter(admin_session::Column::ExpiresAt.gt(now.0));
                held.exec(tx).await?.rows_affected == 1
            }
        };
        if holds { Ok(()) } else { Err(Error::Unauthorized) }
    }
}

impl Idp {
    /// The time of the newest change that is recorded.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_change(&self) -> Result<Option<Timestamp>, Error> {
        let newest: Option<i64> = audit_event::Entity::find()
            .select_only()
            .column(audit_event::Column::At)
            .order_by_desc(audit_event::Column::At)
            .limit(1)
            .into_tuple()
            .one(self.store.read())
            .await?;
        Ok(newest.map(Timestamp))
    }
}

/// One change. `before` and `after` hold no secrets.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) actor: Actor,
    /// The deed, for example `client.update`.
    pub(crate) action: &'static str,
    pub(crate) target: String,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// The client and the account that a change is about. A change of one may name the other, and one of a grant names both.
fn about(row: &audit_event::Model) -> (Option<String>, Option<Uuid>) {
    let documents = || [&row.before, &row.after].into_iter().flatten().flat_map(|text| serde_json::from_str(text));
    let named = |name: &str| documents().find_map(|it: Value| it.get(name)?.as_str().map(str::to_owned));
    let target = || Some(row.target_id.clone());
    let (client_id, user) = match row.target_kind.as_str() {
        "client" => (target(), named("user")),
        "user" => (named("client_id"), target()),
        "grant" => (named("client_id"), named("user")),
        _ => (None, None),
    };
    (client_id, user.and_then(|user| users::account_id(&Subject::new(user)).ok()))
}

/// A change as the activity tells of it.
fn facts(row: &audit_event::Model) -> Value {
    json!({ "actor": row.actor, "action": row.action, "target": row.target_id, "change": row.id.to_string() })
}

/// The setting whose value grows with every change: other nodes look at it to know when to forget what they cached.
pub(crate) const REVISION: &str = "revision";

/// Records a change and raises the revision.
///
/// # Errors
/// [`Error::Unauthorized`] when the actor's console was closed or the admin token replaced meanwhile: nothing may be kept then.
pub(crate) async fn append(tx: &DatabaseTransaction, change: Change, now: Timestamp) -> Result<(), Error> {
    write(tx, change, None, now).await?;
    raise_revision(tx).await
}

/// The same for a change that made this version of something.
///
/// # Errors
/// As [`append`].
pub(crate) async fn append_version(
    tx: &DatabaseTransaction,
    change: Change,
    version: i64,
    now: Timestamp,
) -> Result<(), Error> {
    write(tx, change, Some(version), now).await?;
    raise_revision(tx).await
}

/// The first version of something that is created: the one behind the last that another one of its name had. So a form that was opened
/// before is not about this.
pub(crate) async fn first_version(tx: &DatabaseTransaction, kind: &str, target: &str) -> Result<i64, Error> {
    let last: Option<Option<i64>> = audit_event::Entity::find()
        .select_only()
        .column_as(audit_event::Column::Version.max(), "version")
        .filter(audit_event::Column::TargetKind.eq(kind))
        .filter(audit_event::Column::TargetId.eq(target))
        .into_tuple()
        .one(tx)
        .await?;
    Ok(last.flatten().unwrap_or_default() + 1)
}

/// The number of changes that a client made of itself since then.
pub(crate) async fn count_by_client(tx: &DatabaseTransaction, client: &str, since: Timestamp) -> Result<u64, Error> {
    let found = audit_event::Entity::find()
        .filter(audit_event::Column::TargetKind.eq("client"))
        .filter(audit_event::Column::TargetId.eq(client))
        .filter(audit_event::Column::Actor.eq(Actor::client().name))
        .filter(audit_event::Column::At.gt(since.0));
    Ok(found.count(tx).await?)
}

/// Records a change of something that nobody caches.
///
/// # Errors
/// As [`append`].
pub(crate) async fn record(tx: &DatabaseTransaction, change: Change, now: Timestamp) -> Result<(), Error> {
    write(tx, change, None, now).await
}

async fn write(tx: &DatabaseTransaction, change: Change, version: Option<i64>, now: Timestamp) -> Result<(), Error> {
    change.actor.hold_warrant(tx, now).await?;
    let (kind, _) = change.action.split_once('.').unwrap_or((change.action, ""));
    let origin = &change.actor.origin;
    let mut row = audit_event::Model {
        id: random::ordered_uuid_v7(now),
        at: now.0,
        actor: change.actor.name.to_owned(),
        action: change.action.to_owned(),
        target_kind: kind.to_owned(),
        target_id: change.target,
        before: change.before.map(|value| value.to_string()),
        after: change.after.map(|value| value.to_string()),
        number: None,
        content: None,
        digest: None,
        version,
        event_id: None,
        origin: Some(chain::document_of(origin)?),
        origin_digest: None,
        salt: Some(random::bytes::<16>().to_vec()),
    };
    let seen = origin.change(&facts(&row), about(&row), now);
    row.event_id = Some(seen.id);
    chain::link(tx, &mut row).await?;
    audit_event::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    event::Entity::insert(seen.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

async fn raise_revision(tx: &DatabaseTransaction) -> Result<(), Error> {
    // Any value that was not there before will do: it is compared, never counted.
    settings::put(tx, REVISION, &random::token()).await
}
