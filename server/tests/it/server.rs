//! A server to test: a database of its own, set up, with a user and clients.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp::clock::Clock;
use idp::outbound::OutboundOptions;
use idp::store::Store;
use idp::testing::{Kind, TestDatabase};
use idp::{Actor, AppSecret, Idp, Options, Tunables, UnknownScopes};
use oauth::client::{ClientDraft, ClientKind, PolicyDraft};
use oauth::id::Issuer;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use oauth::user::UserDraft;
use serde_json::Value;
use signet::Signet;
use tower::ServiceExt as _;

use crate::browser::{Answer, Browser};

/// When a test begins.
pub(crate) const START: i64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "http://127.0.0.1:8000";
pub(crate) const ADMIN_TOKEN: &str = "the-admin-token-of-the-tests";
pub(crate) const SECRET: &str = "a-client-secret-of-at-least-32-characters";
/// The cookies of a server at [`ISSUER`].
pub(crate) const SESSION_COOKIE: &str = "signet_session_8000";
pub(crate) const ADMIN_COOKIE: &str = "signet_admin_8000";
pub(crate) const CALLBACK: &str = "https://app.example/cb";
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The verifier of every test that uses PKCE, and its challenge.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A running server without a socket.
pub(crate) struct Server {
    pub(crate) router: Router,
    pub(crate) idp: Idp,
    pub(crate) clock: Clock,
    /// Keeps the database until the test is over.
    pub(crate) database: Arc<TestDatabase>,
}

impl Server {
    /// Set up, on SQLite, with alice and the clients `web` (confidential), `spa` (public) and `job` (machine).
    pub(crate) async fn start() -> Self {
        Self::start_on(Kind::Sqlite).await.unwrap()
    }

    /// The same on another database; `None` where there is none of that kind.
    pub(crate) async fn start_on(kind: Kind) -> Option<Self> {
        let server = Self::open(TestDatabase::create(kind).await?, ISSUER).await;
        server.fill().await;
        Some(server)
    }

    /// Another one on a database of the same kind, as new.
    pub(crate) async fn another(&self) -> Self {
        Self::start_on(self.database.kind()).await.unwrap()
    }

    /// The same under an https issuer.
    pub(crate) async fn start_https() -> Self {
        Self::start_at("https://id.example").await
    }

    /// The same under any issuer.
    pub(crate) async fn start_at(issuer: &str) -> Self {
        let server = Self::fresh_at(issuer).await;
        server.fill().await;
        server
    }

    /// Under any issuer, on SQLite, not set up yet.
    pub(crate) async fn fresh_at(issuer: &str) -> Self {
        Self::open(TestDatabase::create(Kind::Sqlite).await.unwrap(), issuer).await
    }

    /// The same server behind a proxy that takes the path of the issuer off requests.
    pub(crate) fn behind_a_proxy_that_strips_the_path(self) -> Self {
        Self { router: signet::router(Signet::new(self.idp.clone()).with_stripped_path(true)), ..self }
    }

    /// On SQLite, not set up yet.
    pub(crate) async fn fresh() -> Self {
        Self::fresh_on(Kind::Sqlite).await.unwrap()
    }

    /// The same on another database; `None` where there is none of that kind.
    pub(crate) async fn fresh_on(kind: Kind) -> Option<Self> {
        Some(Self::open(TestDatabase::create(kind).await?, ISSUER).await)
    }

    /// The same server with `/dev/*`.
    pub(crate) fn with_dev_endpoints(self) -> Self {
        Self { router: signet::router(Signet::new(self.idp.clone()).with_dev_endpoints(true)), ..self }
    }

    /// The same server with limits and delays, which tests do without otherwise; `settings` as in the environment.
    pub(crate) fn with_guard(self, settings: &[(&str, &str)]) -> Self {
        let find = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let config = signet::config::Config::read(find).unwrap();
        Self { router: signet::router(Signet::new(self.idp.clone()).with_guard(&config.guard)), ..self }
    }

    /// The same server with `check_session_iframe`.
    pub(crate) fn with_session_management(self) -> Self {
        Self { router: signet::router(Signet::new(self.idp.clone()).with_session_management(true)), ..self }
    }

