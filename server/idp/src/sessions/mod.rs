//! Browsers in which somebody is signed in.

mod end;
mod list;
mod seen;
mod sign_in;

use oauth::count::Count;
use oauth::id::{LoginId, SessionId};
use oauth::secret::Secret;
use oauth::session::{Factor, Session, SignedIn};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryTrait as _};
use sha2::{Digest as _, Sha256};

pub use end::ChosenSessions;
pub(crate) use end::{end_expired_sessions, end_sessions, sign_out_everywhere};
pub use list::{SessionRow, SessionsOf};
pub(crate) use list::{is_sid, read_place};
pub(crate) use seen::Seen;
pub use sign_in::SignIn;

use crate::entity::session;
use crate::error::Error;
use crate::page::count;
use crate::{Idp, users};

/// Seconds a session lasts after a login: 30 days, across restarts of the browser.
pub const SESSION_LIFETIME: i64 = 30 * 86_400;

/// Sessions of one account. With one more the oldest ends.
pub const MAX_SESSIONS: u64 = 100;

impl Idp {
    /// The session of this cookie, with the person it belongs to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_session(&self, cookie: &Secret) -> Result<Option<SignedIn>, Error> {
        let row = session::Entity::find_by_id(cookie.digest().as_bytes().to_vec()).one(self.store.read()).await?;
        let Some(row) = row.filter(|row| row.expires_at > self.now().0) else {
            return Ok(None);
        };
        let Some(user) = self.find_user(&users::subject_of(row.account_id)).await? else {
            return Ok(None);
        };
        self.note_seen(&row);
        Ok(Some(SignedIn { session: read_session(row)?, user }))
    }

    /// The number of open sessions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_sessions(&self) -> Result<Count, Error> {
        let live = session::Column::ExpiresAt.gt(self.now().0);
        count(self.store.read(), session::Entity::find().filter(live).into_query()).await
    }
}

/// Makes sure, until the transaction ends, that the session is open, and that `grounds` are given. False: it has ended, or they
/// are not.
///
/// The UPDATE takes the row's lock, which every way of ending a session needs, too: whatever is written behind it is written
/// before the session ends, and found by whoever ends it. With `tells_clients` the session notes that a client is to hear of its end.
pub(crate) async fn hold_open(
    tx: &DatabaseTransaction,
    sid: &SessionId,
    grounds: Condition,
    tells_clients: bool,
    now: Timestamp,
) -> Result<bool, Error> {
    let mut held = session::Entity::update_many()
        .col_expr(session::Column::SeenAt, Expr::value(now.0))
        .filter(session::Column::Sid.eq(sid.as_str()))
        .filter(session::Column::ExpiresAt.gt(now.0))
        .filter(grounds);
    if tells_clients {
        held = held.col_expr(session::Column::TellsClients, Expr::value(true));
    }
    Ok(held.exec(tx).await?.rows_affected == 1)
}

fn read_session(row: session::Model) -> Result<Session, Error> {
    Ok(Session {
        subject: users::subject_of(row.account_id),
        login: login_of(&row.digest),
        factors: read_factors(row.factors.as_deref())?,
        sid: SessionId::new(row.sid),
    })
}

fn read_factors(stored: Option<&str>) -> Result<Vec<Factor>, Error> {
    stored.map_or(Ok(Vec::new()), |stored| serde_json::from_str(stored).map_err(Error::internal))
}

/// Each login has a cookie of its own, so the cookie's digest tells logins apart. A digest of that may be seen.
fn login_of(digest: &[u8]) -> LoginId {
    let seen = Sha256::digest(digest);
    LoginId::new(seen.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<String>())
}
