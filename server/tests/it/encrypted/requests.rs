//! Request objects that are signed and then encrypted to a key of this server (RFC 9101 §6.1).

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use idp::testing::site::{Authority, Reply, TestSite};
use josekit::jwe::{self, JweEncrypter, JweHeader};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use oauth::client::{ClientDraft, ClientKind};
use serde_json::{Map, Value, json};

use super::{Reader, encrypt, pairs};
use crate::assertion::Key;
use crate::browser::Browser;
use crate::concurrency::on_every_database;
use crate::server::{CALLBACK, ISSUER, SECRET, START, Server, encode};

on_every_database!(an_encrypted_request_is_answered_wherever_it_comes);

/// The key of the server to which requests are encrypted, as a client finds it.
pub(super) async fn published(server: &Server) -> Value {
    let set = server.browser().get("/.well-known/jwks.json").await.json();
    let keys: Vec<_> = set["keys"].as_array().unwrap().iter().filter(|key| key["use"] == "enc").cloned().collect();
    assert_eq!(keys.len(), 1, "{set}");
    keys[0].clone()
}

/// Encryption as the client of a server does it.
pub(super) struct Sealing {
    pub(super) key: Value,
    pub(super) alg: String,
    pub(super) enc: String,
    /// Members of the header.
    pub(super) header: Vec<(&'static str, Value)>,
}

impl Sealing {
    pub(super) async fn to(server: &Server) -> Self {
        let key = published(server).await;
        Self { key, alg: "ECDH-ES+A128KW".to_owned(), enc: "A128CBC-HS256".to_owned(), header: Vec::new() }
    }

    fn by(self, alg: &str, enc: &str) -> Self {
        Self { alg: alg.to_owned(), enc: enc.to_owned(), ..self }
    }

    fn with(self, name: &'static str, value: Value) -> Self {
        Self { header: vec![(name, value)], ..self }
    }

    pub(super) fn seal(&self, content: &str) -> String {
        let key = Jwk::from_map(self.key.as_object().unwrap().clone()).unwrap();
        let encrypter: Box<dyn JweEncrypter> = match &*self.alg {
            "ECDH-ES" => Box::new(jwe::ECDH_ES.encrypter_from_jwk(&key).unwrap()),
            "ECDH-ES+A128KW" => Box::new(jwe::ECDH_ES_A128KW.encrypter_from_jwk(&key).unwrap()),
            "ECDH-ES+A192KW" => Box::new(jwe::ECDH_ES_A192KW.encrypter_from_jwk(&key).unwrap()),
            _ => Box::new(jwe::ECDH_ES_A256KW.encrypter_from_jwk(&key).unwrap()),
        };
        self.seal_by(content, &*encrypter)
    }

