//! The rule for refresh tokens that come back: one pure state machine.
//!
//! The refresh tokens of a grant are a chain. The first is drawn; each next one is made of the one before ([`FamilyKey`]), so whoever
//! presents a token again can be given the same next one. One token of the chain is unspent: the head.
//!
//! For a client whose tokens last, the head is never spent: each use of it is [`Reuse::Keep`]. A token that was spent before the client
//! became one is judged as ever.
//!
//! ```text
//!                    first use                first use
//!  token k: unspent ───────────▶ spent ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ▶ (of k+1)
//!            Rotate                │
//!                                  ├─ within a window ───────────────────────▶ Repeat: the head again
//!                                  │    after the first use of k, a late retry of it, or the first use of k+1
//!                                  ├─ later, k+1 was never used ─────────────▶ Retry: k+1 again, and a window again
//!                                  │    a copy could do this, too: not in two generations in a row, and once a day,
//!                                  │    unless the client proved who it is
//!                                  └─ anything else ─────────────────────────▶ Replay: the grant is revoked
//! ```
//!
//! An honest client that lost an answer cannot be told from a thief by one use. By two it can: of two parties that go on from
//! one token, the one that comes second presents what the other has spent, again and again (`docs/refresh-tokens.md`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::grant::Grant;
use crate::seal::{Seal, Sealed};
use crate::secret::Secret;
use crate::time::Timestamp;

/// Seconds between two late retries of a family.
pub const BETWEEN_RETRIES: i64 = 86_400;

/// Generations that a repeat may lie behind the head. Nobody who shares a token with others gets so far behind within the window.
pub const MAX_STEPS: i64 = 1_024;

/// A refresh token that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// The number of tokens before it in its chain.
    pub generation: i64,
    pub used_at: Timestamp,
    /// The last late retry of it.
    pub retried_at: Option<Timestamp>,
}

/// A late retry of some token of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    pub generation: i64,
    pub at: Timestamp,
}

/// The chain that a spent token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// The generation of the head.
    pub head: i64,
    /// The first use of the token after the spent one.
    pub successor_used_at: Option<Timestamp>,
    /// The late retries that are remembered.
    pub retries: Vec<Retry>,
}

/// The rule for one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Seconds for which a spent token is answered like the head, counted from its first use, from a late retry, and from the
    /// first use of its successor: until then anybody may be on the way with it who has not heard of that one. 0: a token is
    /// good once.
    pub window: i64,
    /// True for a client that proved who it is, or that it has the key of the token: a copy of the token is worth nothing without that.
    pub bound: bool,
    /// True where the head is given again at each use, and nothing is spent.
    pub lasting: bool,
}

/// A use of a token that is not spent by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// The head, which lasts.
    Keep,
    /// One of several uses at about the same time.
    Repeat,
    /// The answer was lost.
    Retry,
    /// Two parties go on from one token.
    Replay,
}

impl Rule {
    /// Judges the use of the head. `None`: it is spent.
    #[must_use]
    pub fn judge_head(self) -> Option<Reuse> {
        self.lasting.then_some(Reuse::Keep)
    }

    /// Judges the use of a spent token.
    #[must_use]
    pub fn judge(self, spent: &Spent, family: &Family, now: Timestamp) -> Reuse {
        if self.window == 0 || family.head - spent.generation > MAX_STEPS {
            return Reuse::Replay;
        }
        let last = spent.retried_at.max(family.successor_used_at).map_or(spent.used_at, |last| last.max(spent.used_at));
        if now <= last.plus(self.window) {
            return Reuse::Repeat;
        }
        if family.head != spent.generation + 1 {
            return Reuse::Replay;
        }
        let counts_against = |retry: &Retry| {
            // The same answer, lost again, says nothing new.
            retry.generation != spent.generation
                && (retry.generation == spent.generation - 1 || now < retry.at.plus(BETWEEN_RETRIES))
        };
        if !self.bound && family.retries.iter().any(counts_against) { Reuse::Replay } else { Reuse::Retry }
    }
}

/// The key by which the refresh tokens of one family are made of one another.
#[derive(Debug, Clone)]
pub struct FamilyKey(Secret);

impl FamilyKey {
    /// The key of the grant: of the installation's secret and a random salt. Nobody who reads the database knows the first,
    /// and nobody who has one family's tokens learns of another's.
    #[must_use]
    pub fn of(grant: &Grant, seal: &Seal) -> Self {
        Self(Secret::new(seal.tag(Sealed::RefreshTokens, &[grant.id.as_str(), &grant.refresh_salt])))
    }

