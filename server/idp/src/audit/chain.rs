//! The chain: each change has a number and a digest of itself and of the digest before it. The newest is the head, one row of
//! `setting` that every change locks last, so that changes at once come one after another. A change that is taken away, put in
//! or altered breaks the chain.
//!
//! The words of a change are in it as a digest, so that they can be erased: [`super::erase`].

use oauth::id::Subject;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, Query, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::entity::audit_event::{Column, Entity, Model};
use crate::entity::{event, setting};
use crate::error::Error;
use crate::settings;

/// The setting that holds the head. The first change makes the row.
pub(crate) const HEAD: &str = "audit_head";

/// The setting that holds the last change that was swept: the chain goes on after it.
const SWEPT: &str = "audit_swept";

/// The deeds that speak of a person and are no changes of them, and what they are changes of.
pub(super) const NAMING: [&str; 4] = ["trust.link", "trust.unlink", "grant.revoke", "client.revoke_grants"];
const NAMED_IN: [&str; 3] = ["trust", "grant", "client"];

/// Changes that are swept at once.
const BATCH: u64 = 500;

/// A place in the chain: the number of a change, and its digest in hexadecimal. Number 0 is before the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    pub number: i64,
    pub digest: String,
}

impl AuditHead {
    pub(super) fn start() -> Self {
        Self { number: 0, digest: "0".repeat(64) }
    }

    /// `NUMBER DIGEST`, as the log shows it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, digest) = text.trim().split_once([' ', ':'])?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = number.parse().ok().filter(|number| *number >= 0)?;
        is_digest.then(|| Self { number, digest: digest.to_owned() })
    }

    pub(super) fn of(event: &Model) -> Option<Self> {
        Some(Self { number: event.number?, digest: hexadecimal(event.digest.as_deref()?) })
    }
}

impl std::fmt::Display for AuditHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.number, self.digest)
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of what a change says.
pub(super) fn content_of(event: &Model) -> Vec<u8> {
    Sha256::digest(json!([event.before, event.after]).to_string()).to_vec()
}

/// The digest of a change behind the one at `before`. What it says stands in it as `event.content`.
pub(super) fn digest_of(event: &Model, before: &AuditHead) -> Vec<u8> {
    let Model { id, at, actor, action, target_kind, target_id, version, event_id, content, .. } = event;
    let content = content.as_deref().map(hexadecimal);
    let said = json!([
        before.digest,
        before.number + 1,
        id.to_string(),
        at,
        actor,
        action,
        target_kind,
        target_id,
        version,
        event_id.map(|id| id.to_string()),
        content
    ]);
    Sha256::digest(said.to_string()).to_vec()
}

/// Puts a change at the end of the chain, and holds the head until the commit.
pub(super) async fn link(tx: &DatabaseTransaction, event: &mut Model) -> Result<(), Error> {
    let find = || setting::Entity::find_by_id(HEAD.to_owned()).lock_exclusive();
    let row = match find().one(tx).await? {
        None => {
            // What is not there cannot be locked, and somebody may be writing the first change.
            settings::ensure(tx, HEAD, &AuditHead::start().to_string()).await?;
            find().one(tx).await?
        }
        row => row,
    };
    let head = match row.and_then(|row| AuditHead::parse(&row.value)) {
        Some(head) if head.number > 0 => head,
        // The first change of all; or somebody took the head away, which must not stop the server.
        _ => last(tx).await?.unwrap_or_else(AuditHead::start),
    };
    event.content = Some(content_of(event));
    event.digest = Some(digest_of(event, &head));
    event.number = Some(head.number + 1);
    let head = AuditHead::of(event).unwrap_or(head);
    settings::put(tx, HEAD, &head.to_string()).await
}

/// The last change of the chain, as its row has it.
async fn last(tx: &DatabaseTransaction) -> Result<Option<AuditHead>, Error> {
    let rows = Entity::find().filter(Column::Number.is_not_null()).order_by_desc(Column::Number);
    Ok(rows.one(tx).await?.as_ref().and_then(AuditHead::of))
}

