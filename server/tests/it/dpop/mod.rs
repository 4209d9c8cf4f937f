//! Proofs of possession (DPoP, RFC 9449), named for the modules of the conformance suite where they match.

mod binding;
mod codes;
mod proofs;
mod races;
mod refresh;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jws::{self, JwsSigner};
use oauth::client::ClientKind;
use oauth::jwk::PublicJwk;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, CHALLENGE, SECRET, Server, VERIFIER, encode, text};

const MACHINE: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "email")];

/// Somebody who has a key and proves it.
pub(crate) struct Holder {
    jwk: Jwk,
    alg: &'static str,
}

impl Holder {
    pub(crate) fn new() -> Self {
        Self::by("ES256")
    }

    pub(crate) fn by(alg: &'static str) -> Self {
        let jwk = match alg {
            "ES256" => Jwk::generate_ec_key(EcCurve::P256),
            "EdDSA" | "Ed25519" => Jwk::generate_ed_key(EdCurve::Ed25519),
            _ => Jwk::generate_rsa_key(2_048),
        };
        Self { jwk: jwk.unwrap(), alg }
    }

    pub(crate) fn public(&self) -> Value {
        serde_json::to_value(self.jwk.to_public_key().unwrap().as_ref()).unwrap()
    }

    pub(crate) fn jkt(&self) -> String {
        let jwk: Map<String, Value> = self.public().as_object().unwrap().clone();
        PublicJwk::parse(&jwk).unwrap().key.thumbprint().as_str().to_owned()
    }

    fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": self.alg, "jwk": self.public() })
    }

    /// A JWS of anything.
    #[expect(clippy::disallowed_methods, reason = "the key of somebody else, not one of the ring")]
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signer: Box<dyn JwsSigner> = match self.alg {
            "ES256" => Box::new(jws::ES256.signer_from_jwk(&self.jwk).unwrap()),
            "EdDSA" | "Ed25519" => Box::new(jws::EdDSA.signer_from_jwk(&self.jwk).unwrap()),
            "PS256" => Box::new(jws::PS256.signer_from_jwk(&self.jwk).unwrap()),
            _ => Box::new(jws::RS256.signer_from_jwk(&self.jwk).unwrap()),
        };
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(header), part(claims));
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(input.as_bytes()).unwrap());
        format!("{input}.{signature}")
    }

    /// The claims of a good proof of a request to `server`.
    fn claims(server: &Server, method: &str, path: &str) -> Value {
        let jti = idp::random::token();
        json!({ "jti": jti, "htm": method, "htu": server.idp.issuer().url(path), "iat": server.clock.now().0 })
    }

    /// A good proof for the token endpoint.
    pub(crate) fn proof(&self, server: &Server) -> String {
        self.sign(&self.header(), &Self::claims(server, "POST", "/token"))
    }

    /// A good proof of a POST to an address.
    pub(crate) fn proof_at(&self, server: &Server, htu: &str) -> String {
        self.sign(&self.header(), &changed(Self::claims(server, "POST", "/token"), "htu", json!(htu)))
    }

    /// The same for `/par`.
    pub(crate) fn proof_for_par(&self, server: &Server) -> String {
        self.sign(&self.header(), &Self::claims(server, "POST", "/par"))
    }

    /// The claims of a good proof for `GET /userinfo` with a token.
    fn claims_with(server: &Server, token: &str) -> Value {
        changed(Self::claims(server, "GET", "/userinfo"), "ath", json!(URL_SAFE_NO_PAD.encode(Sha256::digest(token))))
    }

    /// A good proof for it.
    pub(crate) fn proof_with(&self, server: &Server, token: &str) -> String {
        self.sign(&self.header(), &Self::claims_with(server, token))
    }
}

/// An object with one member changed; null takes it away.
fn changed(mut object: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => object.as_object_mut().unwrap().remove(name),
        value => object.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    object
}

impl Server {
    /// `POST` of a form with a proof.
    pub(crate) async fn prove(
        &self,
        path: &str,
        auth: Option<&str>,
        proof: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(auth) = auth {
            request = request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(auth)));
        }
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        self.send(request.body(Body::from(encode(fields))).unwrap()).await
    }

    /// The machine `job` asks for a token.
    async fn job(&self, proof: Option<&str>) -> Answer {
        self.prove("/token", Some(&format!("job:{SECRET}")), proof, &MACHINE).await
    }

    /// `GET /userinfo` by a scheme.
    pub(crate) async fn userinfo_by(&self, scheme: &str, token: &str, proof: Option<&str>) -> Answer {
        let mut request = Request::get("/userinfo").header(header::AUTHORIZATION, format!("{scheme} {token}"));
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// The same by the holder of its key.
    pub(crate) async fn userinfo_of(&self, holder: &Holder, token: &str) -> Answer {
        self.userinfo_by("DPoP", token, Some(&holder.proof_with(self, token))).await
    }

    /// The public client `app`, with a proof or without.
    async fn app(&self, proof: Option<&str>, fields: &[(&str, &str)]) -> Answer {
        self.prove("/token", None, proof, &[&[("client_id", "app")], fields].concat()).await
    }

    async fn redeem_app(&self, proof: Option<&str>, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.app(proof, &fields).await
    }

    pub(crate) async fn refresh_app(&self, proof: Option<&str>, token: &str) -> Answer {
        self.app(proof, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Adds the public client `app`, whose access tokens have this format.
    pub(crate) async fn with_app(&self, format: &str) {
        self.create_client(ClientKind::Spa, "app", |_, policy| policy.token_format = format.to_owned()).await;
    }

    /// Tokens of alice for `app`, bound to the key of `holder`.
    pub(crate) async fn bound_tokens(&self, holder: &Holder) -> Value {
        let code = code_for_app(&mut self.signed_in().await, &[]).await;
        let answer = self.redeem_app(Some(&holder.proof(self)), &code).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.json()["token_type"], "DPoP");
        answer.json()
    }
}

/// A code for `app`.
async fn code_for_app(browser: &mut Browser<'_>, more: &[(&str, &str)]) -> String {
    let usual = [
        ("client_id", "app"),
        ("scope", "openid email offline_access"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    browser.authorize(&[&usual[..], more].concat()).await
}

fn access(tokens: &Value) -> &str {
    text(tokens, "access_token")
}

fn refresh(tokens: &Value) -> &str {
    text(tokens, "refresh_token")
}

#[track_caller]
fn refused(answer: &Answer, error: &str) {
    assert_eq!(answer.error(), (400, error.to_owned()), "{}", answer.body);
}

/// Seen by `/userinfo`.
#[track_caller]
fn unseen(answer: &Answer, scheme: &str, error: &str) {
    assert_eq!(answer.error(), (401, error.to_owned()), "{}", answer.body);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with(&format!("{scheme} ")) && challenge.contains(error), "{challenge}");
    assert_eq!(challenge.contains("algs=\"RS256 PS256 ES256 EdDSA Ed25519\""), scheme == "DPoP", "{challenge}");
}
