//! Sessions, as administrators see them.

use std::collections::BTreeMap;

use oauth::count::Count;
use oauth::id::{ClientId, SessionId, Subject};
use oauth::listing::{Cursor, SessionColumn, Sorting};
use oauth::session::Session;
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _};

use super::read_session;
use crate::Idp;
use crate::entity::{grants, session};
use crate::error::Error;
use crate::grants::is_live;
use crate::page::{MOST_LISTED, Stretch, count};
use crate::users::account_id;

/// An open session.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub session: Session,
    pub username: String,
    /// `User-Agent` at the latest login.
    pub user_agent: Option<String>,
    /// The IP address of the latest login.
    pub address: Option<String>,
    pub started_at: Timestamp,
    /// To a few minutes.
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    /// The clients that hold a live grant of it: ID and name, in the order of the names.
    pub clients: Vec<(ClientId, String)>,
}

impl SessionRow {
    /// The place behind this row in a list of that order. It stays where it is when the session is used again or ends.
    #[must_use]
    pub fn place(&self, by: SessionColumn) -> String {
        let at = match by {
            SessionColumn::Started => self.started_at,
            SessionColumn::Seen => self.seen_at,
        };
        format!("{}.{}", at.0, self.session.sid)
    }
}

/// Whose sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionsOf {
    Everybody,
    User(Subject),
    /// Those whom a search for this text finds.
    Found(String),
}

impl Idp {
    /// Open sessions, beside a place in the list or from its beginning; at most `limit` and at most [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when there is no such place or when nobody can be of that subject; or when the database does not answer.
    pub async fn list_sessions(
        &self,
        of: &SessionsOf,
        order: Sorting<SessionColumn>,
        place: Option<&Cursor>,
        limit: u64,
    ) -> Result<Stretch<SessionRow>, Error> {
        use session::Column as C;
        let falls = order.descending != place.is_some_and(Cursor::is_backward);
        let limit = limit.min(MOST_LISTED);
        let by = match order.by {
            SessionColumn::Started => C::CreatedAt,
            SessionColumn::Seen => C::SeenAt,
        };
        let mut which = self.sessions_of(of).await?;
        if let Some(place) = place {
            let (at, sid) = read_place(place.place()).ok_or(Error::NotFound)?;
            // Said twice, so that the index leads to the place.
            let (bound, past, last) =
                if falls { (by.lte(at), by.lt(at), C::Sid.lt(sid)) } else { (by.gte(at), by.gt(at), C::Sid.gt(sid)) };
            which = which.add(bound).add(Condition::any().add(past).add(last));
        }
        let direction = if falls { Order::Desc } else { Order::Asc };
        let rows = session::Entity::find().filter(which).order_by(by, direction.clone()).order_by(C::Sid, direction);
        let rows = rows.limit(limit + 1).all(self.store.read()).await?;
        let Stretch { rows, is_later, is_more } = Stretch::beside(place, rows, limit);
        Ok(Stretch { rows: self.describe_sessions(rows).await?, is_later, is_more })
    }

    /// The number of these sessions.
    ///
    /// # Errors
    /// `NotFound` when nobody can be of that subject; or when the database does not answer.
    pub async fn count_sessions_of(&self, of: &SessionsOf) -> Result<Count, Error> {
        let found = session::Entity::find().filter(self.sessions_of(of).await?);
        count(self.store.read(), found.into_query()).await
    }

    async fn sessions_of(&self, of: &SessionsOf) -> Result<Condition, Error> {
        use session::Column as C;
        let live = Condition::all().add(C::ExpiresAt.gt(self.now().0));
        Ok(match of {
            SessionsOf::Everybody => live,
            SessionsOf::User(subject) => live.add(C::AccountId.eq(account_id(subject)?)),
            SessionsOf::Found(text) => live.add(C::AccountId.is_in(self.search_users(text).await?.owners)),
        })
    }

    /// Those of the sessions that are open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get_sessions(&self, sids: &[SessionId]) -> Result<Vec<SessionRow>, Error> {
        let rows = session::Entity::find()
            .filter(session::Column::Sid.is_in(sids.iter().map(SessionId::as_str)))
            .filter(session::Column::ExpiresAt.gt(self.now().0))
            .order_by_desc(session::Column::SeenAt)
            .limit(MOST_LISTED)
            .all(self.store.read())
            .await?;
        self.describe_sessions(rows).await
    }

    async fn describe_sessions(&self, rows: Vec<session::Model>) -> Result<Vec<SessionRow>, Error> {
        let names = self.usernames(rows.iter().map(|row| row.account_id).collect()).await?;
        let mut clients = self.clients_of_sessions(rows.iter().map(|row| row.sid.as_str())).await?;
        let mut described = Vec::with_capacity(rows.len());
        for row in rows {
            // An account that was deleted meanwhile took its sessions with it.
            let Some(username) = names.get(&row.account_id).cloned() else { continue };
            described.push(SessionRow {
                username,
                user_agent: row.user_agent.clone(),
                address: row.address.clone(),
                started_at: Timestamp(row.created_at),
                seen_at: Timestamp(row.seen_at.unwrap_or_default()),
                expires_at: Timestamp(row.expires_at),
                clients: clients.remove(&row.sid).unwrap_or_default(),
                session: read_session(row)?,
            });
        }
        Ok(described)
    }

    /// The clients that hold a live grant of a session, by session.
    async fn clients_of_sessions(
        &self,
        sids: impl Iterator<Item = &str>,
    ) -> Result<BTreeMap<String, Vec<(ClientId, String)>>, Error> {
        let held: Vec<(String, String)> = grants::Entity::find()
            .select_only()
            .columns([grants::Column::Sid, grants::Column::ClientId])
            .distinct()
            .filter(grants::Column::Sid.is_in(sids))
            .filter(is_live(self.now()))
            .into_tuple()
            .all(self.store.read())
            .await?;
        let names = self.client_names(held.iter().map(|(_, client)| client.as_str()).collect()).await?;
        let mut clients: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (sid, client_id) in held {
            if let Some(name) = names.get(&client_id) {
                clients.entry(sid).or_default().push((ClientId::new(client_id), name.clone()));
            }
        }
        for held in clients.values_mut() {
            held.sort_by_cached_key(|(id, name)| (name.to_lowercase(), id.clone()));
        }
        Ok(clients)
    }
}

/// A time and a session.
pub(crate) fn read_place(text: &str) -> Option<(i64, &str)> {
    let (at, sid) = text.split_once('.')?;
    is_sid(sid).then_some((at.parse().ok()?, sid))
}

/// True for what can be the ID of a session.
pub(crate) fn is_sid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_time_and_a_session() {
        assert_eq!(read_place("1800000000.a-B_9"), Some((1_800_000_000, "a-B_9")));
        for wrong in ["", ".", "1.", ".a", "x.a", "1.a b", "1.a.b", "1.\u{e9}", &format!("1.{}", "a".repeat(65))] {
            assert_eq!(read_place(wrong), None, "{wrong}");
        }
    }
}
