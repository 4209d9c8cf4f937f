//! The verdict of the dashboard: all that needs a look. Each part is a sum that was made before, or costs a few rows.

use app::console::dashboard::{EndingSecret, FailingClient};
use app::console::verdict::Concern;
use idp::ClientRecord;
use idp::activity::{ActivitySums, RefusalTrend};
use oauth::activity::{Event, EventFilter, EventKind, Outcome, Volume};
use oauth::error::ErrorCode;
use oauth::jose::{KeyState, SigningAlg};
use oauth::refusal::Reason;

use crate::state::Signet;

/// Refusals of a client from which its other events are looked at.
const MANY_REFUSALS: u64 = 20;

/// The newest events of a client that are looked at.
const NEWEST: u64 = 100;

/// Refusals in 24 hours that can be a rise.
const LEAST_RISE: u64 = 100;

/// The last day is a rise where it has so many times the refusals of any day before.
const RISE: u64 = 2;

/// Seconds after which a key that nothing replaces is old.
const OLD: i64 = 365 * 86_400;

/// All that needs a look, the worst first. `secrets`: those that are needed.
pub(super) async fn find(
    signet: &Signet,
    sums: &ActivitySums,
    secrets: Vec<EndingSecret>,
    failing: &[FailingClient],
) -> Result<Vec<Concern>, idp::Error> {
    let mut found = of_the_server(signet).await?;
    let now = signet.idp.now();
    let (ended, ending): (Vec<_>, Vec<_>) = secrets.into_iter().partition(|secret| secret.expires_at < now);
    found.extend(ended.into_iter().map(Concern::Secret));
    let of = |kind| sums.bars.iter().filter(|sum| sum.kind == kind).map(|sum| sum.count).sum::<u64>();
    found.extend(some(of(EventKind::Lost)).map(Concern::Lost));
    found.extend(some(of(EventKind::RefreshReplay)).map(Concern::Replays));
    found.extend(failing.iter().filter(|client| client.is_mostly).cloned().map(Concern::Refused));
    let with = |reason: Reason| sums.codes.iter().find(|sum| sum.error == reason.as_str()).map(|sum| sum.count);
    found.extend(with(Reason::AdminDelayed).map(Concern::AdminGuesses));
    found.extend(rise(&signet.idp.refusal_trend().await?));
    found.extend(with(Reason::LogoutUndelivered).map(Concern::Logouts));
    found.extend(with(Reason::PingUndelivered).map(Concern::Pings));
    found.extend(ending.into_iter().map(Concern::Secret));
    Ok(found)
}

/// The concerns about the server itself.
async fn of_the_server(signet: &Signet) -> Result<Vec<Concern>, idp::Error> {
    let idp = &signet.idp;
    let mut found = Vec::new();
    found.extend(idp.fails_at_chores().then_some(Concern::Chores));
    found.extend(idp.look_at_audit_end().await?.map(|fault| Concern::Record(fault.to_string())));
    let keyring = idp.keyring();
    for alg in SigningAlg::ALL {
        match keyring.keys().iter().find(|key| (key.alg, key.state) == (alg, KeyState::Active)) {
            None => found.push(Concern::NoKey(alg.as_str())),
            Some(key) => {
                let since = key.activated_at.unwrap_or(key.created_at);
                let is_old = idp.next_step(key).is_none() && idp.now().since(since) > OLD;
                found.extend(is_old.then_some(Concern::OldKey { alg: alg.as_str(), since }));
            }
        }
    }
    Ok(found)
}

fn rise(trend: &RefusalTrend) -> Option<Concern> {
    let RefusalTrend { begin, last_day, most_before, knows_before } = *trend;
    let is_rise = knows_before && last_day >= LEAST_RISE && last_day >= most_before.saturating_mul(RISE);
    is_rise.then_some(Concern::Rise { since: begin, last_day, most_before })
}

fn some(number: u64) -> Option<u64> {
    Some(number).filter(|number| *number > 0)
}

/// True for a client whose newest events are refusals for the most part. `refusals`: those in the figures, where those of an earlier client
/// of that ID are counted, too.
pub(super) async fn is_mostly_refused(
    signet: &Signet,
    sums: &ActivitySums,
    client: &ClientRecord,
    refusals: u64,
) -> Result<bool, idp::Error> {
    if refusals < MANY_REFUSALS || signet.idp.activity_volume() != Volume::All {
        return Ok(false);
    }
    let (since, client_id) = (sums.begin.max(client.created_at), client.client.client_id.clone());
    let filter = EventFilter { since: Some(since), client: Some(client_id), ..EventFilter::default() };
    let events = signet.idp.events(&filter, None, NEWEST).await?.rows;
    let of = |outcome| {
        let is_routine = |event: &Event| event.error.as_deref().is_some_and(ErrorCode::is_routine);
        let counted = events.iter().filter(|event| event.outcome == outcome && event.kind != EventKind::Change);
        let counted = counted.filter(|event| !is_routine(event));
        counted.map(|event| event.count).sum::<i64>()
    };
    let refused = of(Outcome::Refused);
    Ok(refused.unsigned_abs() >= MANY_REFUSALS && refused > of(Outcome::Ok))
}
