//! The messages to a client, as administrators see them.

use std::collections::BTreeSet;

use oauth::id::{ClientId, SessionId, Subject};
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::session_client;
use crate::error::Error;
use crate::page::{MOST_LISTED, Stretch};
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
    /// The messages to a client, those of the latest end first, behind a place in the list or from its beginning; at most `limit` and at
    /// most [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when `after` is no place; or when the database does not answer.
    pub async fn list_logouts(
        &self,
        client_id: &ClientId,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Stretch<LogoutRow>, Error> {
        use session_client::Column as C;
        let limit = limit.min(MOST_LISTED);
        let mut which = Condition::all().add(C::ClientId.eq(client_id.as_str())).add(C::EndedAt.is_not_null());
        if let Some(after) = after {
            let (at, sid) = crate::sessions::read_place(after).ok_or(Error::NotFound)?;
            // Said twice, so that the index leads to the place.
            let before = Condition::any().add(C::EndedAt.lt(at)).add(C::Sid.lt(sid));
            which = which.add(C::EndedAt.lte(at)).add(before);
        }
        let rows = session_client::Entity::find().filter(which).order_by_desc(C::EndedAt).order_by_desc(C::Sid);
        let found = Stretch::of(rows.limit(limit + 1).all(self.store.read()).await?, limit);
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
        Ok(Stretch { rows: found.rows.into_iter().map(row).collect(), is_more: found.is_more })
    }
}