    /// The token after `token`: HMAC-SHA-256 (RFC 2104) over it, as 43 characters of base64url.
    #[must_use]
    pub fn successor(&self, token: &Secret) -> Secret {
        // Any length is a key of HMAC, so the fallback, which no token equals, is never taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose().as_bytes()) else {
            return Secret::new("");
        };
        mac.update(token.expose().as_bytes());
        Secret::new(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// The token `steps` after `token`.
    #[must_use]
    pub fn advance(&self, token: &Secret, steps: i64) -> Secret {
        (0..steps.min(MAX_STEPS)).fold(token.clone(), |token, _| self.successor(&token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { window: 120, bound: false, lasting: false };
    const SPENT: Spent = Spent { generation: 5, used_at: Timestamp(1_000), retried_at: None };

    fn family(head: i64, retries: &[(i64, i64)]) -> Family {
        let retries = retries.iter().map(|(generation, at)| Retry { generation: *generation, at: Timestamp(*at) });
        Family { head, successor_used_at: None, retries: retries.collect() }
    }

    #[test]
    fn within_the_window_the_head_is_given_again_however_far_it_is() {
        for head in [6, 7, 40] {
            assert_eq!(RULE.judge(&SPENT, &family(head, &[]), Timestamp(1_120)), Reuse::Repeat);
        }
        assert_eq!(RULE.judge(&SPENT, &family(7, &[]), Timestamp(1_121)), Reuse::Replay);
        assert_eq!(RULE.judge(&SPENT, &family(6 + MAX_STEPS, &[]), Timestamp(1_001)), Reuse::Replay);
    }

    #[test]
    fn a_lost_answer_can_be_asked_for_later_while_nobody_used_it() {
        let week = Timestamp(1_000 + 7 * 86_400);
        assert_eq!(RULE.judge(&SPENT, &family(6, &[]), week), Reuse::Retry);
        assert_eq!(RULE.judge(&SPENT, &family(7, &[]), week), Reuse::Replay);
        let retried = Spent { retried_at: Some(week), ..SPENT };
        let soon = week.plus(100);
        assert_eq!(RULE.judge(&retried, &family(6, &[(5, week.0)]), soon), Reuse::Repeat);
        assert_eq!(RULE.judge(&retried, &family(7, &[(5, week.0)]), soon), Reuse::Repeat);
        assert_eq!(RULE.judge(&retried, &family(6, &[(5, week.0)]), week.plus(3_600)), Reuse::Retry);
    }

    #[test]
    fn who_comes_while_the_successor_is_used_first_has_not_heard_of_it() {
        let used = Family { successor_used_at: Some(Timestamp(5_000)), ..family(7, &[]) };
        assert_eq!(RULE.judge(&SPENT, &used, Timestamp(5_120)), Reuse::Repeat);
        assert_eq!(RULE.judge(&SPENT, &used, Timestamp(5_121)), Reuse::Replay);
    }

    #[test]
    fn late_retries_in_a_row_or_on_one_day_are_a_replay_unless_the_client_proved_itself() {
        let now = Timestamp(10 * 86_400);
        let spent = Spent { used_at: now.plus(-3_600), ..SPENT };
        for (earlier, verdict) in [
            ((4, 0), Reuse::Replay),
            ((3, now.0 - 3_600), Reuse::Replay),
            ((3, now.0 - 86_399), Reuse::Replay),
            ((3, now.0 - 86_400), Reuse::Retry),
        ] {
            assert_eq!(RULE.judge(&spent, &family(6, &[earlier]), now), verdict, "{earlier:?}");
            let bound = Rule { bound: true, ..RULE };
            assert_eq!(bound.judge(&spent, &family(6, &[earlier]), now), Reuse::Retry, "{earlier:?}");
        }
    }

    #[test]
    fn without_a_window_a_token_is_good_once() {
        let strict = Rule { window: 0, bound: true, lasting: false };
        assert_eq!(strict.judge(&SPENT, &family(6, &[]), Timestamp(1_000)), Reuse::Replay);
    }

    #[test]
    fn a_head_that_lasts_is_kept_and_what_was_spent_before_is_judged_as_ever() {
        let lasting = Rule { lasting: true, ..RULE };
        assert_eq!((lasting.judge_head(), RULE.judge_head()), (Some(Reuse::Keep), None));
        for now in [1_100, 1_121, 9_999] {
            let (now, family) = (Timestamp(now), family(7, &[]));
            assert_eq!(lasting.judge(&SPENT, &family, now), RULE.judge(&SPENT, &family, now));
        }
    }

    #[test]
    fn a_successor_depends_on_the_installation_the_family_and_the_token() {
        let of = |seal: u8, salt: &str, token: &str| {
            let grant = Grant { refresh_salt: salt.to_owned(), ..crate::grant::testing::grant() };
            let seal = Seal::new(zeroize::Zeroizing::new([seal; 32]));
            FamilyKey::of(&grant, &seal).successor(&Secret::new(token)).expose().to_owned()
        };
        let this = of(1, "salt", "a");
        assert_eq!((this.len(), &this), (43, &of(1, "salt", "a")));
        for other in [of(2, "salt", "a"), of(1, "pepper", "a"), of(1, "salt", "b")] {
            assert_ne!(this, other);
        }
    }

    #[test]
    fn the_head_can_be_made_of_any_token_before_it() {
        let key = FamilyKey::of(&crate::grant::testing::grant(), &Seal::new(zeroize::Zeroizing::new([1; 32])));
        let first = Secret::new("first");
        let third = key.successor(&key.successor(&first));
        assert_eq!(key.advance(&first, 2).expose(), third.expose());
        assert_eq!(key.advance(&third, 0).expose(), third.expose());
    }
}
