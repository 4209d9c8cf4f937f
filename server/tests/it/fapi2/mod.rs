//! FAPI 2.0, as the modules of the conformance suite ask for it: a client of the profile, with its keys, and its requests.

mod assertions;
mod codes;
mod requests;
mod signing;
mod tokens;

use axum::http::StatusCode;
use oauth::client::{ClientDraft, ClientKind};
use serde_json::{Map, Value, json};

use crate::assertion::{JWT_BEARER, Key};
use crate::browser::{Answer, Browser};
use crate::dpop::Holder;
use crate::server::{CALLBACK, CHALLENGE, ISSUER, Server, VERIFIER, encode, text};

/// A client of the profile `fapi2`, which proves itself by an assertion and its tokens by DPoP.
pub(crate) struct Bank<'a> {
    pub(crate) server: &'a Server,
    pub(crate) id: &'static str,
    pub(crate) key: Key,
    pub(crate) holder: Holder,
}

impl<'a> Bank<'a> {
    pub(crate) async fn register(server: &'a Server, id: &'static str) -> Self {
        Self::register_as(server, id, |_| {}).await
    }

    /// The same, changed as the test needs it.
    pub(crate) async fn register_as(
        server: &'a Server,
        id: &'static str,
        change: impl FnOnce(&mut ClientDraft),
    ) -> Self {
        let key = Key::new("a");
        server
            .create_client(ClientKind::Web, id, |draft, _| {
                draft.security_profile = "fapi2".to_owned();
                draft.token_endpoint_auth_method = "private_key_jwt".to_owned();
                draft.id_token_signed_response_alg = "ES256".to_owned();
                draft.jwks = key.set().to_string();
                change(draft);
            })
            .await;
        Self { server, id, key, holder: Holder::new() }
    }

    /// An assertion with one claim changed; null takes it away.
    pub(crate) fn assertion_with(&self, name: &str, value: Value) -> String {
        let (now, jti) = (self.server.clock.now().0, idp::random::token());
        let mut claims = json!({ "iss": self.id, "sub": self.id, "aud": ISSUER, "exp": now + 60, "jti": jti });
        claims[name] = value;
        let members: Map<_, _> =
            claims.as_object().unwrap().clone().into_iter().filter(|(_, v)| !v.is_null()).collect();
        self.key.sign(members)
    }

    pub(crate) fn assertion(&self) -> String {
        self.assertion_with("iat", Value::Null)
    }

    /// Pushes a request, with these parameters besides the usual ones; an empty value leaves a usual one out.
    pub(crate) async fn push(&self, more: &[(&str, &str)]) -> Answer {
        self.push_by(&self.assertion(), more).await
    }

    pub(crate) async fn push_by(&self, assertion: &str, more: &[(&str, &str)]) -> Answer {
        let usual = [
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email offline_access"),
            ("state", "s-1"),
            ("nonce", "n-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion),
        ];
        self.server.post("/par", None, &merged(&usual, more)).await
    }

    /// The address to which the browser is sent with a request that was pushed.
    pub(crate) fn address(&self, pushed: &Answer) -> String {
        assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
        let request_uri = pushed.json();
        let asked = [("client_id", self.id), ("request_uri", text(&request_uri, "request_uri"))];
        format!("/authorize?{}", encode(&asked))
    }

    /// The answer to a pushed request of somebody who is signed in, and agrees.
    pub(crate) async fn agree(&self, browser: &mut Browser<'_>, pushed: &Answer) -> Answer {
        let page = browser.get(&self.address(pushed)).await;
        let answer = if page.status == StatusCode::OK { browser.press(&page, "yes").await } else { page };
        assert_eq!(answer.query().text("iss"), ISSUER, "{}", answer.body);
        answer
    }

    /// The code for a request with these parameters besides the usual ones.
    pub(crate) async fn code(&self, browser: &mut Browser<'_>, more: &[(&str, &str)]) -> String {
        let pushed = self.push(more).await;
        let answer = self.agree(browser, &pushed).await;
        let code = answer.query().text("code");
        assert!(!code.is_empty(), "{}", answer.location());
        code
    }

    /// A request to the token endpoint, with a good assertion and proof unless others are given; an empty one leaves it out.
    pub(crate) async fn ask(&self, proof: Option<&str>, usual: &[(&str, &str)], more: &[(&str, &str)]) -> Answer {
        let (assertion, good) = (self.assertion(), self.holder.proof(self.server));
        let proven = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion.as_str())];
        let proof = proof.unwrap_or(&good);
        let fields = merged(&[usual, &proven].concat(), more);
        self.server.prove("/token", None, (!proof.is_empty()).then_some(proof), &fields).await
    }

    /// Exchanges a code; `more` as of a pushed request.
    pub(crate) async fn redeem(&self, code: &str, proof: Option<&str>, more: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.ask(proof, &usual, more).await
    }

    pub(crate) async fn refresh(&self, token: &str, proof: Option<&str>) -> Answer {
        self.ask(proof, &[("grant_type", "refresh_token"), ("refresh_token", token)], &[]).await
    }

    /// The tokens for a request with these parameters besides the usual ones.
    pub(crate) async fn tokens(&self, browser: &mut Browser<'_>, more: &[(&str, &str)]) -> Value {
        let code = self.code(browser, more).await;
        let answer = self.redeem(&code, None, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    /// `/userinfo` with an access token and a proof.
    pub(crate) async fn seen(&self, tokens: &Value) -> Answer {
        self.server.userinfo_of(&self.holder, text(tokens, "access_token")).await
    }
}

/// Fields, of which those of `more` stand in place of usual ones; an empty one leaves one out.
pub(crate) fn merged<'a>(usual: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_usual = |name: &str| more.iter().all(|(other, _)| *other != name);
    let kept = usual.iter().filter(|(name, _)| is_usual(name));
    kept.chain(more.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.error(), (status, error.to_owned()), "{}", answer.body);
}
