//! The rule for refresh tokens that come back, tried on random histories: no honest client is signed out, and no thief goes on for
//! long. `docs/refresh-tokens.md` says in words what is asserted here. A failure names the seed of its history.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod history;
mod play;
mod random;
mod server;

use std::collections::{BTreeMap, BTreeSet};

use history::{Client, DAY, HOUR, Habit, History, Late};
use play::{Use, play, story};
use random::Random;
use server::{Answer, WINDOW, Way};

const RULE: Way = Way::Rule { bound: false };
const BOUND: Way = Way::Rule { bound: true };

const HABITS: [Habit; 5] = [Habit::AtOnce, Habit::Later(3 * DAY), Habit::InStep, Habit::OnceInStep, Habit::OutOfStep];

/// Any client that keeps to the loss model: an answer is had within the window, but for once a day and not twice in a row, when it is
/// had within a day. Workers that keep their tokens apart always have it within the window.
fn client(random: &mut Random) -> Client {
    let shared = random.one_of(700);
    Client {
        workers: 1 + random.index(4),
        shared,
        every: [(200, 900), (HOUR, HOUR), (600, 2 * DAY)][random.index(3)],
        lost: random.below(400).unsigned_abs(),
        cut_off: if shared { random.below(500).unsigned_abs() } else { 0 },
        back: [600, 5 * HOUR, DAY][random.index(3)],
        late: Late::OnceADay,
    }
}

fn honest(random: &mut Random, client: Client) -> History {
    History::honest(random, client, 10 * client.every.1)
}

/// A client, and a thief with it.
fn robbed(random: &mut Random, habit: Habit, lost: u64) -> History {
    let mut client = client(random);
    client.every.0 = client.every.0.max(400);
    let every = [(60, 900), (HOUR, HOUR), (HOUR, DAY)][random.index(3)];
    honest(random, client).robbed(random, habit, every, lost, 30 * DAY)
}

fn sign_outs(history: &History, way: Way) -> usize {
    play(history, way).iter().filter(|used| used.answer == Answer::Refused).count()
}

#[test]
fn an_honest_client_that_retries_within_a_day_is_never_signed_out() {
    let (mut late, mut strict, mut idempotent, mut once) = (0, 0, 0, 0);
    for seed in 0..70_000 {
        let random = &mut Random(seed);
        let client = client(random);
        let history = honest(random, client);
        let uses = play(&history, RULE);
        assert!(uses.iter().all(|used| used.answer != Answer::Refused), "seed {seed}: {}", story(&history, &uses));
        late += uses.iter().filter(|used| matches!(used.answer, Answer::Retried(_))).count();
        if seed % 50 == 0 {
            strict += sign_outs(&history, Way::Strict);
            idempotent += sign_outs(&history, Way::Idempotent);
            once += sign_outs(&history, Way::RetryOnce);
        }
    }
    // The histories are such that other rules fail.
    assert!(late > 10_000 && strict > 1_000 && idempotent > 100 && once > 10, "{late} {strict} {idempotent} {once}");
}

#[test]
fn a_client_that_proves_itself_may_lose_any_number_of_answers() {
    let mut unbound = 0;
    for seed in 0..10_000 {
        let random = &mut Random(seed);
        let client = Client { shared: true, cut_off: 600, late: Late::Any, ..client(random) };
        let history = honest(random, client);
        let uses = play(&history, BOUND);
        assert!(uses.iter().all(|used| used.answer != Answer::Refused), "seed {seed}: {}", story(&history, &uses));
        if seed % 50 == 0 {
            unbound += sign_outs(&history, RULE);
        }
    }
    assert!(unbound > 10, "that is beyond what a client may lose that cannot prove itself: {unbound}");
}

/// The numbers of rounds of the client and of uses of the thief, since the theft, that were honoured and answered.
fn had(history: &History, uses: &[Use]) -> (usize, usize) {
    let theft = history.theft.unwrap();
    let had = uses
        .iter()
        .filter(|used| used.at > theft.at && used.attempt.answered.is_some() && used.answer != Answer::Refused);
    let (thief, client): (Vec<&Use>, Vec<&Use>) = had.partition(|used| used.attempt.store == history.stores);
    let rounds: BTreeSet<u32> = client.iter().map(|used| used.attempt.round).collect();
    let rounds = rounds.iter().filter(|round| history.rounds[usize::try_from(**round).unwrap()] > theft.at).count();
    (rounds, thief.len())
}

