//! Tokens that come from the authorization endpoint: OpenID Connect Core §3.2 and §3.3, OAuth 2.0 Multiple Response Types. The tests of
//! `modules` have the names of the suite's hybrid and implicit plans.

mod clients;
mod modules;
mod people;
mod races;
mod requests;

use axum::http::StatusCode;
use oauth::client::{ClientDraft, ClientKind};
use oauth::form::Form;
use oauth::jose::SigningAlg;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, ISSUER, SECRET, Server, text};
use crate::signed_answers::verified;

/// The response types of the implicit plan, and then of the hybrid one.
const TYPES: [&str; 5] = ["id_token", "id_token token", "code id_token", "code token", "code id_token token"];

/// A server that allows them, with the client `old` that is registered for all.
async fn start() -> Server {
    let server = Server::start().await.with_legacy_response_types(true).await;
    server.create_client(ClientKind::Web, "old", |draft, _| make_old(draft)).await;
    server
}

fn make_old(draft: &mut ClientDraft) {
    draft.security_profile = "legacy".to_owned();
    draft.grant_types.push("implicit".to_owned());
    draft.response_types = format!("code\n{}", TYPES.join("\n"));
}

/// The address of a request of `old`.
fn request(response_type: &str, more: &[(&str, &str)]) -> String {
    let usual = [("client_id", "old"), ("response_type", response_type), ("nonce", "n-1")];
    Browser::request(&[&usual[..], more].concat())
}

/// The fragment of an answer to the client. Nothing stands in the query.
fn landed(answer: &Answer) -> Form {
    let (place, fragment) =
        answer.location().split_once('#').unwrap_or_else(|| panic!("{} {}", answer.location(), answer.body));
    assert_eq!(place, CALLBACK);
    Form::parse(fragment.as_bytes()).unwrap()
}

/// The answer to somebody who is signed in, and agrees when asked.
async fn ask(browser: &mut Browser<'_>, response_type: &str, more: &[(&str, &str)]) -> Form {
    let mut answer = browser.get(&request(response_type, more)).await;
    if answer.status == StatusCode::OK {
        answer = browser.press(&answer, "yes").await;
    }
    landed(&answer)
}

/// The error of an answer in the fragment, which says nothing else but `state` and `iss`.
fn refused(answer: &Answer) -> String {
    let fields = landed(answer);
    assert_eq!((fields.text("state"), fields.text("iss")), ("s-1".to_owned(), ISSUER.to_owned()));
    for name in ["code", "access_token", "id_token"] {
        assert_eq!(fields.find(name), Ok(None), "{}", answer.location());
    }
    fields.text("error")
}

async fn redeem(server: &Server, code: &str) -> Answer {
    let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    server.post("/token", Some(&format!("old:{SECRET}")), &fields).await
}

/// All that a client knows at the end of a flow.
struct Checked {
    /// The claims of the ID tokens, that of the authorization endpoint first.
    id_tokens: Vec<Value>,
    /// The answers of `/userinfo` for the access tokens, in the same order.
    userinfo: Vec<Value>,
    /// The answer of the token endpoint.
    tokens: Option<Value>,
}

impl Checked {
    fn id_token(&self) -> &Value {
        &self.id_tokens[0]
    }
}

/// Checks an answer and what it is worth, as the suite does in each of its modules.
async fn check(server: &Server, response_type: &str, fields: &Form) -> Checked {
    let has = |word: &str| response_type.split(' ').any(|it| it == word);
    let said = fields.encode();
    assert_eq!((fields.text("state"), fields.text("iss")), ("s-1".to_owned(), ISSUER.to_owned()), "{said}");
    for (name, word) in [("code", "code"), ("id_token", "id_token"), ("access_token", "token"), ("token_type", "token")]
    {
        assert_eq!(fields.find(name).unwrap().is_some(), has(word), "{response_type}: {said}");
    }
    for never in ["error", "refresh_token"] {
        assert_eq!(fields.find(never), Ok(None), "{response_type}: {said}");
    }
    let mut known = Checked { id_tokens: Vec::new(), userinfo: Vec::new(), tokens: None };
    let (code, access_token) = (fields.text("code"), fields.text("access_token"));
    let half_hash =
        |value: &str| if value.is_empty() { json!(null) } else { json!(SigningAlg::RS256.half_hash(value)) };
    if has("id_token") {
        let claims = verified(server, &fields.text("id_token")).await;
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!("old")), "{response_type}");
        assert_eq!(claims["nonce"], "n-1", "{response_type}");
        assert_eq!(claims["at_hash"], half_hash(&access_token), "{response_type}");
        assert_eq!(claims["c_hash"], half_hash(&code), "{response_type}");
        known.id_tokens.push(claims);
    }
    if has("token") {
        assert_eq!((fields.text("token_type"), fields.text("expires_in")), ("Bearer".to_owned(), "3600".to_owned()));
        known.userinfo.push(userinfo(server, &access_token).await);
    }
    if has("code") {
        assert!(code.len() >= 22, "{code}");
        let answer = redeem(server, &code).await;
        assert_eq!(answer.status, StatusCode::OK, "{response_type}: {}", answer.body);
        let tokens = answer.json();
        let claims = verified(server, text(&tokens, "id_token")).await;
        assert_eq!(claims["at_hash"], half_hash(text(&tokens, "access_token")), "{response_type}");
        if let Some(first) = known.id_tokens.first() {
            for same in ["iss", "sub", "aud", "nonce", "auth_time"] {
                assert_eq!(first[same], claims[same], "{response_type}: {same}");
            }
        }
        known.id_tokens.push(claims);
        known.userinfo.push(userinfo(server, text(&tokens, "access_token")).await);
        known.tokens = Some(tokens);
    }
    for claims in &known.userinfo {
        assert_eq!(claims["sub"], known.id_token()["sub"], "{response_type}");
    }
    known
}

async fn userinfo(server: &Server, access_token: &str) -> Value {
    let answer = server.userinfo(access_token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}
