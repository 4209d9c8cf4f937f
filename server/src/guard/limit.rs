//! Limits of requests: a bucket for each caller and kind of request (GCRA, by the crate `governor`).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use idp::Network;
use idp::clock::Clock;

use super::address::CallerAddress;
use super::config::Rates;
use super::refusal::TooSoon;
use crate::endpoints::{Endpoint, Limited};

/// The limits.
#[derive(Debug)]
pub(super) struct Limits {
    token: Option<Limit>,
    introspect: Option<Limit>,
    register: Option<Limit>,
    authorize: Option<Limit>,
    device: Option<Limit>,
    login: Option<Limit>,
    setup: Option<Limit>,
    admin_login: Option<Limit>,
}

impl Limits {
    pub(super) fn new(rates: &Rates, clock: &Clock) -> Self {
        let limit = |rate: Option<Quota>| rate.map(|rate| Limit::new(rate, clock));
        Self {
            token: limit(rates.token),
            introspect: limit(rates.introspect),
            register: limit(rates.register),
            authorize: limit(rates.authorize),
            device: limit(rates.device),
            login: limit(rates.login),
            setup: limit(rates.setup),
            admin_login: limit(rates.admin_login),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// When the caller asked too often.
    pub(super) fn check(&self, method: &Method, endpoint: &Endpoint, caller: CallerAddress) -> Result<(), TooSoon> {
        let limited = endpoint.limit.filter(|limited| limited.counts(method));
        let Some(limit) = limited.and_then(|limited| self.find(limited)) else {
            return Ok(());
        };
        limit.check(caller.address()).map_err(|wait| {
            tracing::debug!(address = %caller, path = endpoint.path, "a request was refused: too many of them");
            TooSoon { audience: endpoint.audience, wait }
        })
    }

    fn find(&self, limited: Limited) -> Option<&Limit> {
        let limit = match limited {
            Limited::Token => &self.token,
            Limited::Introspect => &self.introspect,
            Limited::Register => &self.register,
            Limited::Authorize => &self.authorize,
            Limited::Device => &self.device,
            Limited::Login => &self.login,
            Limited::Setup => &self.setup,
            Limited::AdminLogin => &self.admin_login,
        };
        limit.as_ref()
    }
}

type Buckets = RateLimiter<Network, Callers, Ticks, NoOpMiddleware<Duration>>;

/// One limit: buckets for each width of network, which hold the more the wider it is.
#[derive(Debug)]
struct Limit {
    by_width: Vec<Buckets>,
    clock: Ticks,
}

impl Limit {
    fn new(rate: Quota, clock: &Clock) -> Self {
        let clock = Ticks(clock.clone());
        let widest = Network::all_of(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        let buckets =
            |network: Network| RateLimiter::new(times(rate, network.allowance()), Callers::default(), clock.clone());
        Self { by_width: widest.map(buckets).collect(), clock }
    }

    /// The time that the caller must wait, if it must.
    fn check(&self, caller: IpAddr) -> Result<(), Duration> {
        for network in Network::all_of(caller) {
            if let Some(buckets) = self.by_width.get(network.width()) {
                buckets.check_key(&network).map_err(|refused| refused.wait_time_from(self.clock.now()))?;
            }
        }
        Ok(())
    }
}

/// A rate that is so many times as high.
fn times(rate: Quota, factor: u32) -> Quota {
    let burst = rate.burst_size().saturating_mul(NonZeroU32::new(factor).unwrap_or(NonZeroU32::MIN));
    let period = rate.replenish_interval() / factor.max(1);
    Quota::with_period(period).map_or(rate, |faster| faster.allow_burst(burst))
}

/// The largest number of callers of one width that are remembered.
const MOST_CALLERS: usize = 16_384;

/// When each caller's bucket is full again. Whoever asks in the name of ever new networks makes the server forget half of them:
/// those whose buckets lack least.
#[derive(Debug, Default)]
struct Callers(Mutex<HashMap<Network, Nanos>>);

impl StateStore for Callers {
    type Key = Network;

    fn measure_and_replace<T, F, E>(&self, key: &Network, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (decision, full_again) = decide(callers.get(key).copied())?;
        if callers.len() >= MOST_CALLERS && !callers.contains_key(key) {
            forget_half(&mut callers);
        }
        callers.insert(*key, full_again);
        Ok(decision)
    }
}

fn forget_half(callers: &mut HashMap<Network, Nanos>) {
    let mut times: Vec<u64> = callers.values().map(|full_again| full_again.as_u64()).collect();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let mut surplus = middle;
    // Many may have the same time; no more than half are forgotten, and no fewer.
    callers.retain(|_, full_again| match full_again.as_u64().cmp(median) {
        std::cmp::Ordering::Greater => true,
        _ if surplus == 0 => true,
        _ => {
            surplus -= 1;
            false
        }
    });
}

/// The provider's clock, as `governor` asks for it.
#[derive(Debug, Clone)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use oauth::time::Timestamp;

    use super::*;

    #[test]
    fn no_number_of_callers_fills_the_memory() {
        let callers = Callers::default();
        let ask = |number: u32, full_again: u64| {
            let network = Network::narrowest(Ipv4Addr::from_bits(number).into());
            let decide = |_| Ok::<_, ()>(((), Nanos::new(full_again)));
            callers.measure_and_replace(&network, decide).unwrap();
            assert!(callers.0.lock().unwrap().len() <= MOST_CALLERS);
            network
        };
        let greedy = ask(0, 1_000_000);
        for number in 1..3 * u32::try_from(MOST_CALLERS).unwrap() {
            ask(number, 5);
        }
        assert!(callers.0.lock().unwrap().contains_key(&greedy), "who has asked most is remembered longest");
    }

    #[test]
    fn a_caller_with_many_networks_has_a_bound_too() {
        let clock = Clock::fixed(Timestamp(1_000));
        let limit = Limit::new(Quota::per_hour(NonZeroU32::new(5).unwrap()), &clock);
        let ask = |third: u16, fourth: u16| {
            let address = Ipv6Addr::new(0x2001, 0xdb8, third, fourth, 0, 0, 0, 1).into();
            (0..10).filter(|_| limit.check(address).is_ok()).count()
        };
        assert_eq!(ask(1, 0), 5, "a /64");
        assert_eq!((1..100).map(|network| ask(1, network)).sum::<usize>(), 4 * 5 - 5, "the rest of its /56");
        assert_eq!((1..=255).map(|network| ask(1, network << 8)).sum::<usize>(), 16 * 5 - 4 * 5, "the rest of its /48");
        assert_eq!(ask(2, 0), 5, "somebody else");
    }

    #[test]
    fn what_is_spent_comes_back_evenly() {
        let clock = Clock::fixed(Timestamp(1_000));
        let limit = Limit::new(Quota::per_minute(NonZeroU32::new(6).unwrap()), &clock);
        let caller = Ipv4Addr::LOCALHOST.into();
        assert_eq!((0..10).filter(|_| limit.check(caller).is_ok()).count(), 6);
        assert_eq!(limit.check(caller), Err(Duration::from_secs(10)));
        clock.advance(25);
        assert_eq!((0..10).filter(|_| limit.check(caller).is_ok()).count(), 2);
    }
}
