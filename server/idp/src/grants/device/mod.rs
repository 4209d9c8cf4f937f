//! Device codes (RFC 8628): asked for by devices, answered by people, and then [polled](super::poll) for.

mod answer;
mod begin;
#[cfg(test)]
mod tests;

pub use answer::DeviceQuestion;

use oauth::grant::{DEVICE_REASONS, PollReasons};

use super::poll::{PollState, PolledTable};
use crate::entity::device_code;

impl PolledTable for device_code::Entity {
    const REASONS: &'static PollReasons = &DEVICE_REASONS;
    const DIGEST: device_code::Column = device_code::Column::Digest;
    const POLL_INTERVAL: device_code::Column = device_code::Column::PollInterval;
    const POLLED_AT: device_code::Column = device_code::Column::PolledAt;
    const DECIDED_AT: device_code::Column = device_code::Column::DecidedAt;
    const CONSUMED_AT: device_code::Column = device_code::Column::ConsumedAt;

    fn state(row: device_code::Model) -> PollState {
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
