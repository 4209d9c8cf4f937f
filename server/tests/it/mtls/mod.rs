//! Certificates of clients (RFC 8705), as a proxy hands them on.

mod bound;
mod handed_on;
mod methods;
mod off;

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, Request, header};
use idp::outbound::OutboundOptions;
use idp::testing::certificate::TestCertificate;
use serde_json::Value;

use crate::browser::Answer;
use crate::server::{Server, encode};

/// The proxy, and somebody who is none.
const PROXY: &str = "10.0.0.5";
const STRANGER: &str = "203.0.113.66";

const CERTIFICATE: HeaderName = HeaderName::from_static("x-client-cert");
const VERIFY: HeaderName = HeaderName::from_static("x-client-verify");

/// The settings of a server behind the proxy.
pub(crate) const SETTINGS: [(&str, &str); 5] = [
    ("RATE_LIMITS", "off"),
    ("TRUSTED_PROXIES", PROXY),
    ("CLIENT_CERT_HEADER", "X-Client-Cert"),
    ("CLIENT_CERT_VERIFY_HEADER", "X-Client-Verify"),
    ("MTLS_URL", "https://mtls.id.example"),
];

impl Server {
    /// The same server behind the proxy, with these settings.
    pub(crate) async fn behind_mtls_proxy(self, settings: &[(&str, &str)]) -> Self {
        self.with_settings(settings, OutboundOptions::default()).await
    }
}

/// A connection of somebody, with what the proxy says of it.
#[derive(Clone, Copy)]
pub(crate) struct Peer<'a> {
    server: &'a Server,
    from: &'a str,
    certificate: Option<&'a TestCertificate>,
    verify: &'a str,
}

impl<'a> Peer<'a> {
    /// With a certificate that an authority vouches for.
    pub(crate) fn with(server: &'a Server, certificate: &'a TestCertificate) -> Self {
        Self { server, from: PROXY, certificate: Some(certificate), verify: "SUCCESS" }
    }

    /// Without one.
    fn without(server: &'a Server) -> Self {
        Self { server, from: PROXY, certificate: None, verify: "NONE" }
    }

    async fn send(&self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        if let Some(certificate) = self.certificate {
            headers.insert(CERTIFICATE, escaped(&certificate.pem()).parse().unwrap());
        }
        headers.insert(VERIFY, self.verify.parse().unwrap());
        let peer = SocketAddr::new(self.from.parse::<IpAddr>().unwrap(), 4711);
        request.extensions_mut().insert(ConnectInfo(peer));
        self.server.send(request).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.prove(path, None, fields).await
    }

    /// The same with a DPoP proof.
    async fn prove(&self, path: &str, proof: Option<&str>, fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        self.send(request.body(Body::from(encode(fields))).unwrap()).await
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Answer {
        let request = Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// `client_credentials` of a client that says nothing but its ID.
    async fn machine(&self, id: &str) -> Answer {
        self.post("/token", &[("grant_type", "client_credentials"), ("client_id", id), ("scope", "email")]).await
    }

    /// The answer of `/introspect` to a client that is known by its certificate.
    async fn introspect(&self, id: &str, token: &str) -> Value {
        self.post("/introspect", &[("client_id", id), ("token", token)]).await.json()
    }
}

/// As `$ssl_client_escaped_cert` of nginx.
fn escaped(pem: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    pem.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.error(), (status, error.to_owned()), "{}", answer.body);
}
