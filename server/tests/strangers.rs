//! A relying party that nobody here wrote, the crate `openidconnect`, against the started binary.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims, IssuerUrl,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _, UserInfoClaims,
};
use reqwest::Url;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

const ADMIN_TOKEN: &str = "strangers-0123456789abcdef0123456789abcdef";
const PASSWORD: &str = "correct horse battery";
const CALLBACK: &str = "http://127.0.0.1:3000/callback";

/// The binary, with an empty database, on a port of its own.
struct Server {
    process: Child,
    directory: PathBuf,
    issuer: String,
}

impl Server {
    /// Set up, with alice.
    async fn start(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("signet-strangers-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let address = free_address();
        let issuer = format!("http://{address}");
        let process = Command::new(env!("CARGO_BIN_EXE_signet"))
            .current_dir(&directory)
            .env_clear()
            .env("LISTEN_ADDR", address.to_string())
            .env("ISSUER", &issuer)
            .env("ADMIN_TOKEN", ADMIN_TOKEN)
            .env("DATABASE_URL", "sqlite:signet.db")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(directory.join("log")).unwrap())
            .spawn()
            .unwrap();
        let server = Self { process, directory, issuer };
        server.wait_until_healthy().await;
        server
            .create("users", json!({ "username": "alice", "password": PASSWORD, "email": "alice@example.com" }))
            .await;
        server
    }

    async fn wait_until_healthy(&self) {
        for _ in 0..3_000 {
            let answer = reqwest::get(format!("{}/health", self.issuer)).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{}", std::fs::read_to_string(self.directory.join("log")).unwrap());
    }

    /// Creates a user or client; the answer.
    async fn create(&self, what: &str, body: Value) -> Value {
        let request = reqwest::Client::new().post(format!("{}/admin/{what}", self.issuer));
        let answer = request.header("X-Admin-Token", ADMIN_TOKEN).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Creates a client and gives its secret, if it has one.
    async fn create_client(&self, id: &str, method: &str, alg: CoreJwsSigningAlgorithm) -> Option<ClientSecret> {
        let client = json!({
            "client_id": id,
            "token_endpoint_auth_method": method,
            "redirect_uris": [CALLBACK],
            "scope": "openid email offline_access",
            "grant_types": ["authorization_code", "refresh_token"],
            "id_token_signed_response_alg": alg,
        });
        let answer = self.create("clients", client).await;
        answer["client_secret"].as_str().map(|secret| ClientSecret::new(secret.to_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

/// An address to listen on, below those that the kernel gives to clients: one of theirs may be taken again before the server is up.
fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let begin = u16::try_from(std::process::id() % 9_000).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 20_000 + begin + NEXT.fetch_add(1, Ordering::Relaxed)));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Alice in her browser: opens the address, signs in, allows. Gives the address that she is sent back to.
async fn sign_in_and_allow(mut address: Url) -> Url {
    let browser = reqwest::Client::builder().redirect(Policy::none()).cookie_store(true).build().unwrap();
    for _ in 0..10 {
        let mut answer = browser.get(address.clone()).send().await.unwrap();
        if answer.status() == 200 {
            // Every form posts to the address of its page.
            let form: &[_] = match address.path() {
                "/login" => &[("username", "alice"), ("password", PASSWORD)],
                "/authorize" => &[("confirm", "yes")],
                other => panic!("nothing to do at {other}"),
            };
            answer = browser.post(address.clone()).form(form).send().await.unwrap();
        }
        assert!(answer.status().is_redirection(), "{} {}", answer.status(), answer.text().await.unwrap());
        address = address.join(answer.headers()["location"].to_str().unwrap()).unwrap();
        if address.as_str().starts_with(CALLBACK) {
            return address;
        }
    }
    panic!("too many redirects, the last to {address}");
}

fn parameter(address: &Url, name: &str) -> String {
    let found = address.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name} in {address}")).1.into_owned()
}

/// The whole way: discovery, code flow with PKCE, ID token verified, userinfo, refresh.
async fn run(method: &str, alg: CoreJwsSigningAlgorithm) {
    let id = format!("{method}-{}", serde_json::to_value(&alg).unwrap().as_str().unwrap());
    let server = Server::start(&id).await;
    let secret = server.create_client(&id, method, alg.clone()).await;
    assert_eq!(secret.is_some(), method != "none");

    let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let issuer = IssuerUrl::new(server.issuer.clone()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.unwrap();
    let auth_type = if method == "client_secret_basic" { AuthType::BasicAuth } else { AuthType::RequestBody };
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(id), secret)
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap())
        .set_auth_type(auth_type);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("offline_access".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let callback = sign_in_and_allow(address).await;
    assert_eq!(parameter(&callback, "state"), *state.secret());
    assert_eq!(parameter(&callback, "iss"), server.issuer);

    let code = AuthorizationCode::new(parameter(&callback, "code"));
    let request = client.exchange_code(code).unwrap().set_pkce_verifier(verifier);
    let tokens = request.request_async(&http).await.unwrap();
    let id_token = tokens.id_token().unwrap();
    // Signature, issuer, audience, expiry and nonce.
    let id_token_verifier = client.id_token_verifier().set_allowed_algs([alg.clone()]);
    let claims = id_token.claims(&id_token_verifier, &nonce).unwrap();
    assert_eq!(id_token.signing_alg().unwrap(), &alg);
    let key = id_token.signing_key(&id_token_verifier).unwrap();
    let hash = AccessTokenHash::from_token(tokens.access_token(), &alg, key).unwrap();
    assert_eq!(claims.access_token_hash(), Some(&hash));
    assert!(id_token.claims(&id_token_verifier, &Nonce::new("another".to_owned())).is_err());

    let userinfo = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone())).unwrap();
    let userinfo: UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim> = userinfo.request_async(&http).await.unwrap();
    assert_eq!(userinfo.email().unwrap().as_str(), "alice@example.com");

    let refresh_token = tokens.refresh_token().unwrap();
    let refreshed = client.exchange_refresh_token(refresh_token).unwrap().request_async(&http).await.unwrap();
    assert_ne!(refreshed.access_token().secret(), tokens.access_token().secret());
    assert_ne!(refreshed.refresh_token().unwrap().secret(), refresh_token.secret());
    // An ID token from a refresh has no nonce, or the one of the login (OpenID Connect Core §12.2).
    let again = refreshed.id_token().unwrap();
    let again = again.claims(&id_token_verifier, |got: Option<&Nonce>| match got {
        Some(got) if got.secret() != nonce.secret() => Err("another nonce".to_owned()),
        _ => Ok(()),
    });
    assert_eq!(again.unwrap().subject(), claims.subject());
}

#[tokio::test]
async fn a_confidential_client_signs_alice_in() {
    run("client_secret_basic", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256).await;
}

#[tokio::test]
async fn a_client_may_send_its_secret_in_the_body() {
    run("client_secret_post", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256).await;
}

#[tokio::test]
async fn a_public_client_signs_alice_in() {
    run("none", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256).await;
}

#[tokio::test]
async fn id_tokens_may_be_signed_with_es256() {
    run("client_secret_basic", CoreJwsSigningAlgorithm::EcdsaP256Sha256).await;
}

#[tokio::test]
async fn id_tokens_may_be_signed_with_eddsa() {
    run("none", CoreJwsSigningAlgorithm::EdDsa).await;
}
