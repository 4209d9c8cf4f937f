//! Delays after wrong client secrets.
//!
//! A client shows its secret with every call, thousands of times a second, so a right one pays neither a write nor a read. What
//! delays is kept in memory, where a wrong secret counts before the next one is looked at; it is written to the database, too,
//! and what other nodes wrote there is read once a second.
//!
//! Whom a stranger could lock out: nobody. A secret that nobody can guess is let in whatever the delay. One that can be guessed
//! waits, at its own address for the wrong ones that came from there; elsewhere only if it has not been right there lately.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use oauth::error::TokenError;
use oauth::id::ClientId;
use oauth::refusal::Reason;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::{Admission, Attempt, Counted, Counter, longest_wait};
use crate::Idp;
use crate::entity::failed_attempt::{Column, Entity, Model};
use crate::error::Error;
use crate::network::Network;

/// Counts and delays that are kept in memory at most. Those that end first make room.
const MAX_ROWS: usize = 10_000;

/// Time for which an address at which a secret was right is not held up by what others guess elsewhere.
const TRUSTED: Duration = Duration::from_secs(24 * 3_600);

/// A secret of so many bytes, so many of them different, cannot be guessed by asking. One made here has 43 bytes.
const LONG: usize = 32;
const VARIED: u32 = 12;

/// The memory of this process of wrong client secrets.
pub(crate) struct Guesses {
    rows: Mutex<HashMap<Vec<u8>, Model>>,
    /// Clients at addresses where their secret was right, by the digest of that counter.
    trusted: Cache<Vec<u8>, ()>,
}

/// A secret that was looked at, or not.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    Right,
    Wrong,
    Delayed { wait: i64 },
}

impl Guesses {
    pub(crate) fn new() -> Self {
        let trusted = Cache::builder().max_capacity(MAX_ROWS as u64).time_to_live(TRUSTED).build();
        Self { rows: Mutex::default(), trusted }
    }

    /// Judges one secret after the other: a wrong one counts before the next is looked at. The first counter is that of the
    /// client in the narrowest network of the caller, the last one that of the client anywhere.
    fn judge(&self, counters: &[Counter], right: bool, now: Timestamp) -> Judged {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let here = counters.first();
        let trusted = here.is_some_and(|here| self.trusted.contains_key(&here.digest));
        let holding_up = counters.iter().take(counters.len() - usize::from(trusted));
        let delays: Vec<Model> = holding_up.filter_map(|counter| rows.get(&counter.digest).cloned()).collect();
        let wait = longest_wait(&delays, now);
        if wait > 0 {
            return Judged::Delayed { wait };
        }
        if right {
            if let Some(here) = here.filter(|_| !trusted) {
                self.trusted.insert(here.digest.clone(), ());
            }
            return Judged::Right;
        }
        for counter in counters {
            let row = rows.get(&counter.digest).cloned().unwrap_or_else(|| fresh(counter.digest.clone(), now));
            let counted = counter.pace.count(&Model { failures: row.failures + 1, ..row }, now);
            keep(&mut rows, counted, now);
        }
        Judged::Wrong
    }

    /// Takes over how long a counter delays by what all nodes counted.
    fn learn(&self, delays: impl IntoIterator<Item = (Vec<u8>, i64)>, now: Timestamp) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        for (digest, not_before) in delays {
            let row = rows.get(&digest).cloned().unwrap_or_else(|| fresh(digest, now));
            let not_before = not_before.max(row.not_before);
            keep(&mut rows, Model { not_before, expires_at: row.expires_at.max(not_before), ..row }, now);
        }
    }
}

fn fresh(digest: Vec<u8>, now: Timestamp) -> Model {
    Model { digest, failures: 0, counted_at: now.0, not_before: 0, expires_at: now.0 }
}

fn keep(rows: &mut HashMap<Vec<u8>, Model>, row: Model, now: Timestamp) {
    if rows.len() >= MAX_ROWS && !rows.contains_key(&row.digest) {
        rows.retain(|_, row| row.expires_at > now.0);
        while rows.len() >= MAX_ROWS {
            let first = rows.values().min_by_key(|row| row.expires_at).map(|row| row.digest.clone());
            first.map(|digest| rows.remove(&digest));
        }
    }
    rows.insert(row.digest.clone(), row);
}

impl std::fmt::Debug for Guesses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guesses(…)")
    }
}

impl Idp {
    /// Counts a proof of a client or a resource that `caller` presented, and was found `right` or not.
    ///
    /// # Errors
    /// `temporarily_unavailable` with the seconds to wait, after too many wrong ones.
    pub(crate) async fn admit_proof(
        &self,
        name: &ClientId,
        shown: &Secret,
        right: bool,
        caller: IpAddr,
    ) -> Result<(), TokenError> {
        match self.admit_secret(name, shown, right, caller).await? {
            Admission::Delayed { wait } => {
                let why = format!("too many wrong proofs for this client or from this address; try again in {wait} s");
                Err(TokenError::too_soon(Reason::ClientDelayed, why, wait))
            }
            Admission::Admitted(()) | Admission::Refused => Ok(()),
        }
    }