#[test]
fn two_parties_out_of_step_are_found_before_each_has_had_a_second_answer() {
    let mut found = 0;
    for seed in 0..15_000 {
        let random = &mut Random(seed);
        let lost = random.below(500).unsigned_abs();
        let history = robbed(random, Habit::OutOfStep, lost);
        // A second late retry of one token, counted or not, makes no difference to that.
        for way in [RULE, Way::RetryOnce] {
            let uses = play(&history, way);
            let (client, thief) = had(&history, &uses);
            assert!(client < 2 || thief < 2, "seed {seed}: {}", story(&history, &uses));
            found += usize::from(uses.last().is_some_and(|used| used.answer == Answer::Refused));
        }
    }
    assert!(found > 20_000, "{found}");
}

#[test]
fn an_answer_that_is_lost_twice_gives_a_thief_nothing_more() {
    for seed in 0..5_000 {
        let random = &mut Random(seed);
        let habit = HABITS[random.index(HABITS.len())];
        let client = Client { cut_off: 0, every: (400, 5 * HOUR), ..client(random) };
        let history = honest(random, client).robbed(random, habit, (60, 5 * HOUR), 0, 30 * DAY);
        // A thief that keeps what it gets never asks for the same again.
        let ends = [RULE, Way::RetryOnce].map(|way| play(&history, way).last().map(|used| (used.at, used.answer)));
        assert_eq!(ends[0], ends[1], "seed {seed}");
    }
}

#[test]
fn whatever_anybody_does_only_what_a_lost_answer_explains_is_honoured_late() {
    let mut late = 0;
    for seed in 0..10_000 {
        let random = &mut Random(seed);
        let habit = HABITS[random.index(HABITS.len())];
        let history = robbed(random, habit, 200);
        let uses = play(&history, RULE);
        late += check_late_uses(seed, &uses);
    }
    assert!(late > 5_000, "{late}");
}

/// Checks the uses of spent tokens by the words of the rule. Answers the number of late ones.
fn check_late_uses(seed: u64, uses: &[Use]) -> usize {
    let mut retries: Vec<&Use> = Vec::new();
    let mut opened: BTreeMap<usize, i64> = BTreeMap::new();
    for used in uses {
        match used.answer {
            Answer::Repeated(_) => {
                let last = opened[&used.token].max(opened.get(&(used.token + 1)).copied().unwrap_or_default());
                assert!(used.at <= last + WINDOW, "seed {seed}: {used:?}");
            }
            Answer::Retried(next) => {
                assert_eq!(next, used.token + 1, "seed {seed}");
                assert!(!opened.contains_key(&next), "seed {seed}: its successor was used");
                let others = retries.iter().filter(|retry| retry.token != used.token);
                for other in others {
                    assert!(
                        used.token > other.token + 1 && used.at >= other.at + DAY,
                        "seed {seed}: {other:?} {used:?}"
                    );
                }
                retries.push(used);
            }
            Answer::Rotated(_) => {}
            Answer::Refused => break,
        }
        if !matches!(used.answer, Answer::Repeated(_)) {
            opened.insert(used.token, used.at);
        }
    }
    retries.len()
}

#[test]
fn a_grace_period_lets_a_thief_go_on_for_ever_that_a_chain_finds() {
    let mut unfound = [0, 0];
    for seed in 0..500 {
        let random = &mut Random(seed);
        let client =
            Client { workers: 1, shared: true, every: (HOUR, 2 * HOUR), lost: 0, cut_off: 0, back: 0, late: Late::Any };
        let history = History::honest(random, client, 20 * DAY);
        let history = history.robbed(random, Habit::OnceInStep, (HOUR, 2 * HOUR), 0, 10 * DAY);
        for (way, unfound) in [Way::Grace, RULE].into_iter().zip(&mut unfound) {
            let ended = play(&history, way).last().is_some_and(|used| used.answer == Answer::Refused);
            *unfound += usize::from(!ended);
        }
    }
    assert!(unfound[0] > 100 && unfound[1] == 0, "{unfound:?}");
}
