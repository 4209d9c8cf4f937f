//! `/admin/ui/activity/live`: new events as they come, by server-sent events (WHATWG HTML §9.2). Each message holds lines of the list,
//! rendered as the list itself renders them.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::console::activity::lines;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event as Message, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use idp::activity::Following;
use oauth::activity::{Event, EventFilter};
use oauth::secret::Secret;
use tokio::sync::watch;

use super::activity::{PER_PAGE, rows};
use super::admin::Admin;
use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::http::mount;
use crate::state::Signet;

/// Streams of one server.
const MOST: usize = 32;

/// Streams of one session of the console. A browser has six connections to a server, and needs some for the rest.
const MOST_OF_SESSION: usize = 3;

/// The time after which something is written, so that no proxy takes the connection for idle.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The time after which a browser tries again when the connection broke.
const RETRY: Duration = Duration::from_secs(3);

/// nginx hands an answer on as it comes.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The streams that are open.
#[derive(Debug)]
pub(crate) struct Streams {
    /// Their number, by the digest of the session's cookie.
    open: Mutex<HashMap<[u8; 32], usize>>,
    stopping: watch::Sender<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { open: Mutex::default(), stopping: watch::Sender::new(false) }
    }
}

impl Streams {
    /// A place for one more; none where there are too many.
    fn admit(self: &Arc<Self>, session: &Secret) -> Option<Place> {
        let session = session.digest().0;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let own = open.get(&session).copied().unwrap_or_default();
        if all >= MOST || own >= MOST_OF_SESSION || *self.stopping.borrow() {
            return None;
        }
        open.insert(session, own + 1);
        Some(Place { session, streams: self.clone() })
    }

    /// Ends all of them, and admits no more.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

/// A place, until it is dropped.
#[derive(Debug)]
struct Place {
    session: [u8; 32],
    streams: Arc<Streams>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = open.get_mut(&self.session) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.session);
            }
        }
    }
}

/// One stream.
struct Tail {
    signet: Signet,
    session: Secret,
    following: Following,
    waiting: VecDeque<Message>,
    stopping: watch::Receiver<bool>,
    _place: Place,
}

/// Events from now on; those, too, that came since the one that the browser had last, which it says by `last` or, when it comes again by
/// itself, by `Last-Event-ID`.
pub(super) async fn get(
    State(signet): State<Signet>,
    _: Admin,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let (filter, _) = EventFilter::read(&query, &[], signet.idp.now());
    let Some(session) = Cookie::Admin.read(&headers, signet.issuer()) else {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    };
    let Some(place) = signet.streams.admit(&session) else {
        let later = [(header::RETRY_AFTER, HeaderValue::from_static("60"))];
        return Ok((StatusCode::SERVICE_UNAVAILABLE, later, "Too many pages follow the activity.\n").into_response());
    };
    let filter = signet.idp.by_subject(&filter).await?;
    let following = signet.idp.follow_events(&filter).await?;
    let sent = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let last = sent.unwrap_or_else(|| query.text("last"));
    let mut missed = if last.is_empty() { Vec::new() } else { signet.idp.events(&filter, None, PER_PAGE).await?.rows };
    missed.retain(|event| event.id > last);
    missed.reverse();
    let stopping = signet.streams.stopping.subscribe();
    let begin = Message::default().retry(RETRY).comment("");
    let mut tail = Tail { signet, session, following, waiting: VecDeque::from([begin]), stopping, _place: place };
    if !missed.is_empty() {
        tail.waiting.push_back(tail.message(missed).await?);
    }
    let messages =
        stream::unfold(tail, async |mut tail| tail.next().await.map(|message| (Ok::<_, Infallible>(message), tail)));
    let plain = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    Ok((plain, Sse::new(messages)).into_response())
}

impl Tail {
    /// The next message; `None` where the stream ends: the console was closed, the server stops, or the browser is too slow.
    async fn next(&mut self) -> Option<Message> {
        if let Some(message) = self.waiting.pop_front() {
            return Some(message);
        }
        let events = tokio::select! {
            _ = self.stopping.wait_for(|stopping| *stopping) => return None,
            news = self.following.next() => if news.are_missed { return None } else { news.events },
            () = tokio::time::sleep(HEARTBEAT) => Vec::new(),
        };
        self.signet.idp.find_admin(&self.session).await.ok().flatten()?;
        if events.is_empty() { Some(Message::default().comment("")) } else { self.message(events).await.ok() }
    }

    /// Lines of the list for events, the oldest of which comes first here, and last there.
    async fn message(&self, events: Vec<Event>) -> Result<Message, Failure> {
        let last = events.last().map(|event| event.id.clone()).unwrap_or_default();
        let most = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
        let rows = rows(&self.signet, events.into_iter().rev().take(most).collect()).await?;
        let html = lines(&rows, self.signet.idp.now());
        Ok(Message::default().id(last).data(mount::rebase(&html, self.signet.issuer().path())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_few_and_come_back() {
        let streams = Arc::<Streams>::default();
        let sessions: Vec<Secret> = (0..12).map(|number| Secret::new(number.to_string())).collect();
        let admit = |session: &Secret| streams.admit(session);
        let held: Vec<Place> = sessions.iter().flat_map(|session| (0..9).map_while(|_| admit(session))).collect();
        assert_eq!(held.len(), MOST);
        assert_eq!(held.iter().filter(|place| place.session == sessions[0].digest().0).count(), MOST_OF_SESSION);
        drop(held);
        assert!(streams.open.lock().unwrap().is_empty());
        assert!(admit(&sessions[0]).is_some());
        streams.stop();
        assert!(admit(&sessions[0]).is_none());
    }
}
