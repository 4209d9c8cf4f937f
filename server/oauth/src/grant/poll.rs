//! Something that a client polls for while a person decides elsewhere: a device code (RFC 8628 §3.4) or an `auth_req_id` (CIBA §10.1).

use super::{Grant, Verdict};
use crate::client::Client;
use crate::error::TokenError;
use crate::id::ClientId;
use crate::refusal::Reason;
use crate::scope::ScopeDefinition;
use crate::time::Timestamp;

/// Seconds between two polls, to begin with, and the seconds by which each poll that comes too soon makes them more (RFC 8628
/// §3.2, §3.5; CIBA §7.3, §11).
pub const POLL_INTERVAL: i64 = 5;

/// The refusals of one kind of thing that is polled for.
#[derive(Debug, PartialEq, Eq)]
pub struct PollReasons {
    pub unknown: Reason,
    pub used: Reason,
    pub revoked: Reason,
    pub expired: Reason,
    pub declined: Reason,
    pub pending: Reason,
    pub too_fast: Reason,
    /// Whoever polls, in words.
    pub who: &'static str,
}

/// Something that is polled for, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Polled {
    pub client_id: ClientId,
    pub decision: PollDecision,
    /// Seconds that must lie between two polls by now.
    pub interval: i64,
    /// The last poll that was answered; long ago when there was none.
    pub polled_at: Timestamp,
    pub expires_at: Timestamp,
    pub consumed: bool,
    pub reasons: &'static PollReasons,
}

/// The decision of the person who was asked.
#[derive(Debug, Clone, PartialEq)]
pub enum PollDecision {
    /// There is none yet.
    Pending,
    Denied,
    Approved(Box<Grant>),
}

/// The verdict on a poll.
#[derive(Debug, Clone, PartialEq)]
pub enum PollVerdict {
    /// Nobody has decided yet. Whoever answers so writes down the poll and the interval from now on, by an UPDATE that finds the
    /// row as it was judged.
    Wait { error: TokenError, interval: i64 },
    /// There is a decision, or none will come.
    Answer(Verdict),
}

impl Polled {
    /// Judges a poll (RFC 8628 §3.5, CIBA §11). Another client is refused without a word about whether there is such a thing.
    /// The tokens that were approved are given however soon the client asks, and no more of them than it may have now; `known` are the
    /// scopes of this server.
    #[must_use]
    pub fn judge(&self, client: &Client, known: &[ScopeDefinition], now: Timestamp) -> PollVerdict {
        let reasons = self.reasons;
        if self.client_id != client.client_id {
            return PollVerdict::Answer(Verdict::refuse(reasons.unknown));
        }
        if self.consumed {
            return PollVerdict::Answer(Verdict::refuse(reasons.used));
        }
        if now >= self.expires_at {
            return PollVerdict::Answer(Verdict::refuse(reasons.expired));
        }
        PollVerdict::Answer(match &self.decision {
            PollDecision::Pending => return self.wait(now),
            PollDecision::Denied => Verdict::refuse(reasons.declined),
            PollDecision::Approved(grant) if grant.revoked => Verdict::refuse(reasons.revoked),
            PollDecision::Approved(grant) => Verdict::issue(grant, &grant.scope, client, known),
        })
    }

    fn wait(&self, now: Timestamp) -> PollVerdict {
        if now.since(self.polled_at) >= self.interval {
            let error = TokenError::new(self.reasons.pending);
            return PollVerdict::Wait { error, interval: self.interval };
        }
        let interval = self.interval.saturating_add(POLL_INTERVAL);
        PollVerdict::Wait { error: slow_down(self.reasons, interval), interval }
    }
}

/// The answer to a poll that came too soon. It is for this one and all that follow (RFC 8628 §3.5, CIBA §11).
#[must_use]
pub fn slow_down(reasons: &PollReasons, interval: i64) -> TokenError {
    let who = reasons.who;
    let description = format!("the {who} asks too often; wait {interval} seconds between two polls");
    TokenError::because(reasons.too_fast, description)
}
