//! The messages to a client, as administrators see them.

use std::collections::BTreeSet;

use oauth::count::Count;
use oauth::id::{ClientId, SessionId, Subject};
use oauth::listing::Cursor;
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _};

use crate::entity::session_client;
use crate::error::Error;
use crate::page::{MOST_LISTED, Stretch, count};
use crate::{Idp, users};

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The client took it.
    Done,
    /// It is tried at this time, or sent at this moment.
    Waiting(Timestamp),
    /// It is not tried any more.
    GivenUp,
}

/// A message about the end of a session.
#[derive(Debug, Clone)]
pub struct LogoutRow {
    /// That of the session; in a test, of none.
    pub sid: SessionId,
    /// Whose session it was; none in a test.
    pub user: Option<Subject>,
    /// None: the account was deleted.
    pub username: Option<String>,
    pub ended_at: Timestamp,
    pub attempts: i64,
    pub tried_at: Option<Timestamp>,
    /// The outcome of the last try, in words.
    pub answer: Option<String>,
    pub delivery: Delivery,
}

impl LogoutRow {
    /// The place in the list behind this row.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}.{}", self.ended_at.0, self.sid)
    }
}

impl Idp {
    /// The messages to a client, those of the latest end first, beside a place in the list or from its beginning; at most `limit` and at
    /// most [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when there is no such place; or when the database does not answer.
    pub async fn list_logouts(
        &self,
        client_id: &ClientId,
        place: Option<&Cursor>,
        limit: u64,
    ) -> Result<Stretch<LogoutRow>, Error> {
        use session_client::Column as C;
        let limit = limit.min(MOST_LISTED);
        let mut which = told(client_id);
        let falls = !place.is_some_and(Cursor::is_backward);
        if let Some(place) = place {
            let (at, sid) = crate::sessions::read_place(place.place()).ok_or(Error::NotFound)?;
            // Said twice, so that the index leads to the place.
            let (bound, past, last) = if falls {
                (C::EndedAt.lte(at), C::EndedAt.lt(at), C::Sid.lt(sid))
            } else {
                (C::EndedAt.gte(at), C::EndedAt.gt(at), C::Sid.gt(sid))
            };
            which = which.add(bound).add(Condition::any().add(past).add(last));
        }
        let direction = if falls { Order::Desc } else { Order::Asc };
        let rows = session_client::Entity::find().filter(which).order_by(C::EndedAt, direction.clone());
        let rows = rows.order_by(C::Sid, direction).limit(limit + 1).all(self.store.read()).await?;
        let found = Stretch::beside(place, rows, limit);
        let accounts: BTreeSet<_> = found.rows.iter().filter_map(|row| row.account_id).collect();
        let names = self.usernames(accounts).await?;
        let row = |row: session_client::Model| LogoutRow {
            username: row.account_id.and_then(|account| names.get(&account).cloned()),
            user: row.account_id.map(users::subject_of),
            ended_at: Timestamp(row.ended_at.unwrap_or_default()),
            attempts: row.attempts,
            tried_at: row.tried_at.map(Timestamp),
            delivery: match (row.due_at, row.delivered_at) {
                (Some(due_at), _) => Delivery::Waiting(Timestamp(due_at)),
                (None, Some(_)) => Delivery::Done,
                (None, None) => Delivery::GivenUp,
            },
            answer: row.answer,
            sid: SessionId::new(row.sid),
        };
        Ok(found.with_rows(|rows| rows.into_iter().map(row).collect()))
    }

    /// The number of messages to a client.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_logouts(&self, client_id: &ClientId) -> Result<Count, Error> {
        count(self.store.read(), session_client::Entity::find().filter(told(client_id)).into_query()).await
    }
}

/// The messages to a client.
fn told(client_id: &ClientId) -> Condition {
    use session_client::Column as C;
    Condition::all().add(C::ClientId.eq(client_id.as_str())).add(C::EndedAt.is_not_null())
}