    fn seal_by(&self, content: &str, encrypter: &dyn JweEncrypter) -> String {
        let mut header = JweHeader::new();
        header.set_content_encryption(&self.enc);
        header.set_content_type("JWT");
        for (name, value) in &self.header {
            header.set_claim(name, Some(value.clone())).unwrap();
        }
        jwe::serialize_compact(content.as_bytes(), &header, encrypter).unwrap()
    }
}

/// The request of the client `signer`.
fn claims() -> Map<String, Value> {
    let claims = json!({
        "iss": "signer", "aud": ISSUER, "exp": START + 300, "iat": START, "client_id": "signer", "response_type": "code",
        "redirect_uri": CALLBACK, "scope": "openid email", "state": "s-1", "nonce": "n-1",
    });
    claims.as_object().unwrap().clone()
}

async fn start(change: impl FnOnce(&mut ClientDraft)) -> (Server, Key) {
    let (server, key) = (Server::start().await, Key::new("a"));
    register(&server, &key, change).await;
    (server, key)
}

async fn register(server: &Server, key: &Key, change: impl FnOnce(&mut ClientDraft)) {
    server
        .create_client(ClientKind::Web, "signer", |draft, policy| {
            draft.jwks = key.set().to_string();
            policy.consent_policy = "skip".to_owned();
            change(draft);
        })
        .await;
}

fn address(name: &str, value: &str) -> String {
    format!("/authorize?{}", encode(&[("client_id", "signer"), (name, value)]))
}

/// The description of the refusal, which the person is shown.
async fn refusal(browser: &mut Browser<'_>, object: &str) -> String {
    let beside = [("client_id", "signer"), ("request", object), ("redirect_uri", CALLBACK), ("state", "b")];
    let answer = browser.get(&format!("/authorize?{}", encode(&beside))).await;
    assert_eq!(answer.query().text("error"), "invalid_request_object", "{} {}", answer.location(), answer.body);
    answer.query().text("error_description")
}

async fn an_encrypted_request_is_answered_wherever_it_comes(server: Server) {
    let (key, authority) = (Key::new("a"), Authority::default());
    let shown = Arc::new(Mutex::new(String::new()));
    let reply = shown.clone();
    let site = TestSite::start(&authority, move |_| Reply::ok("application/jwt", reply.lock().unwrap().clone())).await;
    let server = server.asking(site.options(&authority)).await;
    let uri = site.url("/request");
    register(&server, &key, |draft| draft.request_uris.clone_from(&uri)).await;
    let object = Sealing::to(&server).await.seal(&key.sign(claims()));
    *shown.lock().unwrap() = object.clone();
    // By value, with a login between.
    let mut browser = server.browser();
    let login = browser.get(&address("request", &object)).await;
    assert!(login.location().starts_with("/login"), "{}", login.body);
    server.clock.advance(500);
    let answer = browser.sign_in_at(&login).await;
    assert_eq!(answer.query().text("state"), "s-1", "{} {}", answer.location(), answer.body);
    assert!(!answer.query().text("code").is_empty(), "{}", answer.location());
    // By reference, and pushed.
    let object = Sealing::to(&server).await.seal(&key.sign({
        let mut claims = claims();
        claims["exp"] = json!(START + 900);
        claims
    }));
    *shown.lock().unwrap() = object.clone();
    let answer = browser.get(&address("request_uri", &uri)).await;
    assert!(!answer.query().text("code").is_empty(), "{} {}", answer.location(), answer.body);
    let pushed = server.post("/par", Some(&format!("signer:{SECRET}")), &[("request", &object)]).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let answer = browser.get(&address("request_uri", pushed.json()["request_uri"].as_str().unwrap())).await;
    assert_eq!(answer.query().text("state"), "s-1", "{} {}", answer.location(), answer.body);
}

#[tokio::test]
async fn requests_are_decrypted_by_each_algorithm_that_discovery_lists() {
    let (server, key) = start(|_| {}).await;
    let mut browser = server.signed_in().await;
    let signed = key.sign(claims());
    for (alg, enc) in pairs(&server, "request_object").await {
        let object = Sealing::to(&server).await.by(&alg, &enc).seal(&signed);
        let answer = browser.get(&address("request", &object)).await;
        assert_eq!(answer.query().text("state"), "s-1", "{alg} {enc}: {} {}", answer.location(), answer.body);
    }
    for (name, value) in [
        ("cty", json!("oauth-authz-req+jwt")),
        ("typ", json!("oauth-authz-req+jwt")),
        ("apu", json!("QWxpY2U")),
        ("apv", json!("Qm9i")),
    ] {
        let object = Sealing::to(&server).await.with(name, value).seal(&signed);
        let answer = browser.get(&address("request", &object)).await;
        assert_eq!(answer.query().text("state"), "s-1", "{name}: {} {}", answer.location(), answer.body);
    }
    // A client that names no key means the one that is published.
    let mut sealing = Sealing::to(&server).await;
    sealing.key.as_object_mut().unwrap().remove("kid");
    let answer = browser.get(&address("request", &sealing.seal(&signed))).await;
    assert_eq!(answer.query().text("state"), "s-1", "{}", answer.body);
    // Signed requests are as good as before.
    let answer = browser.get(&address("request", &signed)).await;
    assert_eq!(answer.query().text("state"), "s-1", "{}", answer.body);
}

#[tokio::test]
async fn a_client_that_chose_algorithms_sends_nothing_encrypted_otherwise() {
    let (server, key) = start(|draft| {
        draft.request_object_encryption_alg = "ECDH-ES".to_owned();
        draft.request_object_encryption_enc = "A256GCM".to_owned();
    })
    .await;
    let mut browser = server.signed_in().await;
    let signed = key.sign(claims());
    for (alg, enc) in pairs(&server, "request_object").await {
        let object = Sealing::to(&server).await.by(&alg, &enc).seal(&signed);
        if (&*alg, &*enc) == ("ECDH-ES", "A256GCM") {
            let answer = browser.get(&address("request", &object)).await;
            assert_eq!(answer.query().text("state"), "s-1", "{}", answer.body);
        } else {
            assert!(refusal(&mut browser, &object).await.contains("other algorithms"), "{alg} {enc}");
        }
    }
    // It may leave the encryption out (OpenID Connect Registration section 2).
    let answer = browser.get(&address("request", &signed)).await;
    assert_eq!(answer.query().text("state"), "s-1", "{}", answer.body);
    encrypt(&server, "request_object", "ECDH-ES", "").await;
}

#[tokio::test]
async fn what_is_in_it_is_signed_once_and_by_the_client() {
    let (server, key) = start(|_| {}).await;
    let mut browser = server.signed_in().await;
    let sealing = Sealing::to(&server).await;
    let none = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.";
    for (content, said) in [
        (none.to_owned(), "not signed"),
        (Value::Object(claims()).to_string(), "not a signed JWT"),
        (String::new(), "not a signed JWT"),
        (Key::new("a").sign(claims()), "no key of the client"),
        (sealing.seal(&key.sign(claims())), "not a signed JWT"),
        ("x".repeat(9_000), "longer than 8 KiB"),
    ] {
        let said_here = refusal(&mut browser, &sealing.seal(&content)).await;
        assert!(said_here.contains(said), "{said}: {said_here}");
        let pushed =
            server.post("/par", Some(&format!("signer:{SECRET}")), &[("request", &sealing.seal(&content))]).await;
        assert_eq!(pushed.error(), (400, "invalid_request_object".to_owned()), "{said}: {}", pushed.body);
    }
}

/// Changes one octet of a part, or one character where it is none.
fn damage(compact: &str, part: usize) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut parts: Vec<_> = compact.split('.').map(str::to_owned).collect();
    let mut bytes = URL_SAFE_NO_PAD.decode(&parts[part]).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    parts[part] = URL_SAFE_NO_PAD.encode(bytes);
    parts.join(".")
}

