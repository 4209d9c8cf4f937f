//! Connections over real sockets.

use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Semaphore, oneshot};

use super::*;
use crate::guard::TrustedProxies;
use crate::metrics::ConnectionMetrics;

const HEAD: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n";
const WORK: &str = "GET /work HTTP/1.1\r\nHost: x\r\n\r\n";

/// No test takes as long, on any machine.
const LONG: Patience = Patience { request: Duration::from_secs(300), write: Duration::from_secs(300) };

struct Server {
    address: SocketAddr,
    places: Arc<Places>,
    /// Lets it stop.
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
    /// Requests for `/work` that arrived, and those that may be answered.
    arrived: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

/// A server that answers `/` with what it was sent, `/work` when it is told to, and `/much` with more than anybody buffers.
async fn start(patience: Patience, places: Places) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (arrived, released) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let work = {
        let (arrived, released) = (arrived.clone(), released.clone());
        move || async move {
            arrived.add_permits(1);
            released.acquire().await.unwrap().forget();
            "done"
        }
    };
    let router = Router::new()
        .route("/", post(async |body: Bytes| body))
        .route("/much", get(async || vec![b'x'; 64 * 1_024 * 1_024]))
        .route("/work", get(work));
    let (stop, stopped) = oneshot::channel();
    let stopped = async {
        let _ = stopped.await;
    };
    let places = Arc::new(places);
    let ended = tokio::spawn(serve(listener, router, places.clone(), patience, stopped));
    Server { address, places, stop, ended, arrived, released }
}

/// Places for many callers who come from one address.
fn places(most: usize) -> Places {
    Places::new(most, TrustedProxies::parse("loopback").unwrap(), ConnectionMetrics::default())
}

