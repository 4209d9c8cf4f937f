//! A server that is killed between a commit and the answer: what was answered holds, and whoever asks again goes on.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use futures::future::join_all;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::server::{ADMIN_TOKEN, CALLBACK, PASSWORD};

/// Refreshes whose answers are lost: so many at once, so many times.
const FAMILIES: usize = 20;
const ROUNDS: usize = 10;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The binary, on a database that stays.
struct Killed {
    directory: tempfile::TempDir,
    address: SocketAddr,
    process: Option<Child>,
}

impl Killed {
    fn new() -> Self {
        // Below those that the kernel gives to clients: one of theirs could be taken while the server is dead.
        let first = 10_000 + u16::try_from(std::process::id() % 9_000).unwrap();
        // Each once: the servers of two tests run at the same time.
        static TRIED: AtomicU16 = AtomicU16::new(0);
        let ports = std::iter::repeat_with(|| first + TRIED.fetch_add(1, Ordering::Relaxed));
        let addresses = ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let address = addresses.into_iter().find(|address| TcpListener::bind(address).is_ok()).unwrap();
        Self { directory: tempfile::tempdir().unwrap(), address, process: None }
    }

    async fn start(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
        command
            .current_dir(&self.directory)
            .env_clear()
            .env("LISTEN_ADDR", self.address.to_string())
            .env("ISSUER", self.url(""))
            .env("ADMIN_TOKEN", ADMIN_TOKEN)
            .env("DATABASE_URL", "sqlite:signet.db")
            .env("RATE_LIMITS", "off")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.process = Some(command.spawn().unwrap());
        while !reqwest::get(self.url("/health")).await.is_ok_and(|answer| answer.status() == 200) {
            let ended = self.process.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the server ended: {ended:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// `kill -9`.
    fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    async fn create(&self, what: &str, body: Value) {
        let request = reqwest::Client::new().post(self.url(&format!("/admin/{what}")));
        let answer = request.header("X-Admin-Token", ADMIN_TOKEN).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    }

    async fn token(&self, form: &[(&str, &str)]) -> Value {
        let answer = reqwest::Client::new().post(self.url("/token")).form(form).send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Refresh tokens of alice for a client without a secret, each of a family of its own.
    async fn refresh_tokens(&self) -> Vec<String> {
        let browser = reqwest::Client::builder().redirect(Policy::none()).cookie_store(true).build().unwrap();
        let login = [("username", "alice"), ("password", PASSWORD)];
        assert!(browser.post(self.url("/login")).form(&login).send().await.unwrap().status().is_redirection());
        let request = format!(
            "/authorize?response_type=code&client_id=spa&redirect_uri={CALLBACK}&scope=openid+offline_access\
             &code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        let mut tokens = Vec::new();
        for _ in 0..FAMILIES {
            let answer = browser.post(self.url(&request)).form(&[("confirm", "yes")]).send().await.unwrap();
            let location = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
            let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
            let form = [("grant_type", "authorization_code"), ("client_id", "spa"), ("code", &code)];
            let form = [&form[..], &[("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)]].concat();
            tokens.push(self.token(&form).await["refresh_token"].as_str().unwrap().to_owned());
        }
        tokens
    }

    /// Sends a refresh, and waits until the answer is there, which nobody reads: it was committed by then.
    async fn lose_answer(&self, refresh_token: &str) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let body = format!("grant_type=refresh_token&client_id=spa&refresh_token={refresh_token}");
        let head = format!(
            "POST /token HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        stream.readable().await.unwrap();
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_answer_was_killed_goes_on() {
    let mut server = Killed::new();
    server.start().await;
    server.create("users", json!({ "username": "alice", "password": PASSWORD })).await;
    let client = json!({
        "client_id": "spa", "token_endpoint_auth_method": "none", "redirect_uris": [CALLBACK],
        "scope": "openid offline_access", "grant_types": ["authorization_code", "refresh_token"],
    });
    server.create("clients", client).await;
    let mut tokens = server.refresh_tokens().await;
    for round in 0..ROUNDS {
        // In every other round the server dies while it works on them; nobody knows how far it got.
        let losses = join_all(tokens.iter().map(|token| server.lose_answer(token)));
        if round % 2 == 0 {
            losses.await;
        } else {
            drop(tokio::time::timeout(Duration::from_millis(3 * round as u64), losses).await);
        }
        server.kill();
        server.start().await;
        let form = |token| [("grant_type", "refresh_token"), ("client_id", "spa"), ("refresh_token", token)];
        let answers = join_all(tokens.iter().map(async |token| server.token(&form(token)).await)).await;
        let next: Vec<String> =
            answers.iter().map(|answer| answer["refresh_token"].as_str().unwrap().to_owned()).collect();
        assert!(next.iter().zip(&tokens).all(|(next, before)| next != before));
        tokens = next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_ends_the_pages_that_follow_it() {
    let mut server = Killed::new();
    server.start().await;
    let browser = reqwest::Client::builder().redirect(Policy::none()).cookie_store(true).build().unwrap();
    let login = browser.post(server.url("/admin/login")).form(&[("token", ADMIN_TOKEN)]).send().await.unwrap();
    assert_eq!(login.status(), 303);
    let mut live = browser.get(server.url("/admin/ui/activity/live")).send().await.unwrap();
    assert_eq!(live.status(), 200);
    assert!(live.chunk().await.unwrap().is_some());
    let mut process = server.process.take().unwrap();
    assert!(Command::new("kill").arg(process.id().to_string()).status().unwrap().success());
    // To its end, and not broken off.
    while live.chunk().await.unwrap().is_some() {}
    assert!(process.wait().unwrap().success());
}
