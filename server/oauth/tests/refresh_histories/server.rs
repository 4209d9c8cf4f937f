//! The side of the server: a family of refresh tokens, kept as `server/idp/src/grants/refresh.rs` keeps it, and the ways of other
//! servers to compare it with.

use oauth::grant::{Family, Retry, Reuse, Rule, Spent};
use oauth::time::Timestamp;

/// Seconds, as the policy of a client has it unless it is changed.
pub(crate) const WINDOW: i64 = 120;

/// A way to treat a refresh token that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It ends the family.
    Strict,
    /// Within the window it is answered with another new token; later it ends the family.
    Grace,
    /// Within the window it is answered with the token that it was answered with before; later it ends the family.
    Idempotent,
    /// The rule of this server, for a client that cannot prove itself or that can.
    Rule { bound: bool },
    /// The same for a client that cannot, but a second late retry of one token ends the family.
    RetryOnce,
}

/// The outcome of a use of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The token was unspent.
    Rotated(usize),
    /// It was spent, and is answered all the same.
    Repeated(usize),
    /// The same, later than the window.
    Retried(usize),
    /// The family ended, now or before.
    Refused,
}

impl Answer {
    pub(crate) fn token(self) -> Option<usize> {
        match self {
            Self::Rotated(token) | Self::Repeated(token) | Self::Retried(token) => Some(token),
            Self::Refused => None,
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Token {
    used_at: Option<i64>,
    retried_at: Option<i64>,
    successor: usize,
}

/// The tokens of one grant. A token is its number; where they are a chain, that is its generation.
#[derive(Debug)]
pub(crate) struct Server {
    way: Way,
    tokens: Vec<Token>,
    family: Family,
    revoked: bool,
}

impl Server {
    /// A grant with its first token, number 0.
    pub(crate) fn new(way: Way) -> Self {
        Self {
            way,
            tokens: vec![Token::default()],
            family: Family { head: 0, successor_used_at: None, retries: Vec::new() },
            revoked: false,
        }
    }

    /// The use of a token.
    pub(crate) fn take(&mut self, number: usize, now: i64) -> Answer {
        let token = self.tokens[number];
        if self.revoked {
            return Answer::Refused;
        }
        let Some(used_at) = token.used_at else {
            let next = self.add();
            self.tokens[number].used_at = Some(now);
            self.tokens[number].successor = next;
            return Answer::Rotated(next);
        };
        let in_time = now <= used_at + WINDOW;
        let answer = match self.way {
            Way::Grace if in_time => Answer::Repeated(self.add()),
            Way::Idempotent if in_time => Answer::Repeated(token.successor),
            Way::Rule { bound } => self.judge(number, Rule { window: WINDOW, bound, lasting: false }, now),
            Way::RetryOnce => match self.judge(number, Rule { window: WINDOW, bound: false, lasting: false }, now) {
                Answer::Retried(_) if token.retried_at.is_some() => Answer::Refused,
                answer => answer,
            },
            Way::Strict | Way::Grace | Way::Idempotent => Answer::Refused,
        };
        self.revoked = answer == Answer::Refused;
        answer
    }

    /// An unspent token.
    fn add(&mut self) -> usize {
        self.tokens.push(Token::default());
        self.family.head += 1;
        self.tokens.len() - 1
    }

    /// The rule itself, and what it remembers.
    fn judge(&mut self, number: usize, rule: Rule, now: i64) -> Answer {
        let successor = self.tokens.get(number + 1).and_then(|successor| successor.used_at);
        self.family.successor_used_at = successor.map(Timestamp);
        let token = &mut self.tokens[number];
        let generation = i64::try_from(number).unwrap();
        let spent = Spent {
            generation,
            used_at: Timestamp(token.used_at.unwrap()),
            retried_at: token.retried_at.map(Timestamp),
        };
        let head = usize::try_from(self.family.head).unwrap();
        match rule.judge(&spent, &self.family, Timestamp(now)) {
            Reuse::Keep | Reuse::Repeat => Answer::Repeated(head),
            Reuse::Replay => Answer::Refused,
            Reuse::Retry => {
                token.retried_at = Some(now);
                self.family.retries.retain(|retry| retry.generation != generation);
                self.family.retries.push(Retry { generation, at: Timestamp(now) });
                Answer::Retried(head)
            }
        }
    }
}
