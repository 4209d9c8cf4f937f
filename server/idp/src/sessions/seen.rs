//! The time when a session was last used. Whoever looks a session up writes nothing: those that were used wait here, and are written
//! together once a minute.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::Idp;
use crate::entity::session;

/// Seconds for which a session that was seen is not written again.
const STEP: i64 = 300;

/// Sessions that may wait. Of more than these it is not kept that they were used just now.
const MOST: usize = 10_000;

/// Sessions that one statement writes.
const BATCH: usize = 100;

/// The sessions that were used and wait to be written, by the digests of their cookies.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<BTreeSet<Vec<u8>>>);

impl Seen {
    fn add(&self, digest: &[u8]) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.insert(digest.to_vec());
        }
    }

    fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}

impl Idp {
    /// Notes that a session is in use.
    pub(super) fn note_seen(&self, row: &session::Model) {
        if row.seen_at.is_none_or(|at| at + STEP <= self.now().0) {
            self.seen.add(&row.digest);
        }
    }

    /// Writes which sessions were used. A row is found by its key and by nothing else, so that nobody who ends it meets this at an
    /// index.
    pub(crate) async fn write_seen(&self) {
        let now = self.now();
        for digests in self.seen.take().chunks(BATCH) {
            let seen = session::Entity::update_many()
                .col_expr(session::Column::SeenAt, Expr::value(now.0))
                .filter(session::Column::Digest.is_in(digests.iter().cloned()))
                .filter(session::Column::SeenAt.lt(now.0));
            self.note(seen).await;
        }
    }
}
