//! The order in which passwords are hashed, when there are more of them than cores.
//!
//! Whoever has not been wrong lately goes first. Among those who are alike, networks take turns, so that one with many guesses
//! keeps nobody from his place but itself. The queue is bounded; when it is full, the place of a newcomer is taken from whoever has
//! most of them, or there is none. Whoever hangs up leaves the queue.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::error::Error;
use crate::network::Network;

/// Whoever has a password hashed. By default an administrator, or the server itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Asker {
    /// The widest network of the caller: neighbours share a turn.
    network: Option<Network>,
    /// There were wrong passwords lately for the account, or from the address.
    suspected: bool,
}

impl Asker {
    pub(crate) fn new(address: Option<IpAddr>, suspected: bool) -> Self {
        Self { network: address.and_then(|address| Network::all_of(address).last()), suspected }
    }
}

/// The places where hashes are made, and the queue before them.
#[derive(Debug)]
pub(super) struct Turns {
    queue: Mutex<Queue>,
    /// Askers that may wait.
    most: usize,
}

#[derive(Debug)]
struct Queue {
    free: usize,
    waiting: usize,
    /// First those who are not suspected.
    lanes: [Lane; 2],
}

/// Networks in the order of their turns.
type Lane = VecDeque<(Option<Network>, VecDeque<oneshot::Sender<Turn>>)>;

/// The right to make a hash, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    /// None: it went on to somebody else.
    turns: Option<Arc<Turns>>,
}

