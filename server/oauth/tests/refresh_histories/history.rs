//! Histories: who sends which refresh when, and what is lost on the way. One is drawn from a seed, before anybody answers, so that
//! several ways can be tried on the same.

use crate::random::Random;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Seconds between two tries of a worker, and what its first one may be late.
const BETWEEN_TRIES: i64 = 20;

/// Tries of a worker in one round. The last is answered, unless the whole client is cut off.
const TRIES: i64 = 4;

/// Seconds that a request or an answer may take. Both together take less than a worker waits.
const MOST_DELAY: u64 = 9;

/// Seconds from the beginning of a round after which nothing of it happens.
pub(crate) const ROUND: i64 = (TRIES + 1) * BETWEEN_TRIES;

/// A request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// The store whose token is sent, and in which the answer is put if the token is still there.
    pub(crate) store: usize,
    pub(crate) sent: i64,
    /// None: the request was lost.
    pub(crate) served: Option<i64>,
    /// None: the answer was lost, or the worker was restarted.
    pub(crate) answered: Option<i64>,
    /// The round of its party that it belongs to.
    pub(crate) round: u32,
}

/// A copy of the token of a store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Theft {
    pub(crate) at: i64,
    pub(crate) from: usize,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    pub(crate) attempts: Vec<Attempt>,
    /// The stores of the client. The next one is the thief's.
    pub(crate) stores: usize,
    pub(crate) theft: Option<Theft>,
    /// The beginnings of the rounds of the client.
    pub(crate) rounds: Vec<i64>,
}

/// A client: its workers, and its luck.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) workers: usize,
    /// True if the workers keep the token in one place.
    pub(crate) shared: bool,
    /// The shortest and the longest time between two rounds, in seconds.
    pub(crate) every: (i64, i64),
    /// Requests and answers that are lost, of 1000, each.
    pub(crate) lost: u64,
    /// Rounds in which the client is cut off before it has the answer, of 1000, and comes back later.
    pub(crate) cut_off: u64,
    /// The longest time until it comes back, in seconds.
    pub(crate) back: i64,
    pub(crate) late: Late,
}

/// The late retries of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    Any,
    /// At most of one token in a day, and not of two tokens in a row.
    OnceADay,
}

/// The times at which a thief uses what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// From the theft on, at times of its own.
    AtOnce,
    /// The same, but it begins within so many seconds.
    Later(i64),
    /// Right after each round of the client.
    InStep,
    /// The same for a day, and then at times of its own.
    OnceInStep,
    /// At times of its own that are never near those of the client.
    OutOfStep,
}

impl History {
    /// Uses of a client alone, for so many seconds.
    pub(crate) fn honest(random: &mut Random, client: Client, seconds: i64) -> Self {
        let mut history = Self { stores: if client.shared { 1 } else { client.workers }, ..Self::default() };
        let (mut at, mut last_late, mut good) = (0, -DAY, 1);
        while at < seconds {
            let may = client.late == Late::Any || (good > 0 && at >= last_late + DAY);
            if may && random.one_of(client.cut_off) {
                let cut_off = at + random.up_to(ROUND / 2);
                history.round(random, client, at, Some(cut_off));
                for _ in 0..random.up_to(2) {
                    at += ROUND + random.up_to(client.back);
                    history.round(random, client, at, Some(at));
                }
                at += ROUND + random.up_to(client.back);
                history.round(random, client, at, None);
                (last_late, good) = (at + ROUND, 0);
            } else {
                history.round(random, client, at, None);
                good += 1;
            }
            at += random.between(client.every.0, client.every.1);
        }
        history
    }

    /// One round: every worker refreshes, and tries again until it has an answer. After `cut_off` nobody gets one.
    fn round(&mut self, random: &mut Random, client: Client, at: i64, cut_off: Option<i64>) {
        let round = u32::try_from(self.rounds.len()).unwrap();
        self.rounds.push(at);
        for worker in 0..client.workers {
            let begin = at + random.up_to(BETWEEN_TRIES - 1);
            for attempt in 1..=TRIES {
                let sent = begin + (attempt - 1) * BETWEEN_TRIES;
                let sure = attempt == TRIES && cut_off.is_none();
                let (to, back) = (random.below(MOST_DELAY), random.below(MOST_DELAY));
                let served = Some(sent + to).filter(|_| sure || !random.one_of(client.lost));
                let answered = served
                    .map(|at| at + back)
                    .filter(|at| sure || (!random.one_of(client.lost) && cut_off.is_none_or(|cut| *at < cut)));
                let store = if client.shared { 0 } else { worker };
                self.attempts.push(Attempt { store, sent, served, answered, round });
                if answered.is_some() {
                    break;
                }
            }
        }
    }

    /// Adds a thief, for so many seconds after the theft. `lost` of 1000 of its answers are lost.
    pub(crate) fn robbed(
        mut self,
        random: &mut Random,
        habit: Habit,
        every: (i64, i64),
        lost: u64,
        seconds: i64,
    ) -> Self {
        let last = self.rounds.last().copied().unwrap_or_default();
        let theft = Theft { at: random.up_to(last / 2), from: random.index(self.stores) };
        self.theft = Some(theft);
        let in_step = match habit {
            Habit::InStep => seconds,
            Habit::OnceInStep => DAY,
            Habit::AtOnce | Habit::Later(_) | Habit::OutOfStep => 0,
        };
        let after = self.rounds.iter().filter(|at| (theft.at..theft.at + in_step).contains(*at));
        let mut times: Vec<i64> = after.map(|at| at + random.up_to(crate::server::WINDOW / 2)).collect();
        let later = if let Habit::Later(most) = habit { random.up_to(most) } else { 1 };
        let mut at = theft.at + in_step + later;
        while at < last.min(theft.at + seconds) {
            if habit != Habit::OutOfStep || !self.is_near(at) {
                times.push(at);
            }
            at += random.between(every.0, every.1);
        }
        for (round, sent) in (0..).zip(times) {
            let answered = Some(sent).filter(|_| !random.one_of(lost));
            self.attempts.push(Attempt { store: self.stores, sent, served: Some(sent), answered, round });
        }
        self
    }

    /// True if a client's round is within the window of that moment.
    fn is_near(&self, at: i64) -> bool {
        let far = ROUND + crate::server::WINDOW;
        let next = self.rounds.partition_point(|round| *round < at - far);
        self.rounds.get(next).is_some_and(|round| *round <= at + far)
    }
}
