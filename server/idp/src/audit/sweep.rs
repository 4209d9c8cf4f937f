//! The beginning of the chain, deleted after the days for which changes are kept. That it was is a change of its own, so nobody else
//! can take it away unseen.

use oauth::time::Timestamp;
use sea_orm::sea_query::{Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::chain::{AuditHead, HEAD, hexadecimal};
use super::{Actor, Change, record};
use crate::entity::audit_event::{Column, Entity};
use crate::entity::{event, setting};
use crate::error::Error;
use crate::settings;

/// The deed, its kind of target, and the target.
pub(super) const SWEEP: &str = "audit.sweep";
const KIND: &str = "audit";
const TARGET: &str = "changes";

/// The setting that held the last change that was swept, before sweeps were changes.
const SWEPT: &str = "audit_swept";

/// Changes that are swept at once.
const BATCH: u64 = 500;

/// Seconds between two sweeps of less than a batch: each leaves a change.
const PAUSE: i64 = 86_400;

/// The place after which the chain begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beginning {
    pub(super) head: AuditHead,
    /// The number of the change that says so, and its time.
    pub(super) said: Option<(i64, Timestamp)>,
}

/// The place after which the chain begins, as its last sweep says.
pub(super) async fn beginning(db: &impl ConnectionTrait) -> Result<Beginning, Error> {
    if let Some(beginning) = last_sweep(db).await? {
        return Ok(beginning);
    }
    let head = swept_earlier(db).await?.unwrap_or_else(AuditHead::start);
    Ok(Beginning { head, said: None })
}

/// The place up to which a server of an earlier version swept. It left no change, so it is believed only where the changes that are left
/// are of such a server, too, and go on there; or where none is left.
async fn swept_earlier(db: &impl ConnectionTrait) -> Result<Option<AuditHead>, Error> {
    let Some(swept) = settings::find(db, SWEPT).await?.as_deref().and_then(AuditHead::parse) else { return Ok(None) };
    let first = Entity::find().filter(Column::Number.is_not_null()).order_by_asc(Column::Number).one(db).await?;
    let goes_on = match first {
        Some(first) => first.origin_digest.is_none() && first.number == Some(swept.number + 1),
        None => settings::find(db, HEAD).await?.as_deref().and_then(AuditHead::parse).as_ref() == Some(&swept),
    };
    Ok(goes_on.then_some(swept))
}

async fn last_sweep(db: &impl ConnectionTrait) -> Result<Option<Beginning>, Error> {
    let sweeps = Entity::find()
        .filter(Column::TargetKind.eq(KIND))
        .filter(Column::TargetId.eq(TARGET))
        .filter(Column::Action.eq(SWEEP))
        .filter(Column::Number.is_not_null());
    let last = sweeps.order_by_desc(Column::Number).one(db).await?;
    Ok(last.and_then(|row| {
        let after: serde_json::Value = serde_json::from_str(row.after.as_deref()?).ok()?;
        let head = AuditHead::parse(after.get("swept")?.as_str()?)?;
        Some(Beginning { head, said: Some((row.number?, Timestamp(row.at))) })
    }))
}

/// Deletes a batch of changes from before `since`: of the chain, its beginning. The events that tell of them go, too.
pub(crate) async fn sweep(tx: &DatabaseTransaction, since: Option<Timestamp>, now: Timestamp) -> Result<u64, Error> {
    record_earlier(tx, now).await?;
    let Some(since) = since else { return Ok(0) };
    let unchained: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Number.is_null())
        .filter(Column::At.lt(since.0))
        .limit(BATCH)
        .into_tuple()
        .all(tx)
        .await?;
    let mut swept = 0;
    if !unchained.is_empty() {
        forget_events(tx, Column::Id.is_in(unchained.iter().copied())).await?;
        swept += Entity::delete_many().filter(Column::Id.is_in(unchained)).exec(tx).await?.rows_affected;
    }
    // One that was put in below the beginning is none of the chain.
    let begins = last_sweep(tx).await?;
    let after = begins.as_ref().map_or(0, |begins| begins.head.number);
    let chained = Entity::find().filter(Column::Number.gt(after)).order_by_asc(Column::Number).limit(BATCH);
    let chained: Vec<(i64, i64, Vec<u8>)> =
        chained.select_only().columns([Column::Number, Column::At, Column::Digest]).into_tuple().all(tx).await?;
    let old = || chained.iter().take_while(|(_, at, _)| *at < since.0);
    let Some((number, _, digest)) = old().last() else { return Ok(swept) };
    let last = begins.and_then(|begins| begins.said);
    if (old().count() as u64) < BATCH && last.is_some_and(|(_, at)| at.plus(PAUSE) > now) {
        return Ok(swept);
    }
    forget_events(tx, Column::Number.lte(*number)).await?;
    let gone = Entity::delete_many().filter(Column::Number.lte(*number)).exec(tx).await?.rows_affected;
    // Another node may have swept meanwhile.
    if gone > 0 {
        say(tx, &AuditHead { number: *number, digest: hexadecimal(digest) }, now).await?;
    }
    Ok(swept + gone)
}

