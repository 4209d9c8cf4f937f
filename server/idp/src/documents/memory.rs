//! Documents that were fetched, in the memory of this process: bounded, and the first to go when strangers send many.

use std::sync::Arc;

use moka::sync::Cache;
use oauth::client::{Client, ClientOrigin};
use oauth::id::ClientId;
use oauth::registration::{
    ClientUrl, Description, DocumentSource, KNOWN_SINCE, MetadataError, find_known, read_document,
};
use oauth::time::Timestamp;

use crate::entity::client_document;
use crate::outbound::Fetched;

/// Seconds that a document is believed, at least, usually and at most (RFC 9111 within bounds of our own).
const FLOOR: i64 = 300;
const USUAL: i64 = 3_600;
const CEILING: i64 = 86_400;

/// Seconds after a failure in which nobody is asked again for the same document.
const BACK_OFF: i64 = 15;

/// Seconds between two looks at a document that is fresh and does not have the redirect URI of a request.
const LOOK_AGAIN: i64 = 60;

/// Seconds after which the time of the last good copy is written down again.
const WRITTEN_AGAIN: i64 = 6 * 3_600;

/// A document, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDocument {
    pub(crate) url: ClientUrl,
    pub(crate) description: Description,
    pub(crate) source: DocumentSource,
    pub(crate) fetched_at: Timestamp,
    pub(crate) fresh_until: Timestamp,
    pub(crate) text: String,
}

impl ClientDocument {
    /// The document in an answer.
    ///
    /// # Errors
    /// The reason for which it is none.
    pub(super) fn fetched(url: &ClientUrl, fetched: &Fetched, now: Timestamp) -> Result<Self, String> {
        let description = read_document(url, &fetched.body).map_err(|error| error.to_string())?;
        Ok(Self {
            url: url.clone(),
            description,
            source: DocumentSource::Live,
            fetched_at: now,
            fresh_until: now.plus(freshness(fetched)),
            text: String::from_utf8_lossy(&fetched.body).into_owned(),
        })
    }

    /// The one that an administrator put here.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn uploaded(url: &ClientUrl, text: &str, now: Timestamp) -> Result<Self, MetadataError> {
        Ok(Self {
            url: url.clone(),
            description: read_document(url, text.as_bytes())?,
            source: DocumentSource::Upload,
            fetched_at: now,
            fresh_until: now,
            text: text.to_owned(),
        })
    }

    /// The one that is part of this server.
    pub(super) fn built_in(url: &ClientUrl) -> Option<Self> {
        let text = find_known(url.as_str())?;
        let since = Timestamp(KNOWN_SINCE);
        Some(Self {
            url: url.clone(),
            description: read_document(url, text.as_bytes()).ok()?,
            source: DocumentSource::BuiltIn,
            fetched_at: since,
            fresh_until: since,
            text: text.to_owned(),
        })
    }

    /// The document of a row. `None`: a version before this one took it, and this one cannot.
    pub(super) fn stored(url: &ClientUrl, row: client_document::Model) -> Option<Self> {
        Some(Self {
            url: url.clone(),
            description: read_document(url, row.document.as_bytes()).ok()?,
            source: DocumentSource::find(&row.source)?,
            fetched_at: Timestamp(row.fetched_at),
            fresh_until: Timestamp(row.fresh_until),
            text: row.document,
        })
    }

    pub(super) fn row(&self) -> client_document::Model {
        client_document::Model {
            client_id: self.url.as_str().to_owned(),
            host: self.url.host().to_owned(),
            source: self.source.as_str().to_owned(),
            fetched_at: self.fetched_at.0,
            fresh_until: self.fresh_until.0,
            document: self.text.clone(),
        }
    }

    /// True when it has the redirect URI of a request.
    pub(super) fn has(&self, redirect_uri: Option<&str>) -> bool {
        redirect_uri.is_none_or(|sent| self.description.redirect_uris.iter().any(|uri| uri.matches(sent, true)))
    }

    /// True when a row with it need not be written again for a later copy: they are the same, and it is not much older.
    pub(super) fn stands_for(&self, later: &Self) -> bool {
        let same = self.text == later.text && self.source == later.source;
        same && later.fetched_at.since(self.fetched_at) < WRITTEN_AGAIN
    }

    /// The client that it describes, if nobody here decided anything about it.
    pub(crate) fn newcomer(&self) -> Client {
        self.description.to_client(self.client_id(), self.url.host(), ClientOrigin::MetadataDocument)
    }

    /// Its client ID.
    pub(crate) fn client_id(&self) -> ClientId {
        ClientId::new(self.url.as_str())
    }
}

