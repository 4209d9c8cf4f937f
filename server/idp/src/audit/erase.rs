//! The words of the record about a person, erased: of each change there stays that it was made.
//!
//! A change of its own says which changes were emptied, by their numbers: the chain takes an empty change for good by nothing else. No
//! change that is emptied names the person any more, and the one that says so does not either.

use oauth::id::Subject;
use oauth::time::Timestamp;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Actor, Change, record};
use crate::entity::audit_event::{Column, Entity, Model};
use crate::entity::event;
use crate::error::Error;
use crate::users::subject_of;

/// The deed that says which changes were emptied.
pub(super) const EMPTY: &str = "audit.erase";

/// Numbers in one such change.
const BATCH: usize = 2_000;

/// The deeds that speak of a person and are no changes of them, and what they are changes of.
const NAMING: [&str; 4] = ["trust.link", "trust.unlink", "grant.revoke", "client.revoke_grants"];
const NAMED_IN: [&str; 3] = ["trust", "grant", "client"];

/// Stands in the place of what was said.
const MARKER: &str = r#"{"erased":true}"#;

/// Changes that were emptied, by their numbers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Emptied {
    /// Of these, the words.
    pub(super) words: Vec<i64>,
    /// Of these, the request that they came from.
    pub(super) origins: Vec<i64>,
}

impl Emptied {
    /// The changes that another one says were emptied.
    pub(super) fn read(row: &Model) -> Option<Self> {
        let after = row.after.as_deref().filter(|_| row.action == EMPTY)?;
        serde_json::from_str(after).ok()
    }
}

/// Erases what was said of a person. Where they made the change themselves, the request that it came from goes, too.
pub(crate) async fn erase(tx: &DatabaseTransaction, actor: &Actor, account: Uuid, now: Timestamp) -> Result<(), Error> {
    let theirs = said_of(&subject_of(account));
    forget_events(tx, &theirs).await?;
    let emptied = find(tx, &theirs).await?;
    let marked = |column: Column| unless(Expr::col(column).is_null(), MARKER);
    Entity::update_many()
        .col_expr(Column::Before, marked(Column::Before))
        .col_expr(Column::After, marked(Column::After))
        .col_expr(Column::Salt, Expr::value(Option::<Vec<u8>>::None))
        .filter(Condition::all().add(theirs.clone()).add(has_words()))
        .exec(tx)
        .await?;
    // What was said is gone by now, so these are found by their numbers.
    for numbers in emptied.origins.chunks(BATCH) {
        Entity::update_many()
            .col_expr(Column::Origin, Expr::value(MARKER))
            .filter(Column::Number.is_in(numbers.iter().copied()))
            .exec(tx)
            .await?;
    }
    let (mut words, mut origins) = (emptied.words.chunks(BATCH), emptied.origins.chunks(BATCH));
    loop {
        let (words, origins) = (words.next().unwrap_or_default(), origins.next().unwrap_or_default());
        if words.is_empty() && origins.is_empty() {
            return Ok(());
        }
        let after = json!(Emptied { words: words.to_vec(), origins: origins.to_vec() });
        let (action, target) = (EMPTY, "changes".to_owned());
        record(tx, Change { actor: actor.clone(), action, target, before: None, after: Some(after) }, now).await?;
    }
}

/// The changes of a person, and those that name them.
fn said_of(subject: &Subject) -> Condition {
    let own = Condition::all().add(Column::TargetKind.eq("user")).add(Column::TargetId.eq(subject.as_str()));
    // What is said of a link, or of a grant, names the account.
    let linked = |column: Column| {
        Condition::all()
            .add(Column::TargetKind.is_in(NAMED_IN))
            .add(Column::Action.is_in(NAMING))
            .add(column.contains(format!("\"user\":\"{subject}\"")))
    };
    Condition::any().add(own).add(linked(Column::Before)).add(linked(Column::After))
}

fn has_words() -> Condition {
    Condition::any().add(Column::Before.is_not_null()).add(Column::After.is_not_null())
}

/// A value, but where the condition holds.
fn unless(condition: SimpleExpr, value: &str) -> SimpleExpr {
    CaseStatement::new().case(condition, Expr::value(Option::<String>::None)).finally(value).into()
}

async fn find(tx: &DatabaseTransaction, theirs: &Condition) -> Result<Emptied, Error> {
    let numbers = async |which: Condition| -> Result<Vec<i64>, Error> {
        let rows = Entity::find().select_only().column(Column::Number).filter(theirs.clone()).filter(which);
        let rows = rows.filter(Column::Number.is_not_null()).order_by_asc(Column::Number);
        Ok(rows.into_tuple().all(tx).await?)
    };
    let by_others = Condition::all().add(Column::Actor.ne("admin")).add(Column::Origin.is_not_null());
    Ok(Emptied { words: numbers(has_words()).await?, origins: numbers(by_others).await? })
}

/// Takes from the events of these changes what ties the person to anything, and where they came from.
async fn forget_events(tx: &DatabaseTransaction, theirs: &Condition) -> Result<(), Error> {
    let of = |changes: Condition| -> SelectStatement {
        let changes = Condition::all().add(theirs.clone()).add(changes).add(Column::EventId.is_not_null());
        Query::select().column(Column::EventId).from(Entity).cond_where(changes).take()
    };
    event::Entity::update_many()
        .col_expr(event::Column::Address, Expr::value(Option::<String>::None))
        .col_expr(event::Column::Agent, Expr::value(Option::<String>::None))
        .col_expr(event::Column::RequestId, Expr::value(Option::<String>::None))
        .filter(event::Column::Id.in_subquery(of(Condition::all().add(Column::Actor.ne("admin")))))
        .exec(tx)
        .await?;
    // A change of a client stays one of the client, and a change of the person one of the person.
    event::Entity::update_many()
        .col_expr(event::Column::AccountId, Expr::value(Option::<Uuid>::None))
        .filter(event::Column::Id.in_subquery(of(Condition::all().add(Column::TargetKind.ne("user")))))
        .exec(tx)
        .await?;
    event::Entity::update_many()
        .col_expr(event::Column::ClientId, Expr::value(Option::<String>::None))
        .filter(event::Column::Id.in_subquery(of(Condition::all().add(Column::TargetKind.ne("client")))))
        .exec(tx)
        .await?;
    Ok(())
}

/// The person of whom a server of an earlier version erased all that this change said: the marker named them.
pub(super) fn erased_person(row: &Model) -> Option<String> {
    let texts: Vec<&String> = row.before.iter().chain(row.after.iter()).collect();
    let named = |text: &&String| {
        let marker: serde_json::Value = serde_json::from_str(text).ok()?;
        Some(marker.get("erased")?.as_str()?.to_owned())
    };
    let subject = texts.iter().find_map(named).filter(|_| row.origin_digest.is_none())?;
    let is_theirs = row.target_kind == "user" && row.target_id == subject || NAMING.contains(&row.action.as_str());
    is_theirs.then_some(subject)
}

/// True where nothing is left but the marker.
pub(super) fn is_marked(texts: &[&Option<String>]) -> bool {
    texts.iter().copied().flatten().all(|text| text == MARKER)
}
