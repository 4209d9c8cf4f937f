//! Connections, each served until it ends or the process stops. `axum::serve` does the same, but waits for ever for a request that
//! never comes, or never to its end, and for a reader who never reads; it has a place for everybody, and a head of any size. Here
//! all of that is bounded: whoever is unknown costs little, and for a while.

mod files;
mod places;
mod stream;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

pub(crate) use files::find_bound;
pub(crate) use places::Places;
use places::{Place, Watched, Watcher};
use stream::Impatient;

use crate::http::host;

/// The largest head of a request that is read for sure, in bytes. The buffer of a connection may grow to twice as much; what does
/// not fit into it is answered 431 (RFC 6585 §5).
const MAX_HEAD: usize = 16 * 1_024;

/// Answers a connection for which there is no place. Its request is not read.
const NO_PLACE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";

/// The times that a connection waits for its peer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For the head of a request, counted from the answer before it, and then for its body and the answer.
    pub(crate) request: Duration,
    /// For the peer to read a part of what is written to it.
    pub(crate) write: Duration,
}

impl Patience {
    /// Requests: longer than proxies keep an idle connection (nginx: 60 seconds), so that they, and not this server, end one that
    /// they might be about to use.
    pub(crate) const USUAL: Self = Self { request: Duration::from_secs(75), write: Duration::from_secs(30) };
}

/// Serves `router` on every connection, until `stop`; then lets the requests that are under way finish.
pub(crate) async fn serve(
    mut listener: TcpListener,
    router: Router,
    places: Arc<Places>,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(patience.request).max_buf_size(MAX_HEAD);
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        let Some(place) = places.admit(peer) else {
            tracing::debug!(%peer, "a connection was refused: all places are taken");
            let _ = stream.try_write(NO_PLACE);
            continue;
        };
        tracing::trace!(%peer, "a connection was accepted");
        bound_writes(&stream, patience.write);
        let (router, watcher) = (router.clone(), place.watcher());
        let answer = move |request| answer(router.clone(), peer, watcher.clone(), patience.request, request);
        let stream = TokioIo::new(Impatient::new(stream, patience.write));
        let connection = protocol.serve_connection(stream, hyper::service::service_fn(answer));
        tokio::spawn(hold(place, connections.watch(connection)));
    }
    drop(listener);
    connections.shutdown().await;
}

/// Serves a connection to its end, or until it loses its place.
async fn hold(place: Place, connection: impl Future<Output = hyper::Result<()>>) {
    tokio::select! {
        ended = connection => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke off");
            }
        }
        () = place.lost() => tracing::debug!("a connection lost its place to a newcomer"),
    }
}

/// Has the system give up bytes, too, that it took and cannot send. A system that does not know how gives up in its own time.
fn bound_writes(stream: &TcpStream, patience: Duration) {
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(patience));
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, patience);
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    watcher: Watcher,
    patience: Duration,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Watched<Body>>, Infallible> {
    if let Err(error) = host::check(&request) {
        tracing::debug!(%peer, %error, "a request was refused before it was looked at");
        return Ok(error.into_answer().map(|body| watcher.answer(body)));
    }
    let mut request = request.map(|body| Body::new(watcher.request(body)));
    request.extensions_mut().insert(ConnectInfo(peer));
    let answer = match tokio::time::timeout(patience, router.oneshot(request)).await {
        Ok(answer) => answer?,
        // What is left of the body is not read: the connection ends with this.
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    Ok(answer.map(|body| watcher.answer(body)))
}

#[cfg(test)]
mod tests;