#[tokio::test]
async fn whatever_is_wrong_with_a_key_or_a_content_is_one_and_the_same() {
    let (server, key) = start(|_| {}).await;
    let mut browser = server.signed_in().await;
    let signed = key.sign(claims());
    for (alg, enc) in pairs(&server, "request_object").await {
        let good = Sealing::to(&server).await.by(&alg, &enc).seal(&signed);
        let wrapped = usize::from(alg == "ECDH-ES");
        let mut damaged: Vec<_> = (1 + wrapped..5).map(|part| damage(&good, part)).collect();
        // A key of somebody else under the name of ours, and one that nobody has.
        let mut of_other = Sealing::to(&server).await.by(&alg, &enc);
        let other = Jwk::generate_ec_key(EcCurve::P256).unwrap();
        for name in ["x", "y"] {
            of_other.key[name] = other.parameter(name).unwrap().clone();
        }
        damaged.push(of_other.seal(&signed));
        of_other.key["kid"] = json!("nobody");
        damaged.push(of_other.seal(&signed));
        // Another header than the one that was authenticated.
        let (header, rest) = good.split_once('.').unwrap();
        let header = crate::server::jwt_header(&format!("{header}."));
        let mut other_header = header.clone();
        other_header["apu"] = json!("QWxpY2U");
        use base64::Engine as _;
        let encode = |header: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header.to_string());
        damaged.push(format!("{}.{rest}", encode(&other_header)));
        // A point that is on no curve.
        let mut off_curve = header;
        off_curve["epk"]["y"] = off_curve["epk"]["x"].clone();
        damaged.push(format!("{}.{rest}", encode(&off_curve)));
        for object in damaged {
            let said = refusal(&mut browser, &object).await;
            assert_eq!(said, "the request object cannot be decrypted", "{alg} {enc}");
        }
    }
}

#[tokio::test]
async fn what_is_dangerous_is_refused_by_its_name() {
    let (server, key) = start(|_| {}).await;
    let mut browser = server.signed_in().await;
    let signed = key.sign(claims());
    let sealing = async || Sealing::to(&server).await;
    let bomb = sealing().await.with("zip", json!("DEF")).seal(&"A".repeat(10 << 20));
    assert!(bomb.len() > 12 << 10, "{}", bomb.len());
    let rsa = Reader::rsa("r").0.to_public_key().unwrap();
    #[expect(deprecated, reason = "it must be refused")]
    let rsa_1_5 = jwe::RSA1_5.encrypter_from_jwk(&rsa).unwrap();
    let rsa_oaep = jwe::RSA_OAEP.encrypter_from_jwk(&rsa).unwrap();
    let rsa_oaep_256 = jwe::RSA_OAEP_256.encrypter_from_jwk(&rsa).unwrap();
    let mut password = jwe::PBES2_HS256_A128KW.encrypter_from_bytes(SECRET).unwrap();
    password.set_iter_count(10_000);
    let with_critical = {
        use base64::Engine as _;
        let good = sealing().await.seal(&signed);
        let (_, rest) = good.split_once('.').unwrap();
        let mut header = crate::server::jwt_header(&good);
        header["crit"] = json!(["exp"]);
        format!("{}.{rest}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header.to_string()))
    };
    for (object, said) in [
        (sealing().await.with("zip", json!("DEF")).seal(&signed), "zip"),
        (bomb, "longer than 12 KiB"),
        (with_critical, "crit"),
        (sealing().await.with("jku", json!("https://evil.example/k")).seal(&signed), "jku"),
        (sealing().await.with("cty", json!("text/plain")).seal(&signed), "cty"),
        (
            sealing().await.by("", "A128GCM").seal_by(&signed, &jwe::Dir.encrypter_from_bytes([7; 16]).unwrap()),
            "algorithm",
        ),
        (sealing().await.seal_by(&signed, &rsa_1_5), "algorithm"),
        (sealing().await.seal_by(&signed, &rsa_oaep), "algorithm"),
        (sealing().await.seal_by(&signed, &rsa_oaep_256), "algorithm"),
        (sealing().await.seal_by(&signed, &password), "p2c"),
        (sealing().await.by("ECDH-ES+A192KW", "A128GCM").seal(&signed), "algorithm"),
        (sealing().await.by("ECDH-ES", "A192GCM").seal(&signed), "algorithm"),
        ("a.b.c.d.e".to_owned(), "not an encrypted JWT"),
        ("....".to_owned(), "not an encrypted JWT"),
    ] {
        let said_here = refusal(&mut browser, &object).await;
        assert!(said_here.contains(said), "{said}: {said_here}");
    }
}
