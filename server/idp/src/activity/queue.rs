//! Events on their way to the database. They wait in memory for a moment, and are written together: nobody who asks for something
//! waits for them. Nothing here grows without bound, and what could not be kept is counted and told.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oauth::activity::{EventKind, Outcome, Volume};
use oauth::time::Timestamp;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;

use super::sums;
use crate::batch::chunk;
use crate::entity::event;
use crate::error::Error;
use crate::network::Network;
use crate::random;
use crate::store::Store;

/// Events that wait at most. Beyond that they are lost, and counted.
const MOST_WAITING: usize = 10_000;

/// Events that are written in one transaction.
const TOGETHER: usize = 512;

/// The time that events wait for others. Each transaction costs a server that is busy more than the events in it.
const LINGER: Duration = Duration::from_millis(100);

/// Events of one kind about nobody who signed in, and refusals, for one client or from one address, that are kept whole in a minute.
/// More of them are counted.
const WHOLE: i64 = 30;

/// Such events that are kept whole in a minute, of whatever kind, of those about people and of the others each: what is done with the IDs
/// of clients, which are public, hides no wrong password. More of them are counted.
const MOST_WHOLE: i64 = 1_000;

/// Of the others, the ones about no client that is known here: what strangers invent leaves room for the rest.
const MOST_STRANGE: i64 = 300;

/// Such events from one network, so that one caller alone uses up none of these.
const MOST_OF_NETWORK: i64 = 200;

/// Networks whose events are counted in a minute. Whoever has more of them is bounded by the rest.
const MOST_NETWORKS: usize = 5_000;

/// Different things that are counted in one minute. More of them are counted together.
const MOST_TALLIES: usize = 5_000;

/// Of those, the ones that are told apart by an address.
const MOST_ADDRESSED: usize = 300;

/// The pause before the database is tried again that did not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// The activity of this process, on its way.
#[derive(Debug, Clone)]
pub(crate) struct Activity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    volume: Volume,
    queue: Mutex<Queue>,
    /// Held by whoever writes.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<event::Model>,
    /// The minute whose events are counted.
    minute: i64,
    tallies: HashMap<Key, Tally>,
    /// Tallies of an address.
    addressed: usize,
    /// Such events of this minute that were kept whole.
    kept: Kept,
    lost: i64,
    /// Somebody is about to write what waits.
    called: bool,
}

/// Whose event it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose {
    pub(super) is_about_user: bool,
    /// The caller's.
    pub(super) address: Option<IpAddr>,
}

/// Events of a minute that were kept whole and might have been counted.
#[derive(Debug, Default)]
struct Kept {
    about_people: i64,
    others: i64,
    /// Of the others, the ones about strangers.
    strange: i64,
    networks: HashMap<Network, i64>,
}

/// Events that are alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Key {
    pub(super) kind: EventKind,
    pub(super) outcome: Outcome,
    pub(super) error: Option<String>,
    /// A registered one: there is no end to the others.
    pub(super) client: Option<String>,
    /// Of those about no such client.
    pub(super) address: Option<String>,
    /// `grant_type`, where there is one.
    pub(super) detail: Option<String>,
}

#[derive(Debug, Default)]
struct Tally {
    seen: i64,
    /// Of those, the ones that have no event of their own.
    counted: i64,
}

impl Activity {
    pub(crate) fn new(store: Store, volume: Volume) -> Self {
        let queue = Mutex::default();
        Self(Arc::new(Inner { store, volume, queue, writing: tokio::sync::Mutex::default() }))
    }

