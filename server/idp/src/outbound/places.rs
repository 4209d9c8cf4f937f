//! Places for requests: a few for each host, more for all together, and a bound on those that wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::FetchError;

/// Requests to one host at once.
const MOST_PER_HOST: usize = 4;

/// Requests at once.
const MOST_AT_ONCE: usize = 32;

/// Requests that are on their way or wait, and those of one host: who does not answer keeps no others out.
const MOST_WAITING: usize = 256;
const MOST_WAITING_FOR_HOST: usize = 32;

#[derive(Debug)]
pub(super) struct Places {
    entered: Arc<Semaphore>,
    all: Arc<Semaphore>,
    /// Those of hosts that somebody holds or waits for.
    hosts: Mutex<HashMap<String, Weak<OfHost>>>,
}

#[derive(Debug)]
struct OfHost {
    entered: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _entered: [OwnedSemaphorePermit; 2],
    _of_host: OwnedSemaphorePermit,
    _host: Arc<OfHost>,
    _of_all: OwnedSemaphorePermit,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            entered: Arc::new(Semaphore::new(MOST_WAITING)),
            all: Arc::new(Semaphore::new(MOST_AT_ONCE)),
            hosts: Mutex::default(),
        }
    }
}

impl Places {
    /// Waits for a place. Whoever waits for a host holds none of the places of all.
    ///
    /// # Errors
    /// `Busy` when too many wait.
    pub(super) async fn take(&self, host: &str) -> Result<Place, FetchError> {
        let busy = |_| FetchError::Busy;
        let host = self.of_host(host);
        let enter = |places: &Arc<Semaphore>| places.clone().try_acquire_owned().map_err(|_| FetchError::Busy);
        let entered = [enter(&host.entered)?, enter(&self.entered)?];
        let of_host = host.places.clone().acquire_owned().await.map_err(busy)?;
        let of_all = self.all.clone().acquire_owned().await.map_err(busy)?;
        Ok(Place { _entered: entered, _of_host: of_host, _host: host, _of_all: of_all })
    }

    fn of_host(&self, host: &str) -> Arc<OfHost> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = hosts.get(host).and_then(Weak::upgrade) {
            return places;
        }
        if hosts.len() >= 2 * MOST_WAITING {
            hosts.retain(|_, places| places.strong_count() > 0);
        }
        let places = Arc::new(OfHost {
            entered: Arc::new(Semaphore::new(MOST_WAITING_FOR_HOST)),
            places: Arc::new(Semaphore::new(MOST_PER_HOST)),
        });
        hosts.insert(host.to_owned(), Arc::downgrade(&places));
        places
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_host_has_four_places_and_others_are_not_kept() {
        let places = Places::default();
        let mut held = Vec::new();
        for _ in 0..MOST_PER_HOST {
            held.push(places.take("a.example").now_or_never().unwrap().unwrap());
        }
        assert!(places.take("a.example").now_or_never().is_none());
        assert!(places.take("b.example").now_or_never().is_some());
        held.pop();
        assert!(places.take("a.example").now_or_never().is_some());
    }

    #[tokio::test]
    async fn hosts_that_nobody_asks_any_more_are_forgotten() {
        let places = Places::default();
        for number in 0..4 * MOST_WAITING {
            drop(places.take(&format!("{number}.example")).await.unwrap());
        }
        assert!(places.hosts.lock().unwrap().len() <= 2 * MOST_WAITING);
    }

    #[tokio::test]
    async fn a_host_that_does_not_answer_keeps_no_others_out() {
        let places = Places::default();
        let waiting: Vec<_> = (0..MOST_WAITING_FOR_HOST)
            .map(|_| {
                let mut place = Box::pin(places.take("slow.example"));
                let first = place.as_mut().now_or_never();
                (place, first)
            })
            .collect();
        assert!(matches!(places.take("slow.example").now_or_never(), Some(Err(FetchError::Busy))));
        assert!(places.take("good.example").now_or_never().unwrap().is_ok());
        drop(waiting);
        assert!(places.take("slow.example").now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn whoever_is_one_too_many_hears_so_at_once() {
        let places = Places::default();
        let waiting: Vec<_> = (0..MOST_WAITING)
            .map(|number| {
                let (places, host) = (&places, format!("{}.example", number / MOST_WAITING_FOR_HOST));
                let mut place = Box::pin(async move { places.take(&host).await });
                let first = place.as_mut().now_or_never();
                (place, first)
            })
            .collect();
        assert!(matches!(places.take("c.example").now_or_never(), Some(Err(FetchError::Busy))));
        drop(waiting);
        assert!(places.take("c.example").now_or_never().unwrap().is_ok());
    }
}
