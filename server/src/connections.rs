//! Connections, each served until it ends or the process stops. `axum::serve` does the same, but waits for ever for a request that
//! never comes: whoever opens connections and says nothing, or a byte now and then, could hold all there are.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use tower_http::timeout::TimeoutBody;

/// How long the head of a request may take, counted from the answer before it, and then each piece of its body. Longer than proxies
/// keep an idle connection (nginx: 60 seconds), so that they, and not this server, end one that they might be about to use.
pub(crate) const PATIENCE: Duration = Duration::from_secs(75);

/// Serves `router` on every connection, until `stop`; then lets the requests that are under way finish.
pub(crate) async fn serve(
    mut listener: TcpListener,
    router: Router,
    patience: Duration,
    stop: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(patience);
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        tracing::trace!(%peer, "a connection was accepted");
        let router = router.clone();
        let answer = move |request| answer(router.clone(), peer, patience, request);
        let connection = protocol.serve_connection(TokioIo::new(stream), hyper::service::service_fn(answer));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    patience: Duration,
    request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(|body| Body::new(TimeoutBody::new(patience, body)));
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    /// A server that answers with what it was sent, where it listens, and what stops it.
    async fn echo() -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(async |body: Bytes| body));
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            let _ = stopped.await;
        };
        (address, stop, tokio::spawn(serve(listener, router, SHORT, stopped)))
    }

    /// Sends the pieces, with a pause between them, and gives all that is answered before the connection ends.
    async fn send(address: SocketAddr, pieces: &[&str], pause: Duration) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        for piece in pieces {
            stream.write_all(piece.as_bytes()).await.unwrap();
            tokio::time::sleep(pause).await;
        }
        let mut answer = String::new();
        // A connection that was ended may also be reset.
        let _ = tokio::time::timeout(20 * SHORT, stream.read_to_string(&mut answer)).await.expect("it ends");
        answer
    }

    #[tokio::test]
    async fn who_says_nothing_or_stops_in_the_middle_is_not_waited_for() {
        let (address, _stop, _) = echo().await;
        assert_eq!(send(address, &[], SHORT).await, "");
        let half_a_head = send(address, &["POST / HTTP/1.1\r\nHost: x\r\n"], SHORT).await;
        assert!(!half_a_head.contains(" 200 "), "{half_a_head}");
        let half_a_body = send(address, &["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab"], SHORT).await;
        assert!(half_a_body.starts_with("HTTP/1.1 400 "), "{half_a_body}");
    }

    #[tokio::test]
    async fn who_is_slow_but_goes_on_is_served_and_may_ask_again() {
        let (address, _stop, _) = echo().await;
        let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n";
        let answers = send(address, &[head, "ab", "cd", head, "efgh"], SHORT / 2).await;
        assert!(answers.contains("abcd") && answers.ends_with("efgh"), "{answers}");
    }

    #[tokio::test]
    async fn at_the_end_what_is_under_way_is_finished() {
        let (address, stop, served) = echo().await;
        let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab";
        let asked = tokio::spawn(async move { send(address, &[head, "cd"], SHORT / 4).await });
        tokio::time::sleep(SHORT / 8).await;
        stop.send(()).unwrap();
        assert!(asked.await.unwrap().ends_with("abcd"));
        served.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
