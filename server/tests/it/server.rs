//! A server to test: a database of its own, set up, with a user and clients.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp::clock::Clock;
use idp::store::Store;
use idp::{Actor, AppSecret, Idp, Options};
use oauth::client::{ClientDraft, ClientKind, PolicyDraft};
use oauth::id::Issuer;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use oauth::user::UserDraft;
use serde_json::Value;
use signet::App;
use tower::ServiceExt as _;

use crate::browser::{Answer, Browser};

pub const ISSUER: &str = "http://127.0.0.1:8000";
pub const ADMIN_TOKEN: &str = "the-admin-token-of-the-tests";
pub const SECRET: &str = "a-client-secret-of-at-least-32-characters";
pub const CALLBACK: &str = "https://app.example/cb";
pub const PASSWORD: &str = "correct horse battery";
/// The verifier of every test that uses PKCE, and its challenge.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A running server without a socket.
pub struct Server {
    pub router: Router,
    pub idp: Idp,
    pub clock: Clock,
    /// Keeps the database until the test is over.
    _database: idp::testing::Database,
}

impl Server {
    /// Set up, on SQLite, with alice and the clients `web` (confidential), `spa` (public) and `job` (machine).
    pub async fn start() -> Self {
        Self::start_on(idp::testing::Database::sqlite().await).await
    }

    pub async fn start_on(database: idp::testing::Database) -> Self {
        let server = Self::fresh(database).await;
        server.idp.set_up(Some(&Secret::new(ADMIN_TOKEN))).await.unwrap();
        server.create_user("alice").await;
        server.create_client(ClientKind::Web, "web", |_, _| {}).await;
        server.create_client(ClientKind::Spa, "spa", |_, _| {}).await;
        server.create_client(ClientKind::Machine, "job", |draft, _| draft.scope = "email".to_owned()).await;
        server
    }

    /// Not set up yet.
    pub async fn fresh(database: idp::testing::Database) -> Self {
        let store = Store::connect(database.url(), 8).await.unwrap();
        migration::migrate(&store.migration_connection().await.unwrap()).await.unwrap();
        let clock = Clock::fixed(Timestamp(1_800_000_000));
        let options = Options {
            issuer: Issuer::parse(ISSUER).unwrap(),
            code_lifetime: 60,
            app_secret: AppSecret::parse("0123456789abcdef0123456789abcdef").unwrap(),
        };
        let idp = Idp::open(store, clock.clone(), options).await.unwrap();
        Self { router: signet::router(App::new(idp.clone())), idp, clock, _database: database }
    }

    pub async fn create_user(&self, name: &str) {
        let draft = UserDraft {
            username: name.to_owned(),
            email: format!("{name}@example.com"),
            email_verified: true,
            enabled: true,
            name: "Alice Adams".to_owned(),
            given_name: "Alice".to_owned(),
            family_name: "Adams".to_owned(),
            middle_name: "Ann".to_owned(),
            nickname: "Al".to_owned(),
            preferred_username: name.to_owned(),
            profile: "https://example.com/alice".to_owned(),
            picture: "https://example.com/alice.png".to_owned(),
            website: "https://alice.example.com".to_owned(),
            gender: "female".to_owned(),
            birthdate: "1990-02-28".to_owned(),
            zoneinfo: "Europe/Paris".to_owned(),
            locale: "fr-FR".to_owned(),
            phone_number: "+33 1 23 45 67 89".to_owned(),
            phone_number_verified: true,
            street_address: "1 Rue de Rivoli".to_owned(),
            locality: "Paris".to_owned(),
            region: "Île-de-France".to_owned(),
            postal_code: "75001".to_owned(),
            country: "France".to_owned(),
            extra_claims: String::new(),
        };
        self.idp.create_user(&Actor::admin(), &draft, PASSWORD).await.unwrap();
    }

    /// A client called `id` that asks for every standard scope, changed as the test needs it.
    pub async fn create_client(&self, kind: ClientKind, id: &str, change: impl FnOnce(&mut ClientDraft, &mut PolicyDraft)) {
        let mut draft = ClientDraft {
            client_id: id.to_owned(),
            client_name: format!("The {id} app"),
            redirect_uris: CALLBACK.to_owned(),
            scope: "openid profile email address phone offline_access".to_owned(),
            ..ClientDraft::preset(kind)
        };
        let mut policy = PolicyDraft::from(&oauth::client::ClientPolicy::default());
        change(&mut draft, &mut policy);
        let secret = (draft.token_endpoint_auth_method != "none").then_some(SECRET);
        self.idp.create_client(&Actor::admin(), &draft, Some(&policy), secret).await.unwrap();
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// A browser in which alice is signed in.
    pub async fn signed_in(&self) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// `POST` of a form without cookies, as clients do; `auth` is `id:secret` for HTTP Basic.
    pub async fn post(&self, path: &str, auth: Option<&str>, fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(auth) = auth {
            request = request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(auth)));
        }
        self.send(request.body(Body::from(encode(fields))).unwrap()).await
    }

    /// `POST /token` of the client `web`.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        self.post("/token", Some(&format!("web:{SECRET}")), fields).await
    }

    pub async fn redeem(&self, code: &str) -> Answer {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)]).await
    }

    /// Tokens of alice for `web`, by the whole flow.
    pub async fn tokens(&self, scope: &str) -> Value {
        let mut browser = self.signed_in().await;
        let code = browser.authorize(&[("scope", scope)]).await;
        let answer = self.redeem(&code).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    pub async fn userinfo(&self, access_token: &str) -> Answer {
        let request = Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {access_token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn introspect(&self, token: &str) -> Value {
        self.post("/introspect", Some(&format!("web:{SECRET}")), &[("token", token)]).await.json()
    }
}

pub fn encode(fields: &[(&str, &str)]) -> String {
    oauth::form::Form::from_pairs(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()).encode()
}

/// The claims of a JWT, not verified: that is what the strangers are for.
pub fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The header of a JWT.
pub fn jwt_header(jwt: &str) -> Value {
    let header = jwt.split('.').next().unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}
