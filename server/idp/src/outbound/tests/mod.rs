//! The door against sites that mean no good.

use std::io::{self, Write as _};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use oauth::id::Issuer;

use super::*;
use crate::testing::site::{Authority, Reply, TestSite};

const PUBLIC: &str = "https://id.example";
const LOCAL: &str = "http://127.0.0.1:8000";

/// Names with the addresses that they have, one after the other; the last one stays.
#[derive(Debug)]
struct Names {
    answers: Vec<&'static [&'static str]>,
    asked: AtomicUsize,
}

impl Names {
    fn new(answers: &[&'static [&'static str]]) -> Arc<Self> {
        Arc::new(Self { answers: answers.to_vec(), asked: AtomicUsize::new(0) })
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let addresses = self.answers[turn].iter().map(|address| address.parse().unwrap()).collect();
        async move { Ok(addresses) }.boxed()
    }
}

fn door(issuer: &str, options: &OutboundOptions, names: Arc<Names>) -> Outbound {
    Outbound::build(&Issuer::parse(issuer).unwrap(), options, names, PATIENCE).unwrap()
}

/// A door that may ask the site.
fn open_door(site: &TestSite, authority: &Authority) -> Outbound {
    door(PUBLIC, &site.options(authority), Names::new(&[&["127.0.0.1"]]))
}