async fn say(tx: &DatabaseTransaction, swept: &AuditHead, now: Timestamp) -> Result<(), Error> {
    let change = Change {
        actor: Actor::system(),
        action: SWEEP,
        target: TARGET.to_owned(),
        before: None,
        after: Some(json!({ "swept": swept.to_string() })),
    };
    record(tx, change, now).await
}

/// Makes a change of what a server of an earlier version swept.
async fn record_earlier(tx: &DatabaseTransaction, now: Timestamp) -> Result<(), Error> {
    if settings::find(tx, SWEPT).await?.is_none() {
        return Ok(());
    }
    let swept = match last_sweep(tx).await? {
        None => swept_earlier(tx).await?,
        Some(_) => None,
    };
    let gone = setting::Entity::delete_by_id(SWEPT.to_owned()).exec(tx).await?.rows_affected == 1;
    match swept.filter(|head| gone && head.number > 0) {
        Some(head) => say(tx, &head, now).await,
        None => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use oauth::scope::ScopeDraft;
    use sea_orm::IntoActiveModel as _;

    use super::*;
    use crate::Idp;
    use crate::audit::AuditFault;
    use crate::audit::chain::{content_of, digest_of};
    use crate::clock::Clock;
    use crate::testing::{Kind, TestDatabase, open_node};

    /// Writes the chain as a server wrote it that knew neither origins nor changes by sweeps.
    async fn make_old(idp: &Idp) {
        let mut head = AuditHead::start();
        for mut row in Entity::find().order_by_asc(Column::Number).all(idp.store.connection()).await.unwrap() {
            (row.origin, row.origin_digest, row.salt) = (None, None, None);
            row.content = Some(content_of(&row));
            row.digest = Some(digest_of(&row, &head));
            head = AuditHead::of(&row).unwrap();
            let mut row = row.into_active_model();
            row.id = sea_orm::Unchanged(row.id.take().unwrap());
            for column in [Column::Origin, Column::OriginDigest, Column::Salt, Column::Content, Column::Digest] {
                sea_orm::ActiveModelTrait::reset(&mut row, column);
            }
            Entity::update(row).exec(idp.store.connection()).await.unwrap();
        }
        settings::put(idp.store.connection(), HEAD, &head.to_string()).await.unwrap();
    }

    /// Takes away the first two changes, and says so in the setting of old.
    async fn cut(idp: &Idp) {
        let db = idp.store.connection();
        let second = Entity::find().filter(Column::Number.eq(2)).one(db).await.unwrap().unwrap();
        settings::put(db, SWEPT, &AuditHead::of(&second).unwrap().to_string()).await.unwrap();
        Entity::delete_many().filter(Column::Number.lte(2)).exec(db).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_a_change_says_that_changes_were_swept() {
        for kind in Kind::ALL {
            let Some(database) = TestDatabase::create(kind).await else { continue };
            let start = Timestamp(1_800_000_000);
            let idp = open_node(&database, &Clock::fixed(start)).await;
            let look = async || idp.verify_audit(None).await.unwrap();
            cut(&idp).await;
            assert_eq!(look().await.fault, Some(AuditFault::Missing(1)), "{kind:?}: a setting says nothing");
            idp.store.write(move |tx| Box::pin(sweep(tx, None, start))).await.unwrap();
            assert_eq!(
                look().await.fault,
                Some(AuditFault::Missing(1)),
                "{kind:?}: and the server does not believe it"
            );

            let Some(database) = TestDatabase::create(kind).await else { continue };
            let idp = open_node(&database, &Clock::fixed(start)).await;
            let look = async || idp.verify_audit(None).await.unwrap();
            make_old(&idp).await;
            cut(&idp).await;
            let report = look().await;
            assert_eq!((report.fault, report.swept, report.swept_at), (None, 2, None), "{kind:?}");
            // The change that says so is made once, whatever the retention is now.
            for _ in 0..2 {
                idp.store.write(move |tx| Box::pin(sweep(tx, None, start))).await.unwrap();
                let report = look().await;
                assert_eq!((report.fault, report.swept, report.changes), (None, 2, 3), "{kind:?}");
                assert_eq!(report.swept_at, Some(start), "{kind:?}");
            }
            let draft = ScopeDraft { name: "s".into(), description: "S".into(), claims: String::new() };
            idp.create_scope(&Actor::admin(), &draft).await.unwrap();
            assert_eq!(look().await.fault, None, "{kind:?}");
        }
    }
}