impl Server {
    /// A connection that has sent `text`.
    async fn connect(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// A connection for which the server is at work.
    async fn occupy(&self) -> TcpStream {
        let stream = self.connect(WORK).await;
        self.arrived.acquire().await.unwrap().forget();
        stream
    }
}

/// All that comes until the connection ends, which may be a reset.
async fn read(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await.expect("it ends");
    String::from_utf8(answer).unwrap()
}

/// True when the connection serves another request.
async fn echoes(stream: &mut TcpStream) -> bool {
    if stream.write_all(format!("{HEAD}abcd").as_bytes()).await.is_err() {
        return false;
    }
    let mut answer = String::new();
    while !answer.ends_with("abcd") {
        match stream.read_u8().await {
            Ok(byte) => answer.push(char::from(byte)),
            Err(_) => return false,
        }
    }
    answer.starts_with("HTTP/1.1 200 ")
}

#[tokio::test]
async fn who_says_nothing_or_stops_in_the_middle_is_not_waited_for() {
    let short = Patience { request: Duration::from_millis(100), ..LONG };
    let server = start(short, places(10)).await;
    for (sent, answer) in [
        ("", ""),
        ("POST / HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 408 "),
        (&format!("{HEAD}ab"), "HTTP/1.1 408 Request Timeout\r\n"),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // On a busy machine it may be over before this is sent.
        let _ = stream.write_all(sent.as_bytes()).await;
        let said = read(&mut stream).await;
        assert!(said.starts_with(answer) || said.is_empty(), "{sent:?}: {said:?}");
        assert!(!said.contains(" 200 "), "{said}");
    }
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let server = start(LONG, places(10)).await;
    let mut stream = server.connect(HEAD).await;
    for piece in ["ab", "cd", &HEAD.replace("Host", "Connection: close\r\nHost"), "efgh"] {
        tokio::task::yield_now().await;
        stream.write_all(piece.as_bytes()).await.unwrap();
    }
    let said = read(&mut stream).await;
    assert!(said.contains("abcd") && said.contains("efgh"), "{said}");
}

#[tokio::test]
async fn at_the_end_what_is_under_way_is_finished() {
    let server = start(LONG, places(10)).await;
    let mut stream = server.connect(&HEAD.replace("Host", "Expect: 100-continue\r\nHost")).await;
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "the request is being read");
    server.stop.send(()).unwrap();
    stream.write_all(b"abcd").await.unwrap();
    let said = read(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 200 ") && said.ends_with("abcd"), "{said}");
    server.ended.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_head_that_grows_for_ever_is_refused() {
    let server = start(LONG, places(10)).await;
    let fits = format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: {}\r\n\r\n", "a".repeat(15 * 1_024));
    assert!(read(&mut server.connect(&fits).await).await.starts_with("HTTP/1.1 405 "));
    let long = format!("X-Long: {}", "a".repeat(2 * MAX_HEAD));
    let many = "X: a\r\n".repeat(1_000);
    for rest in [format!("{long}\r\n\r\n"), long.clone(), format!("{many}\r\n"), "a".repeat(2 * MAX_HEAD)] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let _ = stream.write_all(format!("GET / HTTP/1.1\r\nHost: x\r\n{rest}").as_bytes()).await;
        let said = read(&mut stream).await;
        // What it did not read may make the system reset the connection before the answer is read.
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 431 ") || said.starts_with("HTTP/1.1 400 "), "{said}");
    }
    let mut long_path = server.connect(&format!("GET /{} HTTP/1.1\r\n", "a".repeat(2 * MAX_HEAD))).await;
    let _ = long_path.write_all("a".repeat(200).as_bytes()).await;
    let said = read(&mut long_path).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 431 "), "{said}");
}

#[tokio::test]
async fn a_newcomer_gets_the_place_of_whoever_has_been_waited_for_longest() {
    let server = start(LONG, places(3)).await;
    let mut first = server.connect("").await;
    let mut second = server.connect("GET / HT").await;
    let mut third = server.connect("").await;
    // It speaks, so it is not the oldest any more.
    assert!(echoes(&mut third).await);
    let mut fourth = server.connect("").await;
    assert!(echoes(&mut fourth).await);
    assert_eq!(read(&mut first).await, "", "nothing was ever asked");
    let mut fifth = server.connect("").await;
    assert!(echoes(&mut fifth).await);
    assert_eq!(read(&mut second).await, "", "half a head holds no place");
    for stream in [&mut third, &mut fourth, &mut fifth] {
        assert!(echoes(stream).await);
    }
}

#[tokio::test]
async fn half_a_body_holds_no_place() {
    let server = start(LONG, places(1)).await;
    let mut first = server.connect(&format!("{HEAD}ab")).await;
    let mut second = server.connect("").await;
    assert!(echoes(&mut second).await);
    assert_eq!(read(&mut first).await, "");
}

#[tokio::test]
async fn where_the_server_is_at_work_for_everybody_a_newcomer_is_refused_at_once() {
    let server = start(LONG, places(2)).await;
    let mut working = [server.occupy().await, server.occupy().await];
    let mut refused = TcpStream::connect(server.address).await.unwrap();
    let said = read(&mut refused).await;
    assert!(said.starts_with("HTTP/1.1 503 ") && said.contains("Retry-After: 1\r\n"), "{said}");
    // Another listener has places of its own, as the metrics have.
    let other = start(LONG, places(2)).await;
    assert!(echoes(&mut other.connect("").await).await);
    server.released.add_permits(2);
    for stream in &mut working {
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200");
    }
}

#[tokio::test]
async fn one_address_gets_an_eighth_of_the_places() {
    let places = Places::new(16, TrustedProxies::default(), ConnectionMetrics::default());
    let server = start(LONG, places).await;
    let _working = [server.occupy().await, server.occupy().await];
    let mut refused = TcpStream::connect(server.address).await.unwrap();
    assert!(read(&mut refused).await.starts_with("HTTP/1.1 503 "));
}

#[tokio::test]
async fn who_does_not_read_is_given_up() {
    let short = Patience { write: Duration::from_millis(100), ..LONG };
    let server = start(short, places(10)).await;
    let mut stream = server.connect("GET /much HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let given_up = async {
        while server.places.held() == 0 {
            tokio::task::yield_now().await;
        }
        while server.places.held() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), given_up).await.expect("it gives up");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.len() < 64 * 1_024 * 1_024);
}

#[tokio::test]
async fn a_request_that_names_no_host_is_refused_and_nothing_after_it_is_read() {
    let server = start(LONG, places(10)).await;
    let rest = "Content-Length: 4\r\n\r\nabcd";
    for head in [
        "POST / HTTP/1.1\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nHost: a\r\n",
        "POST / HTTP/1.1\r\nHost: a b\r\n",
        "POST / HTTP/1.1\r\nHost:\r\n",
        "POST http://me@a/ HTTP/1.1\r\nHost: a\r\n",
    ] {
        let said = read(&mut server.connect(&format!("{head}{rest}")).await).await;
        assert!(said.starts_with("HTTP/1.1 400 ") && !said.contains("abcd"), "{head}: {said}");
    }
    for head in ["POST / HTTP/1.0\r\n", "POST http://a/ HTTP/1.1\r\nHost: b\r\nConnection: close\r\n"] {
        let said = read(&mut server.connect(&format!("{head}{rest}")).await).await;
        assert!(said.contains(" 200 OK\r\n") && said.ends_with("abcd"), "{head}: {said}");
    }
}
