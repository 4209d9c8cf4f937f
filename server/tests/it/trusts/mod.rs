//! Assertions of issuers that are trusted here, and those that this server gives (RFC 7523, RFC 8693).

mod agents;
mod attacks;
mod bound;
pub(crate) mod exchange;
pub(crate) mod given;
mod issuers;
mod pairs;
mod pairwise;
mod people;
mod workloads;

use axum::http::HeaderName;
use idp::Actor;
use idp::testing::Kind;
use oauth::client::{ClientKind, GrantType};
use oauth::id::TrustId;
use oauth::resource::{ResourceDraft, ResourceScopeDraft};
use oauth::trust::{TrustDraft, TrustKind};
use serde_json::{Map, Value, json};

use crate::assertion::Key;
use crate::browser::Answer;
use crate::server::{ISSUER, SECRET, Server};

const IDP: &str = "https://idp.example";
const CI: &str = "https://ci.example";
const NOTES: &str = "https://notes.example/mcp";
const MAPS: &str = "https://maps.example/mcp";
pub(crate) const ID_JAG: &str = "oauth-id-jag+jwt";
const JWT_BEARER: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");

/// A server with the resources `NOTES` (scopes `read`, by default, and `write`) and `MAPS` (scope `see`), the clients `app`
/// (confidential) and `deploy` (a machine), both for assertions, and the issuers `IDP` and `CI`.
pub(crate) struct World {
    pub(crate) server: Server,
    key: Key,
    idp: TrustId,
    ci: TrustId,
}

impl World {
    async fn start() -> Self {
        Self::start_on(Kind::Sqlite).await.unwrap()
    }

    async fn start_on(kind: Kind) -> Option<Self> {
        Some(Self::of(Server::start_on(kind).await?).await)
    }

    pub(crate) async fn of(server: Server) -> Self {
        let key = Key::new("k");
        let scope = |name: &str, default| ResourceScopeDraft { name: name.into(), description: String::new(), default };
        for (identifier, scopes) in
            [(NOTES, vec![scope("read", true), scope("write", false)]), (MAPS, vec![scope("see", false)])]
        {
            let draft = ResourceDraft {
                identifier: identifier.into(),
                name: identifier.into(),
                scopes,
                ..ResourceDraft::preset()
            };
            server.idp.create_resource(&Actor::admin(), &draft).await.unwrap();
        }
        for (kind, id) in [(ClientKind::Web, "app"), (ClientKind::Machine, "deploy")] {
            server
                .create_client(kind, id, |draft, _| {
                    draft.grant_types.push(GrantType::JwtBearer.to_string());
                    draft.grant_types.push(GrantType::TokenExchange.to_string());
                    if kind == ClientKind::Machine {
                        draft.scope.clear();
                    }
                })
                .await;
        }
        let idp = add(&server, TrustKind::IdentityProvider, |draft| {
            draft.issuer = IDP.into();
            draft.jwks = key.set().to_string();
            draft.accounts = "verified_email".into();
        })
        .await;
        let ci = add(&server, TrustKind::WorkloadIssuer, |draft| {
            draft.issuer = CI.into();
            draft.jwks = key.set().to_string();
            draft.rules = "deploy repository=acme/shop environment=production".into();
        })
        .await;
        Self { server, key, idp, ci }
    }

    /// An assertion about alice for `app`, with one claim changed; null takes it away.
    fn identity(&self, jti: &str, name: &str, value: Value) -> String {
        let now = self.server.clock.now().0;
        let claims = json!({
            "iss": IDP, "sub": "00u1", "aud": ISSUER, "client_id": "app", "jti": jti, "iat": now, "exp": now + 300,
            "resource": NOTES, "scope": "read write", "email": "alice@example.com", "email_verified": true,
        });
        self.key.sign_as(Some(ID_JAG), changed(claims, name, value))
    }

    /// An assertion about a program, with one claim changed.
    fn workload(&self, jti: &str, name: &str, value: Value) -> String {
        let now = self.server.clock.now().0;
        let claims = json!({
            "iss": CI, "sub": "repo:acme/shop", "aud": format!("{ISSUER}/token"), "jti": jti, "iat": now,
            "exp": now + 3_600, "repository": "acme/shop", "environment": "production",
        });
        self.key.sign_as(Some("JWT"), changed(claims, name, value))
    }

    /// The answer to `app` about an assertion.
    async fn bring(&self, assertion: &str, more: &[(&str, &str)]) -> Answer {
        let fields = [&[JWT_BEARER, ("assertion", assertion)], more].concat();
        self.server.post("/token", Some(&format!("app:{SECRET}")), &fields).await
    }

    /// The answer to a program that says nothing but its assertion.
    async fn say(&self, assertion: &str, more: &[(&str, &str)]) -> Answer {
        let fields = [&[JWT_BEARER, ("assertion", assertion)], more].concat();
        self.server.post("/token", None, &fields).await
    }

    /// The reason of a refusal, as an administrator finds it.
    async fn reason(&self, answer: &Answer) -> String {
        let id = answer.headers[&HeaderName::from_static("x-request-id")].to_str().unwrap();
        let events = self.server.events(&format!("request_id={id}")).await;
        events[0]["facts"]["description"].as_str().unwrap_or_default().to_owned()
    }

    async fn change(&self, id: &TrustId, change: impl FnOnce(&mut TrustDraft)) {
        change_trust(&self.server, id, change).await;
    }
}

async fn change_trust(server: &Server, id: &TrustId, change: impl FnOnce(&mut TrustDraft)) {
    let mut draft = TrustDraft::from(&server.idp.get_trust(id).await.unwrap().trust);
    change(&mut draft);
    server.idp.update_trust(&Actor::admin(), id, None, &draft).await.unwrap();
}

pub(crate) async fn add(server: &Server, kind: TrustKind, change: impl FnOnce(&mut TrustDraft)) -> TrustId {
    let mut draft = TrustDraft::preset(kind);
    change(&mut draft);
    server.idp.create_trust(&Actor::admin(), &draft).await.unwrap().id
}

fn changed(mut claims: Value, name: &str, value: Value) -> Map<String, Value> {
    if !name.is_empty() {
        claims[name] = value;
    }
    claims.as_object().unwrap().clone().into_iter().filter(|(_, value)| !value.is_null()).collect()
}

#[track_caller]
fn refused(answer: &Answer, why: &str) {
    assert_eq!(answer.error(), (400, "invalid_grant".to_owned()), "{}", answer.body);
    assert!(answer.body.contains(why), "{why}: {}", answer.body);
}