    /// The same server, with `LEGACY_RESPONSE_TYPES` on or off.
    pub(crate) async fn with_legacy_response_types(self, legacy_response_types: bool) -> Self {
        let tunables = Tunables { legacy_response_types, ..Tunables::default() };
        let idp = self.reopen(tunables, OutboundOptions::default()).await;
        Self { router: signet::router(Signet::new(idp.clone())), idp, ..self }
    }

    /// The same server with all of these settings, as in the environment; it may ask these hosts.
    pub(crate) async fn with_settings(self, settings: &[(&str, &str)], outbound: OutboundOptions) -> Self {
        let find = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let config = signet::config::Config::read(find).unwrap();
        let idp = self.reopen(config.tunables, outbound).await;
        let signet =
            Signet::new(idp.clone()).with_session_management(config.session_management).with_guard(&config.guard);
        Self { router: signet::router(signet), idp, ..self }
    }

    async fn reopen(&self, tunables: Tunables, outbound: OutboundOptions) -> Idp {
        let issuer = self.idp.issuer().as_str().to_owned();
        Self::open_provider_with(self.database.url(), &issuer, self.clock.clone(), tunables, outbound).await
    }

    /// Another process on the same database.
    pub(crate) async fn restart(self) -> Self {
        self.idp.close().await;
        let restarted = Self::open(self.database, self.idp.issuer().as_str()).await;
        restarted.clock.set(self.clock.now());
        restarted
    }

    /// The same server, and it may ask these hosts for documents.
    pub(crate) async fn asking(self, outbound: OutboundOptions) -> Self {
        let issuer = self.idp.issuer().as_str().to_owned();
        let idp = Self::open_provider_asking(self.database.url(), &issuer, self.clock.clone(), outbound).await;
        Self { router: signet::router(Signet::new(idp.clone())), idp, ..self }
    }

    /// Another node on the same database, with its own doors.
    pub(crate) async fn another_node(&self) -> Self {
        self.on(&self.open_node().await)
    }

    /// The doors of another node.
    pub(crate) fn on(&self, node: &Idp) -> Self {
        let (clock, database) = (self.clock.clone(), self.database.clone());
        Self { router: signet::router(Signet::new(node.clone())), idp: node.clone(), clock, database }
    }

    async fn open(database: impl Into<Arc<TestDatabase>>, issuer: &str) -> Self {
        let database = database.into();
        let clock = Clock::fixed(Timestamp(START));
        let idp = Self::open_provider(database.url(), issuer, clock.clone()).await;
        Self { router: signet::router(Signet::new(idp.clone())), idp, clock, database }
    }

    pub(crate) async fn open_provider(url: &str, issuer: &str, clock: Clock) -> Idp {
        Self::open_provider_asking(url, issuer, clock, OutboundOptions::default()).await
    }

    async fn open_provider_asking(url: &str, issuer: &str, clock: Clock, outbound: OutboundOptions) -> Idp {
        Self::open_provider_with(url, issuer, clock, Tunables::default(), outbound).await
    }

    async fn open_provider_with(
        url: &str,
        issuer: &str,
        clock: Clock,
        tunables: Tunables,
        outbound: OutboundOptions,
    ) -> Idp {
        let store = Store::connect(url, 8).await.unwrap();
        migration::migrate(store.connection()).await.unwrap();
        let options = Options {
            issuer: Issuer::parse(issuer).unwrap(),
            app_secret: AppSecret::parse("0123456789abcdef0123456789abcdef").unwrap(),
            tunables,
            outbound,
        };
        Idp::open(store, clock, options).await.unwrap()
    }

    /// Another node on the same database, with the same clock.
    pub(crate) async fn open_node(&self) -> Idp {
        Self::open_provider(self.database.url(), ISSUER, self.clock.clone()).await
    }

    async fn fill(&self) {
        self.idp.set_up(Some(&Secret::new(ADMIN_TOKEN))).await.unwrap();
        self.create_user("alice").await;
        self.create_client(ClientKind::Web, "web", |_, _| {}).await;
        self.create_client(ClientKind::Spa, "spa", |_, _| {}).await;
        self.create_client(ClientKind::Machine, "job", |draft, _| draft.scope = "email".to_owned()).await;
    }