impl Turns {
    pub(super) fn new(places: usize, most: usize) -> Arc<Self> {
        let queue = Queue { free: places, waiting: 0, lanes: [Lane::new(), Lane::new()] };
        Arc::new(Self { queue: Mutex::new(queue), most })
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Error::Busy`] when there is no place in the queue, or it was given to somebody else.
    pub(super) async fn take(self: &Arc<Self>, asker: Asker) -> Result<Turn, Error> {
        let turn = {
            let mut queue = self.lock();
            if queue.free > 0 {
                queue.free -= 1;
                return Ok(Turn { turns: Some(self.clone()) });
            }
            if queue.waiting >= self.most && !queue.make_room(asker) {
                return Err(Error::Busy);
            }
            queue.push(asker)
        };
        turn.await.map_err(|_| Error::Busy)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a turn that is over to the next.
    fn pass_on(self: Arc<Self>) {
        loop {
            let next = {
                let mut queue = self.lock();
                let next = queue.pop();
                if next.is_none() {
                    queue.free += 1;
                }
                next
            };
            let Some(next) = next else { return };
            match next.send(Turn { turns: Some(self.clone()) }) {
                Ok(()) => return,
                // Whoever asked has gone.
                Err(mut turn) => turn.turns = None,
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.turns.take() {
            turns.pass_on();
        }
    }
}

impl Queue {
    fn push(&mut self, asker: Asker) -> oneshot::Receiver<Turn> {
        let (sender, receiver) = oneshot::channel();
        let [trusted, suspected] = &mut self.lanes;
        let lane = if asker.suspected { suspected } else { trusted };
        match lane.iter_mut().find(|(network, _)| *network == asker.network) {
            Some((_, waiting)) => waiting.push_back(sender),
            None => lane.push_back((asker.network, VecDeque::from([sender]))),
        }
        self.waiting += 1;
        receiver
    }

    fn pop(&mut self) -> Option<oneshot::Sender<Turn>> {
        let lane = self.lanes.iter_mut().find(|lane| !lane.is_empty())?;
        let (network, mut waiting) = lane.pop_front()?;
        let next = waiting.pop_front();
        if !waiting.is_empty() {
            lane.push_back((network, waiting));
        }
        self.waiting -= usize::from(next.is_some());
        next
    }

    /// Makes a place for a newcomer: those who have hung up leave, or the last of the network that has most in the last lane,
    /// unless the newcomer is worse.
    fn make_room(&mut self, asker: Asker) -> bool {
        let before = self.waiting;
        for lane in &mut self.lanes {
            for (_, waiting) in lane.iter_mut() {
                waiting.retain(|asker| !asker.is_closed());
            }
            lane.retain(|(_, waiting)| !waiting.is_empty());
        }
        self.waiting = self.lanes.iter().flatten().map(|(_, waiting)| waiting.len()).sum();
        if self.waiting < before {
            return true;
        }
        let [trusted, suspected] = &mut self.lanes;
        let (lane, is_worse) = match (suspected.is_empty(), asker.suspected) {
            (false, true) => (suspected, false),
            (false, false) => (suspected, true),
            (true, false) => (trusted, false),
            (true, true) => return false,
        };
        let own = lane.iter().find(|(network, _)| *network == asker.network).map_or(0, |(_, waiting)| waiting.len());
        let Some((_, longest)) = lane.iter_mut().max_by_key(|(_, waiting)| waiting.len()) else {
            return false;
        };
        if !is_worse && longest.len() <= own + 1 {
            return false;
        }
        longest.pop_back();
        self.waiting -= 1;
        lane.retain(|(_, waiting)| !waiting.is_empty());
        true
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::BoxFuture;

    use super::*;

    fn asker(last: u8, suspected: bool) -> Asker {
        Asker::new(Some(IpAddr::from([198, 51, 100, last])), suspected)
    }

    /// Free places, and those who wait.
    fn counts(turns: &Turns) -> (usize, usize) {
        let queue = turns.lock();
        (queue.free, queue.waiting)
    }

    type Waiting = BoxFuture<'static, Result<Turn, Error>>;

    /// Somebody who waits.
    fn enter(turns: &Arc<Turns>, asker: Asker) -> Waiting {
        let turns = turns.clone();
        let mut waiting = async move { turns.take(asker).await }.boxed();
        assert!((&mut waiting).now_or_never().is_none(), "somebody must wait");
        waiting
    }

    /// True when the answer is that there is no place.
    fn is_refused(waiting: &mut Waiting) -> bool {
        matches!(waiting.now_or_never(), Some(Err(Error::Busy)))
    }

    /// The order in which those who wait get their turns, one after the other.
    fn order(first: Turn, mut waiting: Vec<(&'static str, Waiting)>) -> Vec<&'static str> {
        let (mut turn, mut names) = (first, Vec::new());
        while !waiting.is_empty() {
            drop(turn);
            let mut came = None;
            for (at, (name, one)) in waiting.iter_mut().enumerate() {
                if let Some(next) = one.now_or_never() {
                    assert!(came.is_none(), "one at a time");
                    names.push(*name);
                    came = Some((at, next.unwrap()));
                }
            }
            let (at, next) = came.expect("somebody's turn");
            drop(waiting.remove(at));
            turn = next;
        }
        names
    }

    async fn full(most: usize) -> (Arc<Turns>, Turn) {
        let turns = Turns::new(1, most);
        let turn = turns.take(Asker::default()).await.unwrap();
        (turns, turn)
    }

    #[tokio::test]
    async fn networks_take_turns_and_whoever_was_right_goes_first() {
        let (turns, turn) = full(10).await;
        let waiting = vec![
            ("guess 1", enter(&turns, asker(1, true))),
            ("guess 2", enter(&turns, asker(1, true))),
            ("guess 3", enter(&turns, asker(1, true))),
            ("typo", enter(&turns, asker(2, true))),
            ("honest 1", enter(&turns, asker(3, false))),
            ("honest 2", enter(&turns, asker(3, false))),
            ("honest 3", enter(&turns, asker(4, false))),
        ];
        let expected = ["honest 1", "honest 3", "honest 2", "guess 1", "typo", "guess 2", "guess 3"];
        assert_eq!(order(turn, waiting), expected);
        assert_eq!(counts(&turns), (1, 0));
    }

    #[tokio::test]
    async fn when_the_queue_is_full_whoever_has_most_places_loses_one() {
        let (turns, turn) = full(3).await;
        let mut guesses: Vec<Waiting> = (0..3).map(|_| enter(&turns, asker(1, true))).collect();
        let mut another = async { turns.take(asker(1, true)).await }.boxed();
        assert!(matches!((&mut another).now_or_never(), Some(Err(Error::Busy))));
        let typo = enter(&turns, asker(2, true));
        assert!(is_refused(&mut guesses[2]), "the last of many");
        let honest = enter(&turns, asker(1, false));
        assert!(is_refused(&mut guesses[1]));
        let more = enter(&turns, asker(4, false));
        let mut rest = guesses.drain(..1).collect::<Vec<_>>();
        let mut typo = typo;
        assert!(is_refused(&mut rest[0]) != is_refused(&mut typo), "one of two who have as much");
        assert_eq!(order(turn, vec![("honest", honest), ("more", more)])[0], "honest");
    }

    #[tokio::test]
    async fn who_is_suspected_takes_no_place_from_who_is_not() {
        let (turns, _turn) = full(2).await;
        let _honest = [enter(&turns, asker(1, false)), enter(&turns, asker(1, false))];
        assert!(matches!(turns.take(asker(2, true)).await, Err(Error::Busy)));
    }

    #[tokio::test]
    async fn who_hangs_up_leaves_the_queue() {
        let (turns, turn) = full(2).await;
        drop([enter(&turns, asker(1, false)), enter(&turns, asker(1, false))]);
        let waiting = [enter(&turns, asker(1, true)), enter(&turns, asker(1, true))];
        assert_eq!(counts(&turns), (0, 2));
        drop(turn);
        // A turn that nobody fetches goes on.
        drop(waiting);
        assert_eq!(counts(&turns), (1, 0));
        assert!(turns.take(Asker::default()).await.is_ok());
    }
}
