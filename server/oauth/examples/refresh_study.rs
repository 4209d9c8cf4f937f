//! Compares ways to treat refresh tokens that come back, on the same random histories: honest people signed out, and the life of a
//! thief. The histories and the players are those of the tests (`tests/refresh_histories/`). Prints the same every time.
//!
//! `cargo run --example refresh_study`

#![expect(clippy::print_stdout, reason = "the table is what it is for")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a study that cannot be trusted had better panic")]

#[path = "../tests/refresh_histories/history.rs"]
mod history;
#[path = "../tests/refresh_histories/play.rs"]
mod play;
#[path = "../tests/refresh_histories/random.rs"]
mod random;
#[path = "../tests/refresh_histories/server.rs"]
mod server;

use history::{Client, DAY, HOUR, Habit, History, Late, MINUTE};
use play::{play, story};
use random::Random;
use server::{Answer, WINDOW, Way};

/// Clients of a kind, and days that each is watched.
const CLIENTS: u64 = 150;
const DAYS: i64 = 40;

const WAYS: [(&str, Way); 6] = [
    ("strict rotation", Way::Strict),
    ("grace period", Way::Grace),
    ("idempotent retry", Way::Idempotent),
    ("rule, retry once", Way::RetryOnce),
    ("this rule", Way::Rule { bound: false }),
    ("this rule, bound", Way::Rule { bound: true }),
];

fn kinds() -> [(&'static str, Client); 4] {
    let phone = Client {
        workers: 1,
        shared: true,
        every: (HOUR, 9 * HOUR),
        lost: 20,
        cut_off: 20,
        back: 10 * HOUR,
        late: Late::Any,
    };
    let tabs = Client { workers: 3, every: (HOUR, 4 * HOUR), lost: 5, cut_off: 2, ..phone };
    let workers = Client { workers: 8, every: (2 * HOUR, 2 * HOUR), lost: 2, cut_off: 0, ..phone };
    [
        ("phone, cut off in one refresh of 50", phone),
        ("browser, 3 tabs", tabs),
        ("server, 8 workers, one store", workers),
        ("server, 8 workers, a store each", Client { shared: false, ..workers }),
    ]
}

fn main() {
    println!("Honest sign-outs, for each client and year\n");
    for (name, client) in kinds() {
        println!("{name}");
        for (way, sign_outs) in WAYS.iter().zip(honest(client)) {
            let hundredths = sign_outs * 36_500 / (CLIENTS as usize * usize::try_from(DAYS).unwrap());
            println!("  {:<18}{:>7}.{:02}", way.0, hundredths / 100, hundredths % 100);
        }
    }
    println!("\nLife of a thief that stole the phone's token: half are found within, nine of ten within, never found");
    let habits = [
        ("at once, every hour or two", Habit::AtOnce, (HOUR, 2 * HOUR)),
        ("days later, every hour or two", Habit::Later(3 * DAY), (HOUR, 2 * HOUR)),
        ("never near a refresh of the owner", Habit::OutOfStep, (HOUR, 2 * HOUR)),
        ("within a minute after the owner for a day, then every hour or two", Habit::OnceInStep, (HOUR, 2 * HOUR)),
        ("always within a minute after the owner", Habit::InStep, (MINUTE, MINUTE)),
    ];
    for (name, habit, every) in habits {
        println!("{name}");
        for (way, lives) in WAYS.iter().zip(thieves(habit, every)) {
            println!("  {:<18}{}", way.0, lives);
        }
    }
    println!("\nThe end of one of the first kind, by this rule");
    let history = robbed(0, Habit::AtOnce, (HOUR, 2 * HOUR));
    let told = story(&history, &play(&history, Way::Rule { bound: false }));
    let lines: Vec<&str> = told.lines().collect();
    println!("{}", lines[lines.len().saturating_sub(7)..].join("\n"));
    println!("\nThe window is {WINDOW} s. {CLIENTS} clients of a kind, {DAYS} days each.");
}

/// Sign-outs of all clients of a kind, by way.
fn honest(client: Client) -> [usize; 6] {
    let mut sign_outs = [0; 6];
    for seed in 0..CLIENTS {
        let history = History::honest(&mut Random(seed), client, DAYS * DAY);
        for (sign_outs, (_, way)) in sign_outs.iter_mut().zip(WAYS) {
            *sign_outs += play(&history, way).iter().filter(|used| used.answer == Answer::Refused).count();
        }
    }
    sign_outs
}

/// A phone that is never cut off, and a thief with its token.
fn robbed(seed: u64, habit: Habit, every: (i64, i64)) -> History {
    let [(_, phone), ..] = kinds();
    let owner = Client { every: (2 * HOUR, 9 * HOUR), lost: 0, cut_off: 0, late: Late::OnceADay, ..phone };
    let random = &mut Random(seed);
    History::honest(random, owner, DAYS * DAY).robbed(random, habit, every, 0, DAYS * DAY)
}

/// The lives of thieves, counted from the first thing they got, by way.
fn thieves(habit: Habit, every: (i64, i64)) -> [String; 5] {
    let mut lives: [Vec<Option<i64>>; 5] = Default::default();
    for seed in 0..CLIENTS {
        let history = robbed(seed, habit, every);
        for (lives, (_, way)) in lives.iter_mut().zip(WAYS) {
            let uses = play(&history, way);
            let first = uses.iter().find(|used| used.attempt.store == history.stores && used.answer.token().is_some());
            let end = uses.last().filter(|used| used.answer == Answer::Refused);
            lives.push(match (first, end) {
                (None, _) => Some(0),
                (Some(first), Some(end)) => Some(end.at - first.at),
                (Some(_), None) => None,
            });
        }
    }
    lives.map(|mut lives| {
        lives.sort_unstable_by_key(|life| life.unwrap_or(i64::MAX));
        let nth = |tenths: usize| lives[lives.len() * tenths / 10].map_or_else(|| "never".to_owned(), hours);
        let never = lives.iter().filter(|life| life.is_none()).count() * 100 / lives.len();
        format!("{:>10}{:>10}{never:>5} %", nth(5), nth(9))
    })
}

fn hours(seconds: i64) -> String {
    let tenths = seconds * 10 / HOUR;
    format!("{}.{} h", tenths / 10, tenths % 10)
}
