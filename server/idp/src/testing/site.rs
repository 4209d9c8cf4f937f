//! Sites of others for tests: on loopback, by https, with certificates of an authority that nobody else trusts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Name, X509NameRef};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_native_tls::TlsAcceptor;

use crate::outbound::{AllowedHosts, Authorities, OutboundOptions};

/// An authority that issues certificates.
#[derive(Debug)]
pub struct Authority {
    certificate: X509,
    key: PKey<Private>,
}

fn new_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("OpenSSL knows P-256");
    PKey::from_ec_key(EcKey::generate(&group).expect("a key can be made")).expect("it is a key")
}

fn name(text: &str) -> X509Name {
    let mut name = X509Name::builder().expect("a name can be made");
    name.append_entry_by_nid(Nid::COMMONNAME, text).expect("it is a text");
    name.build()
}

fn certificate(
    subject: &str,
    of: &PKey<Private>,
    issuer: Option<&X509NameRef>,
    names: &[&str],
    by: &PKey<Private>,
) -> X509 {
    let mut builder = X509::builder().expect("a certificate can be made");
    let subject = name(subject);
    let mut serial = [0; 8];
    serial.copy_from_slice(crate::random::token().as_bytes().get(..8).expect("it is longer"));
    let serial = BigNum::from_slice(&serial).and_then(|number| number.to_asn1_integer()).expect("it is a number");
    let set = (|| {
        builder.set_version(2)?;
        builder.set_serial_number(&serial)?;
        builder.set_subject_name(&subject)?;
        builder.set_issuer_name(issuer.unwrap_or(&subject))?;
        builder.set_pubkey(of)?;
        builder.set_not_before(&*Asn1Time::days_from_now(0)?)?;
        builder.set_not_after(&*Asn1Time::days_from_now(2)?)?;
        if names.is_empty() {
            builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        } else {
            let mut alternatives = SubjectAlternativeName::new();
            for name in names {
                match name.parse::<std::net::IpAddr>() {
                    Ok(_) => alternatives.ip(name),
                    Err(_) => alternatives.dns(name),
                };
            }
            let alternatives = alternatives.build(&builder.x509v3_context(None, None))?;
            builder.append_extension(alternatives)?;
        }
        builder.sign(by, MessageDigest::sha256())
    })();
    set.expect("OpenSSL takes it");
    builder.build()
}

impl Default for Authority {
    fn default() -> Self {
        let key = new_key();
        Self { certificate: certificate("Test authority", &key, None, &[], &key), key }
    }
}

impl Authority {
    /// The certificate, as `EXTRA_CA_FILE` would have it.
    #[must_use]
    pub fn pem(&self) -> String {
        String::from_utf8(self.certificate.to_pem().expect("it is a certificate")).expect("PEM is text")
    }

    fn acceptor(&self, names: &[&str]) -> TlsAcceptor {
        let key = new_key();
        let certificate = certificate("site", &key, Some(self.certificate.subject_name()), names, &self.key);
        let pem = certificate.to_pem().expect("it is a certificate");
        let key = key.private_key_to_pem_pkcs8().expect("it is a key");
        let identity = native_tls::Identity::from_pkcs8(&pem, &key).expect("they belong together");
        native_tls::TlsAcceptor::new(identity).expect("OpenSSL takes it").into()
    }
}

/// The answer of a site, byte by byte.
#[derive(Debug, Clone)]
pub enum Reply {
    /// These bytes, and the end.
    Whole(Vec<u8>),
    /// These bytes, and then others for as long as somebody reads.
    Endless(Vec<u8>, Vec<u8>),
    /// These bytes, and then silence.
    Silence(Vec<u8>),
}

impl Reply {
    /// `200` with a body.
    #[must_use]
    pub fn ok(content_type: &str, body: impl AsRef<[u8]>) -> Self {
        Self::with(&format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}"), body)
    }

    /// A status line with further header lines, and a body.
    #[must_use]
    pub fn with(head: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut bytes = format!("{head}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(body);
        Self::Whole(bytes)
    }

    #[must_use]
    pub fn json(body: &serde_json::Value) -> Self {
        Self::ok("application/json", body.to_string())
    }
}

type Answer = Arc<dyn Fn(&str) -> Reply + Send + Sync>;

/// A site on loopback: `https://localhost:<port>`, `https://127.0.0.1:<port>`. It goes when it is dropped.
#[derive(Debug)]
pub struct TestSite {
    port: u16,
    hits: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
    posted: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl TestSite {
    /// A site whose answers `reply` gives, by the path and query of a request.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(authority: &Authority, reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let names = ["localhost", "127.0.0.1", "a.example", "b.example"];
        Self::serve(Some(authority.acceptor(&names)), Arc::new(reply)).await
    }

    /// The same in clear.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start_in_clear(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(None, Arc::new(reply)).await
    }

    async fn serve(acceptor: Option<TlsAcceptor>, answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let port = listener.local_addr().expect("it is bound").port();
        let (hits, last) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::default()));
        let posted = Arc::new(Mutex::default());
        let seen = Seen { hits: hits.clone(), last: last.clone(), posted: posted.clone() };
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer, seen) = (acceptor.clone(), answer.clone(), seen.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => speak(stream, &answer, &seen).await,
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(stream) => speak(stream, &answer, &seen).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Self { port, hits, last, posted, task }
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `https://localhost:<port>` and the path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// Requests so far.
    #[must_use]
    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    /// The head of the last request.
    #[must_use]
    pub fn last_request(&self) -> String {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bodies of the requests that had one, in their order.
    #[must_use]
    pub fn posted(&self) -> Vec<String> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The settings of a server that may ask this site.
    ///
    /// # Panics
    /// Never: they are well formed.
    #[must_use]
    pub fn options(&self, authority: &Authority) -> OutboundOptions {
        let hosts = format!("localhost:{port} 127.0.0.1:{port}", port = self.port);
        OutboundOptions {
            allowed_hosts: AllowedHosts::parse(&hosts).expect("they are hosts"),
            authorities: Authorities::parse(authority.pem().as_bytes()).expect("it is a certificate"),
        }
    }
}

impl Drop for TestSite {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The requests that came.
#[derive(Debug, Clone)]
struct Seen {
    hits: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
    posted: Arc<Mutex<Vec<String>>>,
}

async fn speak(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &Answer, seen: &Seen) -> Option<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    let request = String::from_utf8(request).ok()?;
    let length =
        request.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    stream.read_exact(&mut body).await.ok()?;
    if !body.is_empty() {
        seen.posted.lock().unwrap_or_else(PoisonError::into_inner).push(String::from_utf8(body).ok()?);
    }
    seen.hits.fetch_add(1, Ordering::SeqCst);
    let path = request.split(' ').nth(1)?.to_owned();
    *seen.last.lock().unwrap_or_else(PoisonError::into_inner) = request;
    match answer(&path) {
        Reply::Whole(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            stream.shutdown().await.ok()
        }
        Reply::Endless(head, rest) => {
            stream.write_all(&head).await.ok()?;
            loop {
                stream.write_all(&rest).await.ok()?;
            }
        }
        Reply::Silence(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            stream.flush().await.ok()?;
            // Until the other side hangs up.
            stream.read_u8().await.ok().map(drop)
        }
    }
}
