//! The holders of connections, and the order in which they leave when there are too many.
//!
//! A connection waits for its caller (for the head of a request, or the rest of its body) or the server is at work for it. When
//! all places are taken, or those of one network, a newcomer gets the place of whoever has been waited for longest. Nobody
//! can hold a place by doing nothing; and where the server is at work for everybody, a newcomer is refused.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, SizeHint};
use idp::Network;
use tokio::sync::Notify;

use crate::guard::TrustedProxies;
use crate::metrics::ConnectionMetrics;

/// Connections that were told to leave and have not gone yet.
const LEAVING: usize = 64;

/// The server is at work for the connection.
const AT_WORK: u64 = 0;
/// The connection lost its place.
const LOST: u64 = u64::MAX;

/// The places of one listener.
#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    /// Connections of a network, by its width; none: as many as there are.
    most_of: Option<[usize; 3]>,
    /// May hold as many as they need.
    trusted: TrustedProxies,
    taken: Mutex<Taken>,
    turns: AtomicU64,
    metrics: ConnectionMetrics,
}

#[derive(Debug, Default)]
struct Taken {
    /// By age.
    holders: BTreeMap<u64, Holder>,
    by_network: HashMap<Network, usize>,
    /// Sockets, with those of connections that lost their place and have not gone yet.
    open: usize,
}

#[derive(Debug)]
struct Holder {
    state: Arc<State>,
    /// Empty for a trusted proxy.
    networks: Vec<Network>,
}

/// A state of a connection.
#[derive(Debug)]
struct State {
    /// [`AT_WORK`], [`LOST`], or the turn since which its caller is waited for.
    waits_since: AtomicU64,
    lost: Notify,
}

impl Places {
    /// `most` places. One caller gets an eighth of them; a /56 a quarter, a /48 half.
    pub(crate) fn new(most: usize, trusted: TrustedProxies, metrics: ConnectionMetrics) -> Self {
        let most_of = [8, 4, 2].map(|part| (most / part).max(1));
        let (taken, turns) = (Mutex::default(), AtomicU64::new(AT_WORK + 1));
        Self { most, most_of: Some(most_of), trusted, taken, turns, metrics }
    }

    /// `most` places for whoever comes.
    pub(crate) fn shared(most: usize, metrics: ConnectionMetrics) -> Self {
        Self { most_of: None, ..Self::new(most, TrustedProxies::default(), metrics) }
    }

    /// A place for a newcomer; none where the server is at work for everybody.
    pub(super) fn admit(self: &Arc<Self>, peer: SocketAddr) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let networks = self.networks_of(peer.ip());
        for network in &networks {
            let held = taken.by_network.get(network).copied().unwrap_or_default();
            if held >= self.most_of(network) {
                self.make_room(&mut taken, held, |holder| holder.networks.contains(network));
            }
        }
        let held = taken.holders.len();
        if held >= self.most {
            // A proxy that is trusted stands for many.
            if !self.make_room(&mut taken, held, |holder| !holder.networks.is_empty()) {
                self.make_room(&mut taken, held, |_| true);
            }
        }
        let full = |network: &Network| taken.by_network.get(network).is_some_and(|held| *held >= self.most_of(network));
        if taken.holders.len() >= self.most || taken.open >= self.most + LEAVING || networks.iter().any(full) {
            self.metrics.count_refused();
            return None;
        }
        let id = self.next_turn();
        let state = Arc::new(State { waits_since: AtomicU64::new(id), lost: Notify::new() });
        for network in &networks {
            *taken.by_network.entry(*network).or_default() += 1;
        }
        taken.holders.insert(id, Holder { state: state.clone(), networks });
        taken.open += 1;
        self.metrics.opened();
        Some(Place { id, state, places: self.clone() })
    }

    fn networks_of(&self, peer: IpAddr) -> Vec<Network> {
        if self.most_of.is_none() || self.trusted.trust(peer) { Vec::new() } else { Network::all_of(peer).collect() }
    }

    fn most_of(&self, network: &Network) -> usize {
        self.most_of.and_then(|most| most.get(network.width()).copied()).unwrap_or(self.most)
    }

    /// Takes the place of whoever has been waited for longest among `some` of the holders. Of many, a few lose theirs at once, so
    /// that not every newcomer makes all of them be looked at. Whether there is room now.
    fn make_room(&self, taken: &mut Taken, held: usize, some: impl Fn(&Holder) -> bool) -> bool {
        let mut waiting: Vec<(u64, u64)> = taken
            .holders
            .iter()
            .filter(|(_, holder)| some(holder))
            .map(|(id, holder)| (holder.state.waits_since.load(Ordering::Acquire), *id))
            .filter(|(since, _)| *since != AT_WORK)
            .collect();
        waiting.sort_unstable();
        let mut freed = false;
        for (since, id) in waiting.into_iter().take((held / 64).max(1)) {
            let Some(holder) = taken.holders.get(&id) else { continue };
            // Its request may have come at this moment.
            if holder.state.change(since, LOST) {
                holder.state.lost.notify_one();
                taken.remove(id);
                self.metrics.count_shed();
                freed = true;
            }
        }
        freed
    }

    fn next_turn(&self) -> u64 {
        self.turns.fetch_add(1, Ordering::Relaxed)
    }
}

impl Taken {
    fn remove(&mut self, id: u64) {
        let Some(holder) = self.holders.remove(&id) else { return };
        for network in holder.networks {
            if let Some(held) = self.by_network.get_mut(&network) {
                *held -= 1;
                if *held == 0 {
                    self.by_network.remove(&network);
                }
            }
        }
    }
}

