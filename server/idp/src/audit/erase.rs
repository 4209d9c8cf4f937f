//! The words of the record about a person, erased: of each change there stays that it was made, and that it was about them.

use oauth::activity::EventKind;
use oauth::id::Subject;
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::entity::audit_event::{Column, Entity, Model};
use crate::entity::event;
use crate::error::Error;
use crate::users::subject_of;

/// The deeds that speak of a person and are no changes of them, and what they are changes of.
const NAMING: [&str; 4] = ["trust.link", "trust.unlink", "grant.revoke", "client.revoke_grants"];
const NAMED_IN: [&str; 3] = ["trust", "grant", "client"];

/// Erases what was said of a person. Where they made the change themselves, the request that it came from goes, too.
pub(crate) async fn erase(tx: &DatabaseTransaction, account: Uuid) -> Result<(), Error> {
    let subject = subject_of(account);
    let own = Condition::all().add(Column::TargetKind.eq("user")).add(Column::TargetId.eq(subject.as_str()));
    // What is said of a link, or of a grant, names the account.
    let linked = |column: Column| {
        Condition::all()
            .add(Column::TargetKind.is_in(NAMED_IN))
            .add(Column::Action.is_in(NAMING))
            .add(column.contains(format!("\"user\":\"{subject}\"")))
    };
    let theirs = Condition::any().add(own.clone()).add(linked(Column::Before)).add(linked(Column::After));
    forget_events(tx, account, &theirs).await?;
    let marker = erased(&subject);
    Entity::update_many()
        .col_expr(Column::Origin, Expr::value(marker.clone()))
        .filter(theirs)
        .filter(Column::Actor.ne("admin"))
        .filter(Column::Origin.is_not_null())
        .exec(tx)
        .await?;
    for column in [Column::Before, Column::After] {
        Entity::update_many()
            .col_expr(column, Expr::value(marker.clone()))
            .col_expr(Column::Salt, Expr::value(Option::<Vec<u8>>::None))
            .filter(column.is_not_null())
            .filter(Condition::any().add(own.clone()).add(linked(column)))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Takes from the events of these changes what ties the person to a client, and where they came from.
async fn forget_events(tx: &DatabaseTransaction, account: Uuid, theirs: &Condition) -> Result<(), Error> {
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
    // A change of a client stays one of the client.
    event::Entity::update_many()
        .col_expr(event::Column::AccountId, Expr::value(Option::<Uuid>::None))
        .filter(event::Column::Id.in_subquery(of(Condition::all().add(Column::TargetKind.eq("client")))))
        .exec(tx)
        .await?;
    event::Entity::update_many()
        .col_expr(event::Column::ClientId, Expr::value(Option::<String>::None))
        .filter(event::Column::AccountId.eq(account))
        .filter(event::Column::Kind.eq(EventKind::Change.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The marker in the place of what was said of a person.
fn erased(subject: &Subject) -> String {
    json!({ "erased": subject }).to_string()
}

/// The person of whom all that these texts of a change said was erased. Of other changes nothing ever is.
pub(super) fn erased_person(row: &Model, texts: &[&Option<String>]) -> Option<String> {
    let texts: Vec<&String> = texts.iter().copied().flatten().collect();
    let marker: serde_json::Value = serde_json::from_str(texts.first()?).ok()?;
    let subject = marker.get("erased")?.as_str()?;
    let whole = erased(&Subject::new(subject));
    let is_theirs = row.target_kind == "user" && row.target_id == subject || NAMING.contains(&row.action.as_str());
    (is_theirs && texts.iter().all(|text| **text == whole)).then(|| subject.to_owned())
}