/// Erases what was said of a person: of each change there stays that it was made, and that it was about them. Where they made it
/// themselves, the address and the browser that it came from go, too.
pub(crate) async fn erase(tx: &DatabaseTransaction, subject: &Subject) -> Result<(), Error> {
    let own = Condition::all().add(Column::TargetKind.eq("user")).add(Column::TargetId.eq(subject.as_str()));
    // What is said of a link, or of a grant, names the account.
    let linked = |column: Column| {
        Condition::all()
            .add(Column::TargetKind.is_in(NAMED_IN))
            .add(Column::Action.is_in(NAMING))
            .add(column.contains(format!("\"user\":\"{subject}\"")))
    };
    let theirs = Condition::any().add(own.clone()).add(linked(Column::Before)).add(linked(Column::After));
    let events = Query::select()
        .column(Column::EventId)
        .from(Entity)
        .cond_where(Condition::all().add(theirs).add(Column::Actor.ne("admin")).add(Column::EventId.is_not_null()))
        .take();
    event::Entity::update_many()
        .col_expr(event::Column::Address, Expr::value(Option::<String>::None))
        .col_expr(event::Column::Agent, Expr::value(Option::<String>::None))
        .filter(event::Column::Id.in_subquery(events))
        .exec(tx)
        .await?;
    let marker = erased(subject);
    for column in [Column::Before, Column::After] {
        Entity::update_many()
            .col_expr(column, Expr::value(marker.clone()))
            .filter(column.is_not_null())
            .filter(Condition::any().add(own.clone()).add(linked(column)))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The marker in the place of what was said of a person.
pub(super) fn erased(subject: &Subject) -> String {
    json!({ "erased": subject }).to_string()
}

/// Deletes a batch of changes from before `since`: of the chain, its beginning. The events that tell of them go, too.
pub(crate) async fn sweep(tx: &DatabaseTransaction, since: Timestamp) -> Result<u64, Error> {
    settings::ensure(tx, SWEPT, &AuditHead::start().to_string()).await?;
    let unchained: Vec<uuid::Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Number.is_null())
        .filter(Column::At.lt(since.0))
        .limit(BATCH)
        .into_tuple()
        .all(tx)
        .await?;
    let chained = Entity::find().filter(Column::Number.is_not_null()).order_by_asc(Column::Number).limit(BATCH);
    let chained: Vec<(i64, i64, Vec<u8>)> =
        chained.select_only().columns([Column::Number, Column::At, Column::Digest]).into_tuple().all(tx).await?;
    let last = chained.iter().take_while(|(_, at, _)| *at < since.0).last();
    let mut swept = 0;
    if let Some((number, _, digest)) = last {
        let head = AuditHead { number: *number, digest: hexadecimal(digest) };
        forget_events(tx, Column::Number.lte(*number)).await?;
        swept += Entity::delete_many().filter(Column::Number.lte(*number)).exec(tx).await?.rows_affected;
        settings::put(tx, SWEPT, &head.to_string()).await?;
    }
    if !unchained.is_empty() {
        forget_events(tx, Column::Id.is_in(unchained.iter().copied())).await?;
        swept += Entity::delete_many().filter(Column::Id.is_in(unchained)).exec(tx).await?.rows_affected;
    }
    Ok(swept)
}

async fn forget_events(tx: &DatabaseTransaction, of_changes: SimpleExpr) -> Result<(), Error> {
    let told = Query::select()
        .column(Column::EventId)
        .from(Entity)
        .and_where(of_changes)
        .and_where(Column::EventId.is_not_null())
        .take();
    event::Entity::delete_many().filter(event::Column::Id.in_subquery(told)).exec(tx).await?;
    Ok(())
}

/// The place after which the chain begins.
pub(super) async fn beginning(db: &sea_orm::DatabaseConnection) -> Result<AuditHead, Error> {
    let swept = settings::find(db, SWEPT).await?;
    Ok(swept.as_deref().and_then(AuditHead::parse).unwrap_or_else(AuditHead::start))
}