    /// Counts a client secret that `caller` presented, and was found `right` or not. A right one may still be refused, for
    /// whoever guesses must not learn from the answer that it was.
    ///
    /// # Errors
    /// When a wrong one cannot be written down.
    async fn admit_secret(
        &self,
        client_id: &ClientId,
        secret: &Secret,
        right: bool,
        caller: IpAddr,
    ) -> Result<Admission<()>, Error> {
        if right && is_beyond_guessing(secret) {
            return Ok(Admission::Admitted(()));
        }
        let name = client_id.as_str();
        let of_client = Network::all_of(caller).map(|network| Counted::ClientAt(name, network));
        let of_all = Network::all_of(caller).map(Counted::ClientsAt);
        let counted = of_client.chain(of_all).chain([Counted::Client(name)]);
        let counters: Vec<Counter> = counted.map(|counted| self.counter(&counted)).collect();
        match self.guesses.judge(&counters, right, self.now()) {
            Judged::Right => return Ok(Admission::Admitted(())),
            Judged::Delayed { wait } => return Ok(Admission::Delayed { wait }),
            Judged::Wrong => {}
        }
        let attempt = self.count_attempt(counters).await?;
        let now = self.now();
        match attempt {
            Attempt::Counted(counted) => {
                let wait = counted.delay(now);
                self.guesses.learn(counted.delays(), now);
                tracing::warn!(address = %caller, client = ?name, wait, "a wrong client secret was refused");
                Ok(Admission::Refused)
            }
            // Other nodes counted more than this one knew.
            Attempt::Delayed { wait } => {
                self.learn_delays().await?;
                Ok(Admission::Delayed { wait })
            }
        }
    }

    /// Reads the delays that all nodes wrote down.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn learn_delays(&self) -> Result<(), Error> {
        let now = self.now();
        let delays: Vec<(Vec<u8>, i64)> = Entity::find()
            .select_only()
            .columns([Column::Digest, Column::NotBefore])
            .filter(Column::NotBefore.gt(now.0))
            .order_by_desc(Column::NotBefore)
            .limit(MAX_ROWS as u64)
            .into_tuple()
            .all(self.store.read())
            .await?;
        self.guesses.learn(delays, now);
        Ok(())
    }
}

/// True for a secret so long and varied that no number of questions finds it.
fn is_beyond_guessing(secret: &Secret) -> bool {
    let bytes = secret.expose().as_bytes();
    // A bit for each byte, and not a set on the heap: this is on the way of every call.
    let mut seen = [0_u128; 2];
    for byte in bytes {
        if let Some(half) = seen.get_mut(usize::from(byte >> 7)) {
            *half |= 1 << (byte & 0x7f);
        }
    }
    let varied = seen.iter().map(|half| half.count_ones()).sum::<u32>();
    bytes.len() >= LONG && varied >= VARIED
}

#[cfg(test)]
mod tests {
    use super::super::pace;
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn counter(name: &str, pace: pace::Pace) -> Counter {
        Counter { digest: name.as_bytes().to_vec(), pace }
    }

    #[test]
    fn what_is_kept_has_a_bound_and_the_delays_that_last_longest_stay() {
        let guesses = Guesses::new();
        guesses.learn([(b"long".to_vec(), 100_000)], NOW);
        for number in 0..2 * MAX_ROWS {
            let counters = [counter(&format!("name {number}"), pace::CLIENT)];
            assert_eq!(guesses.judge(&counters, false, NOW), Judged::Wrong);
        }
        let rows = guesses.rows.lock().unwrap();
        assert!(rows.len() <= MAX_ROWS);
        assert!(rows.contains_key(b"long".as_slice()));
    }

    #[test]
    fn who_was_right_here_lately_does_not_wait_for_what_others_guess_elsewhere() {
        let guesses = Guesses::new();
        let counters = |address: &str| [counter(address, pace::CLIENT), counter("client", pace::ANY_ADDRESS)];
        assert_eq!(guesses.judge(&counters("home"), true, NOW), Judged::Right);
        for number in 0..pace::ANY_ADDRESS_FREE + 1 {
            assert_eq!(guesses.judge(&counters(&number.to_string()), false, NOW), Judged::Wrong);
        }
        assert_eq!(guesses.judge(&counters("elsewhere"), true, NOW), Judged::Delayed { wait: 1 });
        assert_eq!(guesses.judge(&counters("home"), true, NOW), Judged::Right);
    }

    #[test]
    fn a_secret_made_here_is_beyond_guessing_and_a_word_is_not() {
        assert!(is_beyond_guessing(&Secret::new(crate::random::token())));
        for secret in ["4711", "correct horse battery", "passwordpasswordpasswordpassword", &"x".repeat(64)] {
            assert!(!is_beyond_guessing(&Secret::new(secret)), "{secret}");
        }
    }
}
