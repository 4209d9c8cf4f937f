//! People who are asked for by name (CIBA): asked for by clients, answered by themselves, told to clients that want to hear of it, and
//! then [polled](super::poll) for.

mod answer;
mod begin;
mod ping;

pub use answer::BackchannelQuestion;
pub(crate) use ping::forget_pings;

use oauth::grant::{CIBA_REASONS, PollReasons};

use super::poll::{PollState, PolledTable};
use crate::entity::ciba_request;

/// Requests about one person by one client that wait or were declined, within the time that they are good for: so many times a client
/// may disturb somebody.
const MOST_OF_PERSON_BY_CLIENT: u64 = 5;

/// The same by all clients.
const MOST_OF_PERSON: u64 = 20;

impl PolledTable for ciba_request::Entity {
    const REASONS: &'static PollReasons = &CIBA_REASONS;
    const DIGEST: ciba_request::Column = ciba_request::Column::Digest;
    const POLL_INTERVAL: ciba_request::Column = ciba_request::Column::PollInterval;
    const POLLED_AT: ciba_request::Column = ciba_request::Column::PolledAt;
    const DECIDED_AT: ciba_request::Column = ciba_request::Column::DecidedAt;
    const CONSUMED_AT: ciba_request::Column = ciba_request::Column::ConsumedAt;

    fn state(row: ciba_request::Model) -> PollState {
        PollState {
            client_id: row.client_id,
            poll_interval: row.poll_interval,
            polled_at: row.polled_at,
            expires_at: row.expires_at,
            decided_at: row.decided_at,
            consumed_at: row.consumed_at,
        }
    }
}