impl State {
    /// Changes the state from `from` to `to`; false when it was not `from`.
    fn change(&self, from: u64, to: u64) -> bool {
        self.waits_since.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// From here on it is as `to` says, unless it lost its place.
    fn set(&self, to: u64) {
        let _ =
            self.waits_since.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| (state != LOST).then_some(to));
    }
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    id: u64,
    state: Arc<State>,
    places: Arc<Places>,
}

impl Place {
    /// Ends when the place is lost.
    pub(super) async fn lost(&self) {
        self.state.lost.notified().await;
    }

    /// The watcher through which its requests tell of the connection.
    pub(super) fn watcher(&self) -> Watcher {
        Watcher { state: self.state.clone(), places: self.places.clone() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(self.id);
        taken.open -= 1;
        self.places.metrics.closed();
    }
}

/// Notes of one connection whether its caller is waited for.
#[derive(Debug, Clone)]
pub(super) struct Watcher {
    state: Arc<State>,
    places: Arc<Places>,
}

impl Watcher {
    /// The body of a request: when it has come, the server is at work.
    pub(super) fn request<B: Body>(&self, body: B) -> Watched<B> {
        self.state.set(if body.is_end_stream() { AT_WORK } else { self.places.next_turn() });
        Watched { body, watcher: self.clone(), is_request: true }
    }

    /// The body of an answer: when it has been taken, the next request is waited for.
    pub(super) fn answer<B: Body>(&self, body: B) -> Watched<B> {
        Watched { body, watcher: self.clone(), is_request: false }
    }
}

/// A body that says when it is over.
#[derive(Debug)]
pub(super) struct Watched<B> {
    body: B,
    watcher: Watcher,
    is_request: bool,
}

impl<B> Drop for Watched<B> {
    fn drop(&mut self) {
        let turn = if self.is_request { AT_WORK } else { self.watcher.places.next_turn() };
        self.watcher.state.set(turn);
    }
}

impl<B: Body + Unpin> Body for Watched<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if self.is_request && (matches!(frame, Poll::Ready(None)) || self.body.is_end_stream()) {
            self.watcher.state.set(AT_WORK);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
impl Places {
    pub(super) fn held(&self) -> usize {
        self.taken.lock().unwrap().holders.len()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body as AxumBody;

    use super::*;

    /// Places that are taken for a request without a body: the server is at work for them.
    fn take(places: &Arc<Places>, address: &str) -> Option<(Place, Watched<AxumBody>)> {
        let place = places.admit(SocketAddr::new(address.parse().unwrap(), 4711))?;
        let request = place.watcher().request(AxumBody::empty());
        Some((place, request))
    }

    fn places(most: usize, trusted: &str) -> Arc<Places> {
        let trusted = TrustedProxies::parse(trusted).unwrap();
        Arc::new(Places::new(most, trusted, ConnectionMetrics::default()))
    }

    #[test]
    fn wider_networks_are_bounded_too() {
        let places = places(64, "");
        let mut held = Vec::new();
        let mut fill = |prefix: &str| {
            let before = held.len();
            held.extend((0..100).map_while(|host| take(&places, &format!("{prefix}::{host:x}"))));
            held.len() - before
        };
        assert_eq!(fill("2001:db8:1:100"), 8, "a /64");
        assert_eq!(fill("2001:db8:1:101"), 8, "its neighbour");
        assert_eq!(fill("2001:db8:1:102"), 0, "the /56 is full");
        assert_eq!(fill("2001:db8:1:200"), 8);
        assert_eq!(fill("2001:db8:1:300"), 8);
        assert_eq!(fill("2001:db8:1:400"), 0, "the /48 is full");
        assert_eq!(fill("2001:db8:2:1"), 8, "somebody else");
    }

    #[test]
    fn a_trusted_proxy_may_have_all_places_and_no_more() {
        let places = places(16, "10.0.0.1");
        let held: Vec<_> = (0..100).map_while(|_| take(&places, "10.0.0.1")).collect();
        assert_eq!(held.len(), 16);
        assert!(take(&places, "198.51.100.1").is_none());
        drop(held);
        assert!(take(&places, "198.51.100.1").is_some());
    }

    #[test]
    fn a_place_that_is_given_back_is_free() {
        let places = places(16, "");
        for _ in 0..100 {
            let held = [take(&places, "198.51.100.1"), take(&places, "198.51.100.1")];
            assert!(held.iter().all(Option::is_some) && take(&places, "198.51.100.1").is_none());
        }
        assert!(places.taken.lock().unwrap().by_network.is_empty());
        assert_eq!(places.taken.lock().unwrap().open, 0);
    }

    #[test]
    fn a_stranger_does_not_take_the_place_of_a_proxy_while_a_stranger_can_go() {
        let places = places(16, "10.0.0.1");
        let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 4711);
        let proxies: Vec<_> = (0..15).map(|_| places.admit(address("10.0.0.1")).unwrap()).collect();
        let stranger = places.admit(address("198.51.100.1")).unwrap();
        let newcomer = places.admit(address("198.51.100.2")).unwrap();
        let is_lost = |place: &Place| place.state.waits_since.load(Ordering::Acquire) == LOST;
        assert!(is_lost(&stranger) && !is_lost(&newcomer) && !proxies.iter().any(is_lost));
    }

    #[test]
    fn whoever_lost_a_place_and_does_not_go_keeps_newcomers_out_in_the_end() {
        let places = places(1, "");
        let lingering: Vec<_> = (0..200)
            .map_while(|number| places.admit(SocketAddr::new(format!("198.51.100.{number}").parse().unwrap(), 1)))
            .collect();
        assert_eq!(lingering.len(), 1 + LEAVING);
    }
}
