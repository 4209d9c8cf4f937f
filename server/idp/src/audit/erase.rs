//! The words of the record about a person, erased: of each change there stays that it was made.
//!
//! A change of its own says which changes were emptied, by their numbers: the chain takes an empty change for good by nothing else. No
//! change that is emptied names the person any more, and the one that says so does not either.

use oauth::id::Subject;
use oauth::time::Timestamp;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
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

/// A change of a person, or one that names them.
#[derive(Debug, FromQueryResult)]
struct Said {
    id: Uuid,
    number: Option<i64>,
    event_id: Option<Uuid>,
    actor: String,
    target_kind: String,
    /// 1 where it says something.
    words: i32,
    /// 1 where it says which request it came from.
    origin: i32,
}

impl Said {
    /// True where an administrator made it. The request of any other change may be one of the person.
    fn is_of_admin(&self) -> bool {
        matches!(self.actor.as_str(), "admin" | "admin_api" | "command_line")
    }
}

/// Erases what was said of a person. Where they made the change themselves, the request that it came from goes, too.
pub(crate) async fn erase(tx: &DatabaseTransaction, actor: &Actor, account: Uuid, now: Timestamp) -> Result<(), Error> {
    let said = find(tx, &subject_of(account)).await?;
    forget_events(tx, &said).await?;
    let (mut worded, mut emptied) = (Vec::new(), Emptied::default());
    for change in &said {
        if change.words == 1 {
            worded.push(change.id);
            emptied.words.extend(change.number);
        }
        if change.origin == 1 && !change.is_of_admin() {
            emptied.origins.extend(change.number);
        }
    }
    let marked = |column: Column| unless(Expr::col(column).is_null(), MARKER);
    for ids in worded.chunks(BATCH) {
        Entity::update_many()
            .col_expr(Column::Before, marked(Column::Before))
            .col_expr(Column::After, marked(Column::After))
            .col_expr(Column::Salt, Expr::value(Option::<Vec<u8>>::None))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
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

/// The changes of a person, and those that name them, in their order.
async fn find(tx: &DatabaseTransaction, subject: &Subject) -> Result<Vec<Said>, Error> {
    let own = Condition::all().add(Column::TargetKind.eq("user")).add(Column::TargetId.eq(subject.as_str()));
    // What is said of a link, or of a grant, names the account.
    let named = |column: Column| column.contains(format!("\"user\":\"{subject}\""));
    let naming = Condition::all()
        .add(Column::TargetKind.is_in(NAMED_IN))
        .add(Column::Action.is_in(NAMING))
        .add(Condition::any().add(named(Column::Before)).add(named(Column::After)));
    let is_there = |nothing: SimpleExpr| -> SimpleExpr {
        CaseStatement::new().case(nothing, Expr::cust("0")).finally(Expr::cust("1")).into()
    };
    let no_words = Column::Before.is_null().and(Column::After.is_null());
    let said = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Number, Column::EventId, Column::Actor, Column::TargetKind])
        .expr_as(is_there(no_words), "words")
        .expr_as(is_there(Column::Origin.is_null()), "origin")
        .filter(Condition::any().add(own).add(naming))
        .order_by_asc(Column::Number)
        .into_model::<Said>();
    Ok(said.all(tx).await?)
}

/// A value, but where the condition holds.
fn unless(condition: SimpleExpr, value: &str) -> SimpleExpr {
    CaseStatement::new().case(condition, Expr::value(Option::<String>::None)).finally(value).into()
}

/// Takes from the events of these changes what ties the person to anything, and where they came from.
async fn forget_events(tx: &DatabaseTransaction, said: &[Said]) -> Result<(), Error> {
    use event::Column as C;
    let nothing = || Expr::value(Option::<String>::None);
    let nobody = || Expr::value(Option::<Uuid>::None);
    let origins = || vec![(C::Address, nothing()), (C::Agent, nothing()), (C::RequestId, nothing())];
    clear(tx, said, |change| !change.is_of_admin(), origins).await?;
    // A change of a client stays one of the client, and a change of the person one of the person.
    clear(tx, said, |change| change.target_kind != "user", || vec![(C::AccountId, nobody())]).await?;
    clear(tx, said, |change| change.target_kind != "client", || vec![(C::ClientId, nothing())]).await
}

/// Sets columns of the events of some of the changes.
async fn clear(
    tx: &DatabaseTransaction,
    said: &[Said],
    is_meant: fn(&Said) -> bool,
    cleared: impl Fn() -> Vec<(event::Column, SimpleExpr)>,
) -> Result<(), Error> {
    let events: Vec<Uuid> =
        said.iter().filter(|change| is_meant(change)).filter_map(|change| change.event_id).collect();
    for ids in events.chunks(BATCH) {
        let update = event::Entity::update_many().filter(event::Column::Id.is_in(ids.iter().copied()));
        let update = cleared().into_iter().fold(update, |update, (column, value)| update.col_expr(column, value));
        update.exec(tx).await?;
    }
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