/// Seconds that an answer is fresh: what `Cache-Control` says, within bounds (RFC 9111 §4.2).
fn freshness(fetched: &Fetched) -> i64 {
    let directives = || fetched.header("cache-control").flat_map(|line| line.split(',')).map(str::trim);
    if directives().any(|directive| matches!(directive.to_ascii_lowercase().as_str(), "no-store" | "no-cache")) {
        return FLOOR;
    }
    let seconds = |name: &str| {
        let mut values = directives().filter_map(|directive| directive.split_once('='));
        let value = values.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        value.and_then(|value| value.trim_matches('"').parse::<i64>().ok())
    };
    let age = fetched.header("age").next().and_then(|age| age.trim().parse::<i64>().ok()).unwrap_or_default();
    let lifetime = seconds("s-maxage").or_else(|| seconds("max-age"));
    lifetime.map_or(USUAL, |lifetime| lifetime.saturating_sub(age.max(0)).clamp(FLOOR, CEILING))
}

/// The memory.
pub(crate) struct Memory {
    documents: Cache<String, Arc<ClientDocument>>,
    /// When a fetch failed, and why.
    failures: Cache<String, (Timestamp, Arc<str>)>,
    looks: Cache<String, Timestamp>,
    /// Hosts that were put before an administrator lately.
    pub(super) asked: Cache<String, Timestamp>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory(…)")
    }
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            documents: Cache::new(1_000),
            failures: Cache::new(2_000),
            looks: Cache::new(1_000),
            asked: Cache::new(1_000),
        }
    }

    pub(super) fn find(&self, url: &ClientUrl) -> Option<Arc<ClientDocument>> {
        self.documents.get(url.as_str())
    }

    pub(super) fn keep(&self, document: &Arc<ClientDocument>) {
        self.failures.invalidate(document.url.as_str());
        self.documents.insert(document.url.as_str().to_owned(), document.clone());
    }

    /// The reason for which the document was not to be had a moment ago.
    pub(super) fn failed_lately(&self, url: &ClientUrl, now: Timestamp) -> Option<Arc<str>> {
        let (at, reason) = self.failures.get(url.as_str())?;
        (now < at.plus(BACK_OFF) && at <= now).then_some(reason)
    }

    pub(super) fn note_failure(&self, url: &ClientUrl, now: Timestamp, reason: &str) {
        self.failures.insert(url.as_str().to_owned(), (now, reason.into()));
    }

    /// True once a minute.
    pub(super) fn may_look_again(&self, url: &ClientUrl, now: Timestamp) -> bool {
        let waits = self.looks.get(url.as_str()).is_some_and(|at| now < at.plus(LOOK_AGAIN) && at <= now);
        if !waits {
            self.looks.insert(url.as_str().to_owned(), now);
        }
        !waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(lines: &[(&str, &str)]) -> i64 {
        let headers = lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        freshness(&Fetched { status: 200, content_type: None, headers, body: bytes::Bytes::new() })
    }

    #[test]
    fn a_document_is_fresh_as_it_says_within_bounds() {
        assert_eq!(fresh(&[]), USUAL);
        for (cache_control, seconds) in [
            ("max-age=0", FLOOR),
            ("max-age=600", 600),
            ("public, Max-Age=\"7200\"", 7_200),
            ("max-age=99999999", CEILING),
            ("max-age=600, s-maxage=900", 900),
            ("no-store", FLOOR),
            ("no-cache, max-age=9000", FLOOR),
            ("max-age=soon", USUAL),
            ("max-age=99999999999999999999999", USUAL),
        ] {
            assert_eq!(fresh(&[("cache-control", cache_control)]), seconds, "{cache_control}");
        }
        assert_eq!(fresh(&[("cache-control", "max-age=900"), ("age", "100")]), 800);
        assert_eq!(fresh(&[("cache-control", "max-age=900"), ("age", "-100")]), 900);
    }

    #[test]
    fn a_failure_is_remembered_for_seconds_and_a_look_for_a_minute() {
        let (memory, url) = (Memory::new(), ClientUrl::parse("https://a.example/x").unwrap());
        memory.note_failure(&url, Timestamp(100), "no");
        assert!(memory.failed_lately(&url, Timestamp(100 + BACK_OFF - 1)).is_some());
        assert!(memory.failed_lately(&url, Timestamp(100 + BACK_OFF)).is_none());
        assert!(memory.failed_lately(&url, Timestamp(99)).is_none(), "a clock that was set back");
        assert!(memory.may_look_again(&url, Timestamp(100)));
        assert!(!memory.may_look_again(&url, Timestamp(159)));
        assert!(memory.may_look_again(&url, Timestamp(160)));
    }
}
