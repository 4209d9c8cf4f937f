//! Rows that nobody will ask for again, deleted in small batches so that no write waits long behind it.

use oauth::grant::{AUTH_REQ_ID_LIFETIME, DEVICE_CODE_LIFETIME};
use oauth::time::Timestamp;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait as _};

use crate::activity::{list, sums};
use crate::entity::{
    access_token, admin_session, ciba_request, device_code, failed_attempt, grants, pushed_request, refresh_replay,
    refresh_token, used_assertion,
};
use crate::error::Error;
use crate::grants::ciba;
use crate::recycle::forget_late_events;
use crate::sessions::end_expired_sessions;
use crate::{Idp, audit, chores, documents, logouts, registrations};

/// Rows of one table deleted in one transaction.
const BATCH: u64 = 500;

/// Rows of the smallest batch that a sweep takes. Where as many went, there may be more.
pub const LEAST_FULL_BATCH: u64 = 50;

/// Seconds a grant is kept after the last of its tokens has expired, so that a late replay is still seen as one.
const KEPT: i64 = 86_400;

/// Seconds for which replays of refresh tokens are shown.
const REPLAYS_KEPT: i64 = 90 * 86_400;

impl Idp {
    /// Deletes one batch of what has expired, and writes which sessions were used; returns how many rows went.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self) -> Result<u64, Error> {
        chores::note(&self.failed_chores.sweep, self.sweep_batch().await)
    }

    async fn sweep_batch(&self) -> Result<u64, Error> {
        let now = self.now();
        let audited_since = self.options.tunables.audit_retention.map(|seconds| now.plus(-seconds));
        self.activity.settle(now, false);
        self.write_seen().await;
        let events_since = self.options.tunables.activity_retention.map(|seconds| now.plus(-seconds));
        let swept: u64 = self.store.write(move |tx| Box::pin(sweep(tx, now, audited_since))).await?;
        let swept = match events_since {
            Some(since) => swept + self.store.write(move |tx| Box::pin(list::sweep(tx, since))).await?,
            None => swept,
        };
        let swept = swept + self.store.write(move |tx| Box::pin(sums::sweep(tx, now))).await?;
        // Apart: clients are locked before grants.
        let forgotten = self.store.write(move |tx| Box::pin(documents::sweep(tx, now))).await?;
        if forgotten > 0 {
            self.catalog.clear();
        }
        Ok(swept + forgotten + self.sweep_bin().await?)
    }
}

macro_rules! delete_expired {
    ($tx:expr, $table:ident, $key:ident, $before:expr) => {
        delete_expired!($tx, $table, $key, ExpiresAt, $before)
    };
    ($tx:expr, $table:ident, $key:ident, $instant:ident, $before:expr) => {{
        let expired = $table::Entity::find()
            .select_only()
            .column($table::Column::$key)
            .filter($table::Column::$instant.lt($before))
            .limit(BATCH)
            .into_query();
        // MySQL wants a LIMIT inside IN to be one level deeper.
        let keys = Query::select().column($table::Column::$key).from_subquery(expired, "expired").to_owned();
        $table::Entity::delete_many().filter($table::Column::$key.in_subquery(keys)).exec($tx).await?.rows_affected
    }};
}

async fn sweep(tx: &DatabaseTransaction, now: Timestamp, audited_since: Option<Timestamp>) -> Result<u64, Error> {
    let mut swept = 0;
    swept += delete_expired!(tx, access_token, Digest, now.0);
    // A little longer, so that a device that comes late is told.
    swept += delete_expired!(tx, device_code, Digest, now.plus(-DEVICE_CODE_LIFETIME).0);
    ciba::forget_pings(tx, now).await?;
    swept += delete_expired!(tx, ciba_request, Digest, now.plus(-AUTH_REQ_ID_LIFETIME).0);
    swept += delete_expired!(tx, refresh_token, Digest, now.plus(-KEPT).0);
    // With a grant go its code and whatever tokens are left.
    swept += delete_expired!(tx, grants, Id, now.plus(-KEPT).0);
    swept += delete_expired!(tx, refresh_replay, Id, At, now.plus(-REPLAYS_KEPT).0);
    swept += end_expired_sessions(tx, now).await?;
    swept += delete_expired!(tx, admin_session, Digest, now.0);
    swept += delete_expired!(tx, failed_attempt, Digest, now.0);
    swept += registrations::sweep(tx, now).await?;
    swept += delete_expired!(tx, pushed_request, Digest, now.0);
    swept += delete_expired!(tx, used_assertion, Digest, now.0);
    swept += logouts::sweep(tx, now).await?;
    forget_late_events(tx, now).await?;
    Ok(swept + audit::sweep(tx, audited_since, now).await?)
}