/// The answer to a request for a document at a site that replies so.
async fn document(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Outcome {
    let authority = Authority::default();
    let site = TestSite::start(&authority, reply).await;
    open_door(&site, &authority).get(&site.url("/x"), Limits::DOCUMENT).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const GZIPPED: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip";

#[tokio::test]
async fn a_document_is_fetched_with_nothing_of_ours_in_the_request() {
    let authority = Authority::default();
    let reply = "HTTP/1.1 200 OK\r\nContent-Type: Application/Vnd.x+JSON; charset=utf-8\r\nCache-Control: max-age=60";
    let site = TestSite::start(&authority, move |_| Reply::with(reply, "{}")).await;
    let fetched = open_door(&site, &authority).get(&site.url("/x?y=1"), Limits::DOCUMENT).await.unwrap();
    assert_eq!((fetched.status, &fetched.body[..]), (200, &b"{}"[..]));
    assert_eq!(fetched.content_type.as_deref(), Some("application/vnd.x+json"));
    assert_eq!(fetched.header("Cache-Control").collect::<Vec<_>>(), ["max-age=60"]);
    let request = site.last_request().to_ascii_lowercase();
    assert!(request.starts_with("get /x?y=1 http/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("\r\nhost: localhost:{}\r\n", site.port())), "{request}");
    assert!(request.contains("\r\naccept: application/json\r\n"), "{request}");
    for none in ["cookie", "authorization", "referer", "origin", "proxy"] {
        assert!(!request.contains(&format!("\r\n{none}")), "{request}");
    }
}

#[tokio::test]
async fn what_is_no_document_is_refused_by_its_reason() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data";
    let html = || Reply::ok("text/html; charset=utf-8", "<title>Just a moment…</title>");
    let none = || Reply::with("HTTP/1.1 200 OK", "{}");
    assert_eq!(document(move |_| Reply::with(redirect, "")).await.unwrap_err(), FetchError::Redirect(302));
    assert_eq!(
        document(|_| Reply::with("HTTP/1.1 304 Not Modified", "")).await.unwrap_err(),
        FetchError::Redirect(304)
    );
    assert_eq!(document(|_| Reply::with("HTTP/1.1 403 Forbidden", "")).await.unwrap_err(), FetchError::Status(403));
    assert_eq!(document(|_| Reply::with("HTTP/1.1 203 So", "{}")).await.unwrap_err(), FetchError::Status(203));
    assert_eq!(document(move |_| html()).await.unwrap_err().to_string(), "got text/html");
    assert_eq!(document(move |_| none()).await.unwrap_err().to_string(), "got no content type");
    let coded = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: br";
    assert_eq!(document(move |_| Reply::with(coded, "{}")).await.unwrap_err(), FetchError::Coding("br".into()));
    let garbage = document(|_| Reply::Whole(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())).await.unwrap_err();
    assert!(matches!(garbage, FetchError::Broken(_)), "{garbage}");
    let cut = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}";
    let cut = document(move |_| Reply::Whole(cut.as_bytes().to_vec())).await.unwrap_err();
    assert!(matches!(cut, FetchError::Broken(_)), "{cut}");
}

#[tokio::test]
async fn sizes_are_bounded_after_decompression() {
    let large = document(|_| Reply::ok("application/json", vec![b' '; 10 << 20])).await.unwrap_err();
    assert_eq!(large.to_string(), "got 10 MiB of at most 16 KiB");
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".to_vec();
    let endless = document(move |_| Reply::Endless(head.clone(), vec![b' '; 4_096])).await.unwrap_err();
    assert_eq!(endless.to_string(), "got more than 16 KiB of at most 16 KiB");
    let bomb = gzip(&vec![b' '; 10 << 20]);
    assert!(bomb.len() < 16 << 10);
    let bomb = document(move |_| Reply::with(GZIPPED, &bomb)).await.unwrap_err();
    assert_eq!(bomb.to_string(), "got more than 16 KiB of at most 16 KiB");
    let full = document(|_| Reply::ok("application/json", vec![b' '; 16 << 10])).await.unwrap();
    assert_eq!(full.body.len(), 16 << 10);
    let small = gzip(br#"{"a":1}"#);
    let fetched = document(move |_| Reply::with(GZIPPED, &small)).await.unwrap();
    assert_eq!(&fetched.body[..], br#"{"a":1}"#);
    let torn = gzip(&vec![b' '; 4_096]);
    let torn = document(move |_| Reply::with(GZIPPED, &torn[..torn.len() - 9])).await.unwrap_err();
    assert!(matches!(torn, FetchError::Broken(_)), "{torn}");
}

#[tokio::test]
async fn endless_headers_are_not_read_to_their_end() {
    for line in [format!("X-A: {}\r\n", "a".repeat(1_000)), "X-A: a\r\n".to_owned(), "a".repeat(1_000)] {
        let reply = Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), line.into_bytes());
        let error = document(move |_| reply.clone()).await.unwrap_err();
        assert!(matches!(error, FetchError::Broken(_)), "{error}");
    }
}

#[tokio::test]
async fn whoever_lets_us_wait_is_not_waited_for() {
    let authority = Authority::default();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    for begin in ["", "HTTP/1.1 200 OK\r\n", head] {
        let site = TestSite::start(&authority, move |_| Reply::Silence(begin.as_bytes().to_vec())).await;
        let (issuer, options) = (Issuer::parse(PUBLIC).unwrap(), site.options(&authority));
        let names = Names::new(&[&["127.0.0.1"]]);
        let door = Outbound::build(&issuer, &options, names, Duration::from_millis(300)).unwrap();
        assert_eq!(door.get(&site.url("/x"), Limits::DOCUMENT).await.unwrap_err(), FetchError::Timeout(0.3));
        assert!(door.0.flights.lock().unwrap().in_the_air.is_empty());
    }
}

#[tokio::test]
async fn addresses_are_checked_and_the_checked_ones_dialled() {
    let authority = Authority::default();
    let site = TestSite::start(&authority, |_| Reply::ok("application/json", "{}")).await;
    let trusted = OutboundOptions { authorities: site.options(&authority).authorities, ..Default::default() };
    let url = format!("https://a.example:{}/x", site.port());
    // Not public, in whatever clothes, and beside a public one, too.
    for addresses in [
        &["127.0.0.1"][..],
        &["::1"],
        &["169.254.169.254"],
        &["10.0.0.1"],
        &["100.64.0.1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["fd00::1"],
        &["8.8.8.8", "127.0.0.1"],
        &["127.0.0.1", "8.8.8.8"],
    ] {
        let error = door(PUBLIC, &trusted, Names::new(&[addresses])).get(&url, Limits::DOCUMENT).await.unwrap_err();
        assert!(matches!(error, FetchError::NotPublic { .. }), "{addresses:?}: {error}");
    }
    for url in ["https://127.0.0.1/x", "https://[::1]/x", "https://[::ffff:a9fe:a9fe]/x", "https://169.254.169.254/x"] {
        let names = Names::new(&[&["8.8.8.8"]]);
        let error = door(PUBLIC, &trusted, names.clone()).get(url, Limits::DOCUMENT).await.unwrap_err();
        assert!(matches!(error, FetchError::NotPublic { .. }), "{url}: {error}");
        assert_eq!(names.asked.load(Ordering::SeqCst), 0);
    }
    assert_eq!(site.hits(), 0);
    // One look-up for check and dial: the second answer would lead elsewhere.
    let names = Names::new(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let local = door(LOCAL, &trusted, names.clone());
    assert!(local.get(&url, Limits::DOCUMENT).await.is_ok());
    assert_eq!((names.asked.load(Ordering::SeqCst), site.hits()), (1, 1));
    let error = local.get(&url, Limits::DOCUMENT).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the address 169.254.169.254 of a.example is not public; ALLOWED_FETCH_HOSTS may name a.example"
    );
    let nobody = door(PUBLIC, &trusted, Names::new(&[&[]])).get(&url, Limits::DOCUMENT).await.unwrap_err();
    assert_eq!(nobody.to_string(), "no address is known for a.example");
}

#[tokio::test]
async fn an_allowed_host_is_asked_at_its_port_only() {
    let authority = Authority::default();
    let site = TestSite::start(&authority, |_| Reply::ok("application/json", "{}")).await;
    let names = || Names::new(&[&["127.0.0.1"]]);
    let get = async |host: &str, allowed: &str| {
        let options =
            OutboundOptions { allowed_hosts: AllowedHosts::parse(allowed).unwrap(), ..site.options(&authority) };
        door(PUBLIC, &options, names()).get(&format!("https://{host}:{}/x", site.port()), Limits::DOCUMENT).await
    };
    assert!(get("a.example", &format!("a.example:{}", site.port())).await.is_ok());
    for (host, allowed) in [("b.example", format!("a.example:{}", site.port())), ("a.example", "a.example".to_owned())]
    {
        let error = get(host, &allowed).await.unwrap_err();
        assert!(matches!(error, FetchError::NotPublic { .. }), "{host} {allowed}: {error}");
    }
}

#[tokio::test]
async fn clear_text_is_for_programs_beside_a_server_on_loopback() {
    let site = TestSite::start_in_clear(|_| Reply::ok("application/json", "{}")).await;
    let url = format!("http://localhost:{}/x", site.port());
    let get = async |issuer, address| {
        let allowed_hosts = AllowedHosts::parse(&format!("localhost:{}", site.port())).unwrap();
        let options = OutboundOptions { allowed_hosts, ..OutboundOptions::default() };
        door(issuer, &options, Names::new(&[address])).get(&url, Limits::DOCUMENT).await
    };
    assert!(get(LOCAL, &["127.0.0.1"][..]).await.is_ok());
    for (issuer, address) in [(PUBLIC, "127.0.0.1"), (LOCAL, "8.8.8.8"), (LOCAL, "10.0.0.1")] {
        let address: &'static [&'static str] = Box::leak(Box::new([address]));
        let error = get(issuer, address).await.unwrap_err();
        assert_eq!(error, FetchError::NotEncrypted("localhost".to_owned()), "{issuer} {address:?}");
    }
    assert_eq!(site.hits(), 1);
}

#[tokio::test]
async fn a_certificate_is_of_a_trusted_authority_and_for_the_host() {
    let (authority, other) = (Authority::default(), Authority::default());
    let site = TestSite::start(&authority, |_| Reply::ok("application/json", "{}")).await;
    let names = || Names::new(&[&["127.0.0.1"]]);
    let stranger = OutboundOptions { authorities: site.options(&other).authorities, ..site.options(&authority) };
    let error = door(PUBLIC, &stranger, names()).get(&site.url("/x"), Limits::DOCUMENT).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error}");
    let allowed_hosts = AllowedHosts::parse(&format!("c.example:{}", site.port())).unwrap();
    let options = OutboundOptions { allowed_hosts, ..site.options(&authority) };
    let url = format!("https://c.example:{}/x", site.port());
    let error = door(PUBLIC, &options, names()).get(&url, Limits::DOCUMENT).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error}");
    assert_eq!(site.hits(), 0);
    let by_address = format!("https://127.0.0.1:{}/x", site.port());
    assert!(open_door(&site, &authority).get(&by_address, Limits::DOCUMENT).await.is_ok());
}

