//! `signet health`: asks a server whether it is healthy, as a container or a supervisor does.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use oauth::metadata::path;
use tokio::net::TcpStream;

/// The time that the answer may take, all in all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// Why a server does not count as healthy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unhealthy {
    #[error("--url: “{0}” is not understood; expected http://host:port")]
    Url(String),
    #[error("{url} does not answer: {error}")]
    Silent { url: Uri, error: Box<dyn std::error::Error + Send + Sync> },
    #[error("{url} did not answer within {} ms", .patience.as_millis())]
    Slow { url: Uri, patience: Duration },
    #[error("{url} answered {status}")]
    Status { url: Uri, status: StatusCode },
}

/// The URL by which the server that listens on `address` can be asked from the same machine.
pub(crate) fn url_of(mut address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("http://{address}")
}

/// The address at which the same server says how it is, with its addresses below `base`.
pub(crate) fn health_url(address: SocketAddr, base: &str) -> String {
    format!("{}{base}{}", url_of(address), path::HEALTH)
}

/// Asks `GET /health` of the server at `url`, or the path that `url` has. Returns the address that answered 200.
///
/// # Errors
/// Whatever else happened.
pub(crate) async fn ask(url: &str, patience: Duration) -> Result<Uri, Unhealthy> {
    let uri = parse(url).ok_or_else(|| Unhealthy::Url(url.to_owned()))?;
    match tokio::time::timeout(patience, get(&uri)).await {
        Ok(Ok(StatusCode::OK)) => Ok(uri),
        Ok(Ok(status)) => Err(Unhealthy::Status { url: uri, status }),
        Ok(Err(error)) => Err(Unhealthy::Silent { url: uri, error }),
        Err(_) => Err(Unhealthy::Slow { url: uri, patience }),
    }
}

fn parse(url: &str) -> Option<Uri> {
    let uri: Uri = url.parse().ok()?;
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let path = if uri.path() == "/" { path::HEALTH } else { uri.path() };
    Uri::builder().scheme("http").authority(uri.authority()?.as_str()).path_and_query(path).build().ok()
}

async fn get(uri: &Uri) -> Result<StatusCode, Box<dyn std::error::Error + Send + Sync>> {
    let host = uri.host().unwrap_or_default();
    let port = uri.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((host.trim_start_matches('[').trim_end_matches(']'), port)).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(uri.path()).header(header::HOST, authority).body(Body::empty())?;
    // The connection has to be driven while the answer is waited for, and is over with it.
    tokio::select! {
        response = sender.send_request(request) => Ok(response?.status()),
        result = connection => Err(result.err().map_or_else(|| "the connection was closed".into(), Into::into)),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;

    /// A server whose health is `status`.
    async fn serve(status: StatusCode) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/health", get(move || async move { status }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// For those that answer, however busy the machine is.
    const LONG: Duration = Duration::from_secs(300);

    async fn complaint(url: &str) -> String {
        ask(url, LONG).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_server_that_answers_200_is_healthy() {
        let url = url_of(serve(StatusCode::OK).await);
        assert_eq!(ask(&url, LONG).await.unwrap().to_string(), format!("{url}/health"));
        assert!(complaint(&format!("{url}/elsewhere")).await.ends_with("/elsewhere answered 404 Not Found"));
    }

    #[tokio::test]
    async fn a_server_without_its_database_is_not() {
        let url = url_of(serve(StatusCode::SERVICE_UNAVAILABLE).await);
        assert_eq!(complaint(&url).await, format!("{url}/health answered 503 Service Unavailable"));
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_not_waited_for() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url_of(silent.local_addr().unwrap());
        let slow = ask(&url, Duration::from_millis(500)).await.unwrap_err().to_string();
        assert_eq!(slow, format!("{url}/health did not answer within 500 ms"));
        drop(silent);
        assert!(complaint(&url).await.contains("does not answer: "));
    }

    #[tokio::test]
    async fn only_plain_http_is_asked() {
        for url in ["", "127.0.0.1:8000", "https://id.example", "http://", "/health"] {
            assert!(complaint(url).await.contains("expected http://host:port"), "{url:?}");
        }
    }

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_loopback() {
        let url = |address: &str| url_of(address.parse().unwrap());
        assert_eq!(url("0.0.0.0:8000"), "http://127.0.0.1:8000");
        assert_eq!(url("[::]:8000"), "http://[::1]:8000");
        assert_eq!(url("192.0.2.7:80"), "http://192.0.2.7:80");
        assert_eq!(health_url("0.0.0.0:8000".parse().unwrap(), "/auth"), "http://127.0.0.1:8000/auth/health");
    }
}
