//! The logos of clients, fetched from where they say and kept for a while: a page that showed one from there would tell that place who
//! signs in.
//!
//! A logo is kept for a day, and one that cannot be had is not looked for again for five minutes: a place is asked no more often,
//! whoever opens whatever pages.

use bytes::Bytes;
use moka::sync::Cache;
use oauth::client::Client;
use oauth::picture::picture_type;
use oauth::time::Timestamp;

use crate::Idp;
use crate::outbound::Limits;

/// Seconds that a logo is kept.
const KEPT: i64 = 86_400;

/// Seconds between two looks for one that cannot be had.
const PAUSE: i64 = 300;

/// The most bytes of all logos that are kept.
const MOST_BYTES: u64 = 16 << 20;

/// The bytes that an entry counts for beside its logo.
const OF_AN_ENTRY: usize = 1_024;

/// A picture that browsers may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    pub media_type: &'static str,
    pub bytes: Bytes,
}

/// The logos that this process fetched, by their addresses.
pub(crate) struct Logos(Cache<String, Held>);

/// A logo, or that there was none to be had.
#[derive(Debug, Clone)]
struct Held {
    logo: Option<Logo>,
    asked_at: Timestamp,
}

impl Logos {
    pub(crate) fn new() -> Self {
        let weigh = |uri: &String, held: &Held| {
            let bytes = held.logo.as_ref().map_or(0, |logo| logo.bytes.len());
            u32::try_from(uri.len() + bytes + OF_AN_ENTRY).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().weigher(weigh).max_capacity(MOST_BYTES).build())
    }
}

impl std::fmt::Debug for Logos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Logos(…)")
    }
}

impl Idp {
    /// The logo of a client. `None`: it has none, or what is at its address is no picture.
    pub async fn find_logo(&self, client: &Client) -> Option<Logo> {
        let uri = client.logo_uri.as_deref()?;
        let now = self.now();
        if let Some(held) = self.logos.0.get(uri)
            && now < held.asked_at.plus(if held.logo.is_some() { KEPT } else { PAUSE })
        {
            return held.logo;
        }
        // Whoever asks meanwhile waits for the same answer. The door wrote down why there is none.
        let fetched = self.outbound.get(uri, Limits::PICTURE).await.ok();
        let logo = fetched.and_then(|fetched| {
            let media_type = picture_type(&fetched.body)?;
            Some(Logo { media_type, bytes: fetched.body })
        });
        self.logos.0.insert(uri.to_owned(), Held { logo: logo.clone(), asked_at: now });
        logo
    }
}