#[test]
fn a_file_of_authorities_holds_certificates() {
    let (one, two) = (Authority::default().pem(), Authority::default().pem());
    assert_eq!(format!("{:?}", Authorities::parse(format!("{one}{two}").as_bytes()).unwrap()), "Authorities(2)");
    for wrong in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(Authorities::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(Authorities::parse(&[0, 159, 146, 150]).is_err());
}

#[tokio::test]
async fn those_who_ask_for_one_url_at_once_share_an_answer() {
    let authority = Authority::default();
    let site = TestSite::start(&authority, |_| Reply::ok("application/json", "{}")).await;
    let door = open_door(&site, &authority);
    let url = site.url("/x");
    let answers = futures::future::join_all((0..20).map(|_| door.get(&url, Limits::DOCUMENT))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(site.hits(), 1);
    assert!(door.0.flights.lock().unwrap().in_the_air.is_empty());
    assert!(door.get(&url, Limits::DOCUMENT).await.is_ok());
    assert_eq!(site.hits(), 2, "what has landed is not shared");
    // Whoever set out first may give up; the others are served.
    let mut first = Box::pin(door.get(&url, Limits::DOCUMENT));
    assert!(first.as_mut().now_or_never().is_none());
    let second = door.get(&url, Limits::DOCUMENT);
    drop(first);
    assert!(second.await.is_ok());
    let mut alone = Box::pin(door.get(&url, Limits::DOCUMENT));
    assert!(alone.as_mut().now_or_never().is_none());
    drop(alone);
    assert!(door.0.flights.lock().unwrap().in_the_air.is_empty());
}

#[tokio::test]
async fn status_and_headers_can_be_looked_at_alone() {
    let authority = Authority::default();
    let reply = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer resource_metadata=\"x\"";
    let site = TestSite::start(&authority, move |_| Reply::with(reply, "no")).await;
    let looked = open_door(&site, &authority).look(&site.url("/mcp")).await.unwrap();
    assert_eq!((looked.status, looked.body.len()), (401, 0));
    assert_eq!(looked.header("www-authenticate").collect::<Vec<_>>(), ["Bearer resource_metadata=\"x\""]);
}
