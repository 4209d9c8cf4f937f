//! A history, played against a server.

use crate::history::{Attempt, History};
use crate::server::{Answer, Server, Way};

/// A use of a token, as the server saw it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    pub(crate) at: i64,
    /// The token that was presented.
    pub(crate) token: usize,
    pub(crate) answer: Answer,
    pub(crate) attempt: Attempt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Sent,
    Served,
    Answered,
}

/// Plays a history. With a thief in it, it is over when the family has ended; alone, whoever is signed out signs in again.
pub(crate) fn play(history: &History, way: Way) -> Vec<Use> {
    let mut moments = moments(history);
    moments.sort_unstable();
    let mut server = Server::new(way);
    // With each token the sign-in that it came from: what arrives from an earlier one is put nowhere.
    let (mut login, mut stores) = (0, vec![(0, 0); history.stores + 1]);
    let mut presented = vec![(0, 0); history.attempts.len()];
    let mut received = vec![None; history.attempts.len()];
    let (mut uses, mut theft) = (Vec::new(), history.theft);
    for (at, number, moment) in moments {
        if let Some(stolen) = theft.filter(|theft| theft.at <= at) {
            stores[history.stores] = stores[stolen.from];
            theft = None;
        }
        let attempt = history.attempts[number];
        match moment {
            Moment::Sent => presented[number] = stores[attempt.store],
            Moment::Served if presented[number].0 == login => {
                let token = presented[number].1;
                let answer = server.take(token, at);
                uses.push(Use { at, token, answer, attempt });
                received[number] = answer.token();
                if answer == Answer::Refused {
                    if history.theft.is_some() {
                        break;
                    }
                    login += 1;
                    server = Server::new(way);
                    stores.fill((login, 0));
                }
            }
            Moment::Answered if stores[attempt.store] == presented[number] => {
                if let Some(token) = received[number] {
                    stores[attempt.store].1 = token;
                }
            }
            Moment::Served | Moment::Answered => {}
        }
    }
    uses
}

fn moments(history: &History) -> Vec<(i64, usize, Moment)> {
    let mut moments = Vec::with_capacity(history.attempts.len() * 3);
    for (number, attempt) in history.attempts.iter().enumerate() {
        moments.push((attempt.sent, number, Moment::Sent));
        moments.extend(attempt.served.map(|at| (at, number, Moment::Served)));
        moments.extend(attempt.answered.map(|at| (at, number, Moment::Answered)));
    }
    moments
}

/// The uses up to the first that was refused, a line each.
pub(crate) fn story(history: &History, uses: &[Use]) -> String {
    let end = uses.iter().position(|used| used.answer == Answer::Refused).map_or(uses.len(), |end| end + 1);
    let line = |used: &Use| {
        let Attempt { store, round, answered, .. } = used.attempt;
        let party = if store == history.stores { "thief" } else { "client" };
        let lost = if answered.is_none() { ", lost" } else { "" };
        format!("{:>9} s  {party:<6} use {round:<3} token {:<3} {:?}{lost}\n", used.at, used.token, used.answer)
    };
    uses.iter().take(end).map(line).collect()
}
