//! How often one caller may ask for what: a bucket for each caller and kind of request (GCRA, by the crate `governor`).

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::Method;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use idp::clock::Clock;

use super::address::CallerAddress;
use super::config::Rates;
use super::refusal::Refusal;
use crate::endpoints::{Endpoint, Limited};

/// Requests between two looks for callers who are forgotten. A caller is remembered only while it makes a difference, so no
/// more are kept than asked of late, and these.
const SWEEP: u32 = 4_096;

/// The limits.
#[derive(Debug)]
pub(super) struct Limits {
    token: Option<Limit>,
    introspect: Option<Limit>,
    authorize: Option<Limit>,
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
            authorize: limit(rates.authorize),
            login: limit(rates.login),
            setup: limit(rates.setup),
            admin_login: limit(rates.admin_login),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// When the caller asked too often.
    pub(super) fn check(&self, method: &Method, endpoint: &Endpoint, caller: CallerAddress) -> Result<(), Refusal> {
        let limited = endpoint.limit.filter(|limited| limited.counts(method));
        let Some(limit) = limited.and_then(|limited| self.find(limited)) else {
            return Ok(());
        };
        limit.check(caller.network()).map_err(|wait| {
            tracing::debug!(address = %caller, path = endpoint.path, "a request was refused: too many of them");
            Refusal { audience: endpoint.audience, wait }
        })
    }

    fn find(&self, limited: Limited) -> Option<&Limit> {
        let limit = match limited {
            Limited::Token => &self.token,
            Limited::Introspect => &self.introspect,
            Limited::Authorize => &self.authorize,
            Limited::Login => &self.login,
            Limited::Setup => &self.setup,
            Limited::AdminLogin => &self.admin_login,
        };
        limit.as_ref()
    }
}

type Buckets = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, Ticks, NoOpMiddleware<Duration>>;

#[derive(Debug)]
struct Limit {
    buckets: Buckets,
    clock: Ticks,
    checked: AtomicU32,
}

impl Limit {
    fn new(rate: Quota, clock: &Clock) -> Self {
        let clock = Ticks(clock.clone());
        let buckets = RateLimiter::new(rate, DashMapStateStore::default(), clock.clone());
        Self { buckets, clock, checked: AtomicU32::new(0) }
    }

    /// How long the caller must wait, if it must.
    fn check(&self, caller: IpAddr) -> Result<(), Duration> {
        if self.checked.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.buckets.retain_recent();
        }
        self.buckets.check_key(&caller).map_err(|refused| refused.wait_time_from(self.clock.now()))
    }
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
    use std::num::NonZeroU32;

    use oauth::time::Timestamp;

    use super::*;

    #[test]
    fn callers_who_do_not_ask_any_more_are_forgotten() {
        let clock = Clock::fixed(Timestamp(1_000));
        let limit = Limit::new(Quota::per_second(NonZeroU32::new(5).unwrap()), &clock);
        let mut most = 0;
        for number in 0..10 * SWEEP {
            limit.check(Ipv4Addr::from_bits(number).into()).unwrap();
            if number % 1_000 == 0 {
                clock.advance(2);
            }
            most = most.max(limit.buckets.len());
        }
        assert!(most <= SWEEP as usize + 1_000, "{most}");
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
