//! Delays after wrong passwords and wrong admin tokens, shared by all nodes.
//!
//! An attempt is counted as wrong *before* it is looked at, under the lock of its rows, and the count is taken back when it was
//! right: of any number of attempts at once, no more are looked at than of the same attempts one after the other. While a
//! delay lasts, nothing is looked at, not even what is right.

mod pace;
mod secrets;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use crate::Idp;
use crate::entity::failed_attempt::{Column, Entity, Model};
use crate::entity::{account, session};
use crate::error::Error;
use crate::network::Network;
use oauth::user::{fold, login_key};
use pace::Pace;
pub(crate) use secrets::Guesses;

/// The answer to a secret that somebody presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission<T> {
    /// It is right.
    Admitted(T),
    /// It is wrong.
    Refused,
    /// It was not looked at: there were too many wrong ones before it.
    Delayed {
        /// Seconds until one is looked at, at least 1.
        wait: i64,
    },
}

/// Whom wrong attempts are counted for.
pub(crate) enum Counted<'a> {
    /// An account, by whichever of its names somebody signs in.
    Account(Uuid),
    /// An account, in a browser where that account is signed in: nobody else's wrong passwords count there.
    Browser(Uuid, &'a str),
    /// A name that no account has; it is delayed like one that has.
    Name(&'a str),
    /// All passwords from a network.
    Passwords(Network),
    /// Admin tokens at the console's door from a network.
    Console(Network),
    /// Admin tokens in calls of the admin API from a network.
    AdminApi(Network),
    /// Secrets of a client, or of a name that no client has, from a network.
    ClientAt(&'a str, Network),
    /// Secrets of all clients from a network.
    ClientsAt(Network),
    /// Secrets of a client from anywhere.
    Client(&'a str),
    /// User codes of devices that somebody typed who is signed in to this account.
    UserCodes(Uuid),
    /// User codes of devices from a network.
    UserCodesAt(Network),
    /// People whom nobody knows, and whom a client asked for by name.
    Hints(&'a str),
}

impl Counted<'_> {
    fn pace(&self) -> Pace {
        match self {
            Self::Account(_) | Self::Browser(..) | Self::Name(_) => pace::ACCOUNT,
            Self::Passwords(network) => pace::ADDRESS.times(network.allowance()),
            Self::Console(network) | Self::AdminApi(network) => pace::ADMIN_TOKEN.times(network.allowance()),
            Self::ClientAt(_, network) => pace::CLIENT.times(network.allowance()),
            Self::ClientsAt(network) | Self::UserCodesAt(network) => pace::ADDRESS.times(network.allowance()),
            Self::Client(_) => pace::ANY_ADDRESS,
            Self::UserCodes(_) => pace::USER_CODE,
            Self::Hints(_) => pace::HINT,
        }
    }

    /// Names the counter. Goes through a keyed hash before it is stored: what was typed as a name may be a password.
    fn label(&self) -> String {
        match self {
            Self::Account(id) => format!("failed attempts: account {id}"),
            Self::Browser(id, sid) => format!("failed attempts: account {id}, session {sid}"),
            Self::Name(name) => format!("failed attempts: name {}", login_key(name).unwrap_or_else(|| fold(name))),
            Self::Passwords(network) => format!("failed attempts: passwords from {network}"),
            Self::Console(network) => format!("failed attempts: console from {network}"),
            Self::AdminApi(network) => format!("failed attempts: admin API from {network}"),
            Self::ClientAt(client, network) => format!("failed attempts: client {client} from {network}"),
            Self::ClientsAt(network) => format!("failed attempts: clients from {network}"),
            Self::Client(client) => format!("failed attempts: client {client}"),
            Self::UserCodes(id) => format!("failed attempts: user codes of account {id}"),
            Self::UserCodesAt(network) => format!("failed attempts: user codes from {network}"),
            Self::Hints(client) => format!("failed attempts: hints of {client}"),
        }
    }
}

/// A row, by its key, with the pace at which it delays.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    digest: Vec<u8>,
    pace: Pace,
}

/// The answer to an attempt that wants to go on.
#[derive(Debug)]
pub(crate) enum Attempt {
    Counted(Reservation),
    /// Seconds until one may.
    Delayed {
        wait: i64,
    },
}

/// The change that an attempt made when it was counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reservation(Vec<Change>);

#[derive(Debug, Clone)]
struct Change {
    counter: Counter,
    /// `not_before` as it was, and as it is now.
    before: i64,
    after: i64,
    /// There were failures before this one.
    failed_before: bool,
}

impl Idp {
    pub(crate) fn counter(&self, counted: &Counted<'_>) -> Counter {
        Counter { digest: self.options.app_secret.derive(&counted.label()).to_vec(), pace: counted.pace() }
    }

    /// The counters of an address: one for each of its networks.
    pub(crate) fn counters(&self, counted: fn(Network) -> Counted<'static>, address: IpAddr) -> Vec<Counter> {
        Network::all_of(address).map(|network| self.counter(&counted(network))).collect()
    }

    /// The counters of a password that was typed for `login`, in a browser with the session `cookie`.
    pub(crate) async fn password_counters(
        &self,
        account: Option<&account::Model>,
        login: &str,
        cookie: Option<&Secret>,
        address: IpAddr,
    ) -> Result<Vec<Counter>, Error> {
        let known = match cookie {
            Some(cookie) => {
                session::Entity::find_by_id(cookie.digest().as_bytes().to_vec()).one(self.store.read()).await?
            }
            None => None,
        };
        let by_account = match (account, &known) {
            (Some(account), Some(known)) if known.account_id == account.id => Counted::Browser(account.id, &known.sid),
            (Some(account), _) => Counted::Account(account.id),
            (None, _) => Counted::Name(login),
        };
        let mut counters = self.counters(Counted::Passwords, address);
        counters.push(self.counter(&by_account));
        Ok(counters)
    }

    /// Seconds until an attempt that these counters count is looked at; 0 when it is now.
    pub(crate) async fn find_delay(&self, counters: &[Counter]) -> Result<i64, Error> {
        if counters.is_empty() {
            return Ok(0);
        }
        let digests = counters.iter().map(|counter| counter.digest.clone());
        let rows = Entity::find().filter(Column::Digest.is_in(digests)).all(self.store.read()).await?;
        Ok(longest_wait(&rows, self.now()))
    }

    /// Counts an attempt as wrong and lets it go on, or says in how many seconds it may. One that is right is to be settled.
    pub(crate) async fn count_attempt(&self, mut counters: Vec<Counter>) -> Result<Attempt, Error> {
        if counters.is_empty() {
            return Ok(Attempt::Counted(Reservation::default()));
        }
        // Whoever is delayed costs a read and no write.
        let wait = self.find_delay(&counters).await?;
        if wait > 0 {
            return Ok(Attempt::Delayed { wait });
        }
        // In one order for all, so that no two wait for each other.
        counters.sort_by(|one, other| one.digest.cmp(&other.digest));
        let now = self.now();
        self.store.write(move |tx| Box::pin(count(tx, counters, now))).await
    }
}

/// The first statements lock the rows until the commit; the same statements tell MySQL to read what they changed.
async fn count(tx: &DatabaseTransaction, counters: Vec<Counter>, now: Timestamp) -> Result<Attempt, Error> {
    for counter in &counters {
        let first =
            Model { digest: counter.digest.clone(), failures: 1, counted_at: now.0, not_before: 0, expires_at: now.0 };
        let one_more = OnConflict::column(Column::Digest)
            .value(Column::Failures, Expr::col((Entity, Column::Failures)).add(1))
            .to_owned();
        Entity::insert(first.into_active_model()).on_conflict(one_more).exec_without_returning(tx).await?;
    }
    let digests = counters.iter().map(|counter| counter.digest.clone());
    let rows = Entity::find().filter(Column::Digest.is_in(digests)).all(tx).await?;
    let wait = longest_wait(&rows, now);
    let mut changes = Vec::with_capacity(counters.len());
    for counter in counters {
        let Some(row) = rows.iter().find(|row| row.digest == counter.digest) else {
            return Err(Error::internal("a row that was just written is not there"));
        };
        // Somebody was faster, and the delay that followed is not over: the attempt does not count.
        let next =
            if wait > 0 { Model { failures: row.failures - 1, ..row.clone() } } else { counter.pace.count(row, now) };
        write(tx, &next).await?;
        changes.push(Change {
            counter,
            before: row.not_before,
            after: next.not_before,
            failed_before: next.failures > 1,
        });
    }
    Ok(if wait > 0 { Attempt::Delayed { wait } } else { Attempt::Counted(Reservation(changes)) })
}

async fn write(tx: &DatabaseTransaction, row: &Model) -> Result<(), Error> {
    Entity::update_many()
        .col_expr(Column::Failures, Expr::value(row.failures))
        .col_expr(Column::CountedAt, Expr::value(row.counted_at))
        .col_expr(Column::NotBefore, Expr::value(row.not_before))
        .col_expr(Column::ExpiresAt, Expr::value(row.expires_at))
        .filter(Column::Digest.eq(row.digest.clone()))
        .exec(tx)
        .await?;
    Ok(())
}

fn longest_wait(rows: &[Model], now: Timestamp) -> i64 {
    rows.iter().map(|row| row.not_before - now.0).fold(0, Ord::max)
}

impl Reservation {
    /// Seconds of the delay that this attempt brings if it is wrong.
    pub(crate) fn delay(&self, now: Timestamp) -> i64 {
        self.0.iter().map(|change| change.after - now.0).fold(0, Ord::max)
    }

    /// The end of the delay that each counter has now.
    fn delays(self) -> impl Iterator<Item = (Vec<u8>, i64)> {
        self.0.into_iter().map(|change| (change.counter.digest, change.after))
    }

    /// True when wrong attempts came before this one, for the account or from the address.
    pub(crate) fn is_suspected(&self) -> bool {
        self.0.iter().any(|change| change.failed_before)
    }

    /// The attempt was not looked at: it does not count.
    pub(crate) async fn take_back(self, tx: &DatabaseTransaction) -> Result<(), Error> {
        for change in self.0 {
            change.take_back(tx).await?;
        }
        Ok(())
    }

    /// The attempt was right: the account's count ends; the address only loses this one, for whoever guesses may have an
    /// account of their own.
    pub(crate) async fn settle(self, tx: &DatabaseTransaction) -> Result<(), Error> {
        for change in self.0 {
            if change.counter.pace.ends_when_right {
                forget(tx, &change.counter).await?;
            } else {
                change.take_back(tx).await?;
            }
        }
        Ok(())
    }
}

impl Change {
    async fn take_back(self, tx: &DatabaseTransaction) -> Result<(), Error> {
        Entity::update_many()
            .col_expr(Column::Failures, Expr::col(Column::Failures).sub(1))
            .filter(Column::Digest.eq(self.counter.digest.clone()))
            .filter(Column::Failures.gt(0))
            .exec(tx)
            .await?;
        Entity::update_many()
            .col_expr(Column::NotBefore, Expr::value(self.before))
            .filter(Column::Digest.eq(self.counter.digest))
            .filter(Column::NotBefore.eq(self.after))
            .exec(tx)
            .await?;
        Ok(())
    }
}

/// Ends a count, and the delay with it.
pub(crate) async fn forget(tx: &DatabaseTransaction, counter: &Counter) -> Result<(), Error> {
    Entity::delete_by_id(counter.digest.clone()).exec(tx).await?;
    Ok(())
}