#[cfg(test)]
mod tests {
    use oauth::scope::ScopeDraft;
    use sea_orm::PaginatorTrait as _;

    use super::*;
    use crate::audit::{Actor, AuditFault, AuditHead};
    use crate::clock::Clock;
    use crate::entity::{audit_event, event};
    use crate::testing::{Kind, TestDatabase, open_node};

    #[tokio::test(flavor = "multi_thread")]
    async fn audit_events_go_after_their_time_in_batches_or_stay_for_ever() {
        for kind in Kind::ALL {
            let Some(database) = TestDatabase::create(kind).await else { continue };
            let start = Timestamp(1_800_000_000);
            let idp = open_node(&database, &Clock::fixed(start)).await;
            let sweep = async |now: Timestamp, kept: Option<i64>| {
                let since = kept.map(|seconds| now.plus(-seconds));
                idp.store.write(move |tx| Box::pin(sweep(tx, now, since))).await.unwrap()
            };
            let left = async || audit_event::Entity::find().count(idp.store.read()).await.unwrap();
            // The first keys were made, three that sign and one to encrypt to: four events.
            assert_eq!(left().await, 4, "{kind:?}");
            let later = start.plus(400 * 86_400);
            assert_eq!((sweep(later, None).await, left().await), (0, 4), "{kind:?}");
            assert_eq!((sweep(later, Some(400 * 86_400)).await, left().await), (0, 4), "{kind:?}");
            let told = async || event::Entity::find().count(idp.store.read()).await.unwrap();
            assert_eq!(told().await, 4, "{kind:?}");
            // What was swept leaves a change that says so.
            assert_eq!((sweep(later, Some(399 * 86_400)).await, left().await), (4, 1), "{kind:?}");
            assert_eq!(told().await, 1, "{kind:?}: with the changes go the events that tell of them");
            let seen = |number, digest: &str| AuditHead { number, digest: digest.repeat(64) };
            let of = async |seen: AuditHead| idp.verify_audit(Some(&seen)).await.unwrap().fault;
            assert_eq!(of(seen(2, "0")).await, Some(AuditFault::Swept(2)), "{kind:?}");
            assert_eq!(of(seen(4, "0")).await, Some(AuditFault::Rewritten(4)), "{kind:?}");
            assert_eq!(of(idp.audit_head().await.unwrap()).await, None, "{kind:?}");
            // The chain goes on where it was, and a change that is missing behind the swept ones is missed.
            let draft = |name: &str| ScopeDraft { name: name.into(), description: "S".into(), claims: String::new() };
            for name in ["a", "b"] {
                idp.create_scope(&Actor::admin(), &draft(name)).await.unwrap();
            }
            let report = idp.verify_audit(None).await.unwrap();
            assert_eq!((report.fault, report.changes, report.head.number), (None, 3, 7), "{kind:?}");
            assert_eq!((report.swept, report.swept_at), (4, Some(later)), "{kind:?}");
            // Few are swept once a day: each sweep leaves a change.
            let (hour, day) = (later.plus(3_600), later.plus(86_400));
            assert_eq!((sweep(hour, Some(0)).await, left().await), (0, 3), "{kind:?}");
            assert_eq!((sweep(day, Some(0)).await, left().await), (3, 1), "{kind:?}");
            let report = idp.verify_audit(None).await.unwrap();
            assert_eq!((report.fault, report.changes, report.swept), (None, 1, 7), "{kind:?}");
            for name in ["c", "d"] {
                idp.create_scope(&Actor::admin(), &draft(name)).await.unwrap();
            }
            let gone = audit_event::Column::Number.eq(9);
            audit_event::Entity::delete_many().filter(gone).exec(idp.store.connection()).await.unwrap();
            assert_eq!(idp.verify_audit(None).await.unwrap().fault, Some(AuditFault::Missing(9)), "{kind:?}");
        }
    }
}