    /// Keeps an event: whole, or as one more of its like in this minute. `event` makes it.
    pub(super) fn keep(&self, key: Key, whose: Whose, now: Timestamp, event: impl FnOnce() -> event::Model) {
        let is_refused = key.outcome == Outcome::Refused;
        let is_kept = match self.0.volume {
            Volume::All => true,
            Volume::Problems => is_refused || key.kind == EventKind::RefreshReplay,
            Volume::Changes => false,
        };
        if !is_kept {
            return;
        }
        let mut queue = self.queue();
        queue.turn(now);
        // What comes well to a machine is as good as its like. People are never counted together, but strangers are.
        let whole = match (is_refused, whose.is_about_user) {
            (false, _) if key.kind == EventKind::Token => 0,
            // A client can get and revoke tokens for ever.
            (false, true) if key.kind != EventKind::Revocation => i64::MAX,
            _ => WHOLE,
        };
        if whole != i64::MAX {
            let is_strange = key.client.is_none();
            let are_many = queue.kept.is_full(whose, is_strange);
            let tally = queue.tally(key);
            tally.seen += 1;
            if tally.seen > whole || are_many {
                tally.counted += 1;
                return;
            }
            queue.kept.add(whose, is_strange);
        }
        queue.push(event());
        self.call(&mut queue);
    }

    /// Makes events of what was counted in minutes that are over, or of all that was counted.
    pub(crate) fn settle(&self, now: Timestamp, all: bool) {
        let mut queue = self.queue();
        if all {
            queue.close(now);
        } else {
            queue.turn(now);
        }
        self.call(&mut queue);
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that what waits is written.
    fn call(&self, queue: &mut Queue) {
        if queue.called || queue.waiting.is_empty() {
            return;
        }
        queue.called = true;
        let activity = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(LINGER).await;
            while !activity.write().await {
                tokio::time::sleep(PAUSE).await;
            }
            let mut queue = activity.queue();
            queue.called = false;
            // What came meanwhile waits for others, too.
            activity.call(&mut queue);
        });
    }

    /// Writes all that waits now; false when the database did not answer.
    async fn write(&self) -> bool {
        let _alone = self.0.writing.lock().await;
        let mut left = self.queue().waiting.len();
        loop {
            let events = {
                let mut queue = self.queue();
                queue.tell_lost();
                let some = queue.waiting.len().min(TOGETHER).min(left);
                if some == 0 {
                    return true;
                }
                left -= some;
                Arc::new(queue.waiting.drain(..some).collect::<Vec<_>>())
            };
            let rows = Arc::clone(&events);
            let written = self.0.store.write_aside(move |tx| {
                Box::pin(async move {
                    let mut left = rows.as_slice();
                    while !left.is_empty() {
                        let (now, later) = left.split_at(chunk(left.len()));
                        let models = now.iter().cloned().map(IntoActiveModel::into_active_model);
                        event::Entity::insert_many(models).exec_without_returning(tx).await?;
                        left = later;
                    }
                    sums::add(tx, &rows).await
                })
            });
            match written.await {
                Ok(()) => {}
                Err(Error::Unavailable) => {
                    let mut queue = self.queue();
                    for event in Arc::unwrap_or_clone(events).into_iter().rev() {
                        queue.waiting.push_front(event);
                    }
                    queue.bound();
                    return false;
                }
                Err(error) => {
                    tracing::error!(?error, events = events.len(), "events could not be kept");
                    self.queue().lost += i64::try_from(events.len()).unwrap_or(i64::MAX);
                }
            }
        }
    }

    /// Writes all that waits. It gives up when the database does not answer.
    pub(crate) async fn flush(&self) {
        self.write().await;
    }
}

impl Kept {
    fn is_full(&self, whose: Whose, is_strange: bool) -> bool {
        let network = whose.address.map(Network::narrowest);
        let of_network = network.and_then(|network| self.networks.get(&network)).copied().unwrap_or_default();
        let are_many = if whose.is_about_user {
            self.about_people >= MOST_WHOLE
        } else {
            self.others >= MOST_WHOLE || (is_strange && self.strange >= MOST_STRANGE)
        };
        are_many || of_network >= MOST_OF_NETWORK
    }

    fn add(&mut self, whose: Whose, is_strange: bool) {
        if let Some(network) = whose.address.map(Network::narrowest)
            && (self.networks.len() < MOST_NETWORKS || self.networks.contains_key(&network))
        {
            *self.networks.entry(network).or_default() += 1;
        }
        if whose.is_about_user {
            self.about_people += 1;
        } else {
            self.others += 1;
            self.strange += i64::from(is_strange);
        }
    }
}

