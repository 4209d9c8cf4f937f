//! Connections, each served until it ends or the process stops. `axum::serve` does the same, but waits for ever for a request that
//! never comes, or never to its end: whoever opens connections and says nothing, or a byte now and then, could hold all there are.
//! Who does not read an answer is left to TCP.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// How long the head of a request may take, counted from the answer before it, and then its body and the answer. Longer than
/// proxies keep an idle connection (nginx: 60 seconds), so that they, and not this server, end one that they might be about to use.
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
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    match tokio::time::timeout(patience, router.oneshot(request)).await {
        Ok(answer) => answer,
        // What is left of the body is not read: the connection ends with this.
        Err(_) => Ok(StatusCode::REQUEST_TIMEOUT.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    use super::*;

    const HEAD: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n";

    /// A server that answers with what it was sent: where it listens, what stops it, and its end.
    async fn echo(patience: Duration) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(async |body: Bytes| body));
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            let _ = stopped.await;
        };
        (address, stop, tokio::spawn(serve(listener, router, patience, stopped)))
    }

    /// All that comes until the connection ends, which may be a reset.
    async fn read(stream: &mut TcpStream) -> String {
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await.expect("it ends");
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn who_says_nothing_or_stops_in_the_middle_is_not_waited_for() {
        let (address, _stop, _) = echo(Duration::from_millis(100)).await;
        for (sent, answer) in [
            ("", ""),
            ("POST / HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 408 "),
            (&format!("{HEAD}ab"), "HTTP/1.1 408 Request Timeout\r\n"),
        ] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            let said = read(&mut stream).await;
            assert!(said.starts_with(answer) || said.is_empty(), "{sent:?}: {said:?}");
            assert!(!said.contains(" 200 "), "{said}");
        }
    }

    #[tokio::test]
    async fn a_connection_serves_one_request_after_the_other() {
        let (address, _stop, _) = echo(Duration::from_secs(2)).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        for piece in [HEAD, "ab", "cd", HEAD, "efgh"] {
            stream.write_all(piece.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let said = read(&mut stream).await;
        assert!(said.contains("abcd") && said.contains("efgh"), "{said}");
    }

    #[tokio::test]
    async fn at_the_end_what_is_under_way_is_finished() {
        let (address, stop, served) = echo(Duration::from_secs(30)).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = HEAD.replace("Host", "Expect: 100-continue\r\nHost");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "the request is being read");
        stop.send(()).unwrap();
        stream.write_all(b"abcd").await.unwrap();
        let said = read(&mut stream).await;
        assert!(said.starts_with("HTTP/1.1 200 ") && said.ends_with("abcd"), "{said}");
        served.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