    pub(crate) async fn create_user(&self, name: &str) {
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
    pub(crate) async fn create_client(
        &self,
        kind: ClientKind,
        id: &str,
        change: impl FnOnce(&mut ClientDraft, &mut PolicyDraft),
    ) {
        let mut draft = ClientDraft {
            client_id: id.to_owned(),
            client_name: format!("The {id} app"),
            redirect_uris: CALLBACK.to_owned(),
            scope: "openid profile email address phone offline_access".to_owned(),
            ..ClientDraft::preset(kind)
        };
        let mut policy = PolicyDraft::default();
        change(&mut draft, &mut policy);
        let secret = draft.token_endpoint_auth_method.starts_with("client_secret").then_some(SECRET);
        self.idp.create_client(&Actor::admin(), &draft, Some(&policy), secret, UnknownScopes::Refuse).await.unwrap();
    }

    /// Changes members of a client's policy.
    pub(crate) async fn set_policy(&self, client_id: &str, policy: &Value) {
        let request = Request::post(format!("/admin/clients/{client_id}/policy"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-admin-token", ADMIN_TOKEN);
        let answer = self.send(request.body(Body::from(policy.to_string())).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// All that the SQLite file and its log hold.
    pub(crate) fn database_bytes(&self) -> Vec<u8> {
        let path = self.database.url().trim_start_matches("sqlite:///");
        let log = std::fs::read(format!("{path}-wal")).unwrap_or_default();
        [std::fs::read(path).unwrap(), log].concat()
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// A browser in which alice is signed in.
    pub(crate) async fn signed_in(&self) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// A browser in which the console is open.
    pub(crate) async fn console(&self) -> Browser<'_> {
        self.console_with(ADMIN_TOKEN).await
    }

    /// The same, with another admin token.
    pub(crate) async fn console_with(&self, admin_token: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.post("/admin/login", &[("token", admin_token)]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/admin/ui"), "{}", answer.body);
        // The event of that is there before whatever a test does.
        self.idp.flush_activity().await;
        browser
    }

    /// `POST` of a form without cookies, as clients do; `auth` is `id:secret` for HTTP Basic.
    pub(crate) async fn post(&self, path: &str, auth: Option<&str>, fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(auth) = auth {
            request = request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(auth)));
        }
        self.send(request.body(Body::from(encode(fields))).unwrap()).await
    }

    /// `POST /token` of the client `web`.
    pub(crate) async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        self.post("/token", Some(&format!("web:{SECRET}")), fields).await
    }

    pub(crate) async fn redeem(&self, code: &str) -> Answer {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)]).await
    }

    pub(crate) async fn refresh(&self, tokens: &Value) -> Answer {
        let refresh_token = tokens["refresh_token"].as_str().unwrap();
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    /// Tokens of alice for `web`, by the whole flow.
    pub(crate) async fn tokens(&self, scope: &str) -> Value {
        let mut browser = self.signed_in().await;
        self.tokens_in(&mut browser, &[("scope", scope)]).await
    }

    /// Tokens for `web` of whoever is signed in in `browser`.
    pub(crate) async fn tokens_in(&self, browser: &mut Browser<'_>, parameters: &[(&str, &str)]) -> Value {
        let code = browser.authorize(parameters).await;
        let answer = self.redeem(&code).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    /// Tokens for a client that acts for itself.
    pub(crate) async fn machine_token(&self, scope: &str) -> Answer {
        self.post("/token", Some(&format!("job:{SECRET}")), &[("grant_type", "client_credentials"), ("scope", scope)])
            .await
    }

    pub(crate) async fn userinfo(&self, access_token: &str) -> Answer {
        let request = Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {access_token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// `POST /introspect` of the client `web`.
    pub(crate) async fn introspect(&self, token: &str) -> Value {
        self.introspect_as("web", token).await
    }

    /// The same of another client.
    pub(crate) async fn introspect_as(&self, client: &str, token: &str) -> Value {
        self.post("/introspect", Some(&format!("{client}:{SECRET}")), &[("token", token)]).await.json()
    }
}

/// A member of a token response.
pub(crate) fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("no {name} in {tokens}"))
}

pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    oauth::form::Form::from_pairs(
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    )
    .encode()
}

/// The claims of a JWT, not verified: that is what the strangers are for.
pub(crate) fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The header of a JWT.
pub(crate) fn jwt_header(jwt: &str) -> Value {
    let header = jwt.split('.').next().unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}