impl Queue {
    fn push(&mut self, event: event::Model) {
        self.waiting.push_back(event);
        self.bound();
    }

    fn bound(&mut self) {
        while self.waiting.len() > MOST_WAITING {
            self.waiting.pop_front();
            self.lost += 1;
        }
    }

    /// Goes on to the minute of `now`: what was counted before becomes events.
    fn turn(&mut self, now: Timestamp) {
        let minute = now.0.div_euclid(60);
        if minute != self.minute {
            self.close(now);
            (self.minute, self.kept) = (minute, Kept::default());
        }
    }

    /// The tally of those like this one: of more that are alike, when there are too many kinds of likeness.
    fn tally(&mut self, key: Key) -> &mut Tally {
        let key = if self.tallies.contains_key(&key) {
            key
        } else if self.tallies.len() >= MOST_TALLIES {
            Key { kind: key.kind, outcome: key.outcome, ..Key::default() }
        } else if key.address.is_some() && self.addressed >= MOST_ADDRESSED {
            Key { kind: key.kind, outcome: key.outcome, error: key.error, ..Key::default() }
        } else {
            self.addressed += usize::from(key.address.is_some());
            key
        };
        self.tallies.entry(key).or_default()
    }

    fn close(&mut self, now: Timestamp) {
        // The end of the minute: whoever follows looks for what is new.
        let at = Timestamp((self.minute * 60 + 59).min(now.0));
        self.addressed = 0;
        for (key, tally) in std::mem::take(&mut self.tallies) {
            if tally.counted > 0 {
                self.push(key.event(at, tally.counted));
            }
        }
    }

    /// Makes an event of what was lost.
    fn tell_lost(&mut self) {
        let Some(last) = self.waiting.back().filter(|_| self.lost > 0) else { return };
        let (at, lost) = (Timestamp(last.at), std::mem::take(&mut self.lost));
        tracing::error!(lost, "events were lost: the database was away, or too slow for them");
        let key = Key { kind: EventKind::Lost, outcome: Outcome::Refused, ..Key::default() };
        self.waiting.push_back(key.event(at, lost));
    }
}

impl Key {
    /// The event that stands for `count` of these.
    fn event(self, at: Timestamp, count: i64) -> event::Model {
        event::Model {
            id: random::ordered_uuid_v7(at),
            at: at.0,
            kind: self.kind.to_string(),
            outcome: self.outcome.to_string(),
            error: self.error,
            request_id: None,
            account_id: None,
            client_id: self.client,
            scope: None,
            address: self.address,
            agent: None,
            count,
            facts: self.detail.map_or_else(|| "{}".to_owned(), |word| json!({ "grant_type": word }).to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_uses_up_nothing_and_others_hide_no_people() {
        let mut kept = Kept::default();
        let from = |address: &str| Whose { is_about_user: false, address: Some(address.parse().unwrap()) };
        let about_user = |whose: Whose| Whose { is_about_user: true, ..whose };
        for _ in 0..MOST_OF_NETWORK {
            assert!(!kept.is_full(from("2001:db8::1"), false));
            kept.add(from("2001:db8::1"), false);
        }
        let neighbour = from("2001:db8::2");
        assert!(kept.is_full(neighbour, false) && kept.is_full(about_user(neighbour), false), "the same network");
        assert!(!kept.is_full(from("192.0.2.1"), true));
        for number in 0..MOST_STRANGE {
            kept.add(from(&format!("192.0.2.{}", number % 100)), true);
        }
        let new = from("198.51.100.1");
        assert!(kept.is_full(new, true) && !kept.is_full(new, false), "strangers leave room");
        for number in 0..MOST_WHOLE {
            kept.add(from(&format!("203.0.113.{}", number % 100)), false);
        }
        assert!(kept.is_full(new, false) && !kept.is_full(about_user(new), false), "people have room of their own");
    }
}
