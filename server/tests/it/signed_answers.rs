//! Answers that are signed: authorization responses (JARM), userinfo (OpenID Connect Core §5.3.2), introspection (RFC 9701).

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, EdDSA, RS256};
use josekit::jwt;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, ISSUER, SECRET, START, Server, jwt_header, text};

async fn register(server: &Server, change: Value) {
    let request = Request::patch("/admin/clients/web")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-admin-token", crate::server::ADMIN_TOKEN);
    let answer = server.send(request.body(Body::from(change.to_string())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// The claims, verified by a key that the server publishes, as a relying party does.
#[expect(clippy::disallowed_methods, reason = "as a relying party does it")]
pub(crate) async fn verified(server: &Server, compact: &str) -> Value {
    let set = server.browser().get("/.well-known/jwks.json").await.json();
    let jwt_header = jwt_header(compact);
    let key = set["keys"].as_array().unwrap().iter().find(|key| key["kid"] == jwt_header["kid"]).unwrap();
    let key = Jwk::from_map(key.as_object().unwrap().clone()).unwrap();
    let verifier: Box<dyn josekit::jws::JwsVerifier> = match text(&jwt_header, "alg") {
        "RS256" => Box::new(RS256.verifier_from_jwk(&key).unwrap()),
        "ES256" => Box::new(ES256.verifier_from_jwk(&key).unwrap()),
        _ => Box::new(EdDSA.verifier_from_jwk(&key).unwrap()),
    };
    let (payload, _) = jwt::decode_with_verifier(compact, &*verifier).unwrap();
    serde_json::to_value(payload.claims_set()).unwrap()
}

#[tokio::test]
async fn an_authorization_response_is_signed_for_who_asks() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    for mode in ["jwt", "query.jwt", "fragment.jwt"] {
        let answer = browser.get(&Browser::request(&[("response_mode", mode)])).await;
        let separator = if mode == "fragment.jwt" { '#' } else { '?' };
        let (place, response) = answer.location().split_once(&format!("{separator}response=")).unwrap();
        assert_eq!(place, CALLBACK, "{mode}");
        assert!(!response.contains('&'), "{mode}: {response}");
        let claims = verified(&server, response).await;
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!("web")), "{mode}");
        assert_eq!((&claims["exp"], &claims["state"]), (&json!(START + 600), &json!("s-1")), "{mode}");
        assert_eq!(jwt_header(response)["alg"], "RS256");
        let tokens = server.redeem(text(&claims, "code")).await;
        assert_eq!(tokens.status, StatusCode::OK, "{mode} {}", tokens.body);
    }
    let page = browser.get(&Browser::request(&[("response_mode", "form_post.jwt")])).await;
    assert!(
        page.body.contains(&format!("action=\"{CALLBACK}\"")) && !page.body.contains("name=\"code\""),
        "{}",
        page.body
    );
    assert_eq!(verified(&server, &page.field("response")).await["state"], "s-1");
    register(&server, json!({ "authorization_signed_response_alg": "ES256" })).await;
    let refused = browser.get(&Browser::request(&[("response_mode", "jwt"), ("prompt", "none login")])).await;
    let response = refused.query().text("response");
    assert_eq!(jwt_header(&response)["alg"], "ES256");
    let claims = verified(&server, &response).await;
    assert_eq!((&claims["error"], &claims["state"]), (&json!("invalid_request"), &json!("s-1")));
    // It is no ID token of anybody's.
    assert_eq!(browser.silently(&[("id_token_hint", &response)]).await, "invalid_request");
}

/// oidcc-userinfo-rs256
#[tokio::test]
async fn userinfo_is_a_jwt_for_a_client_that_registered_for_it() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    let token = text(&tokens, "access_token");
    let plain = server.userinfo(token).await;
    assert_eq!(plain.header("content-type"), "application/json");
    for alg in ["RS256", "ES256", "EdDSA"] {
        register(&server, json!({ "userinfo_signed_response_alg": alg })).await;
        let answer = server.userinfo(token).await;
        assert_eq!(answer.header("content-type"), "application/jwt", "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(jwt_header(&answer.body)["alg"], alg);
        let mut claims = verified(&server, &answer.body).await;
        let members = claims.as_object_mut().unwrap();
        assert_eq!((members.remove("iss").unwrap(), members.remove("aud").unwrap()), (json!(ISSUER), json!("web")));
        assert_eq!(claims, plain.json());
        let mut browser = server.signed_in().await;
        assert_eq!(browser.silently(&[("id_token_hint", &answer.body)]).await, "invalid_request");
        let bearer = server.userinfo(&answer.body).await;
        assert_eq!(bearer.status, StatusCode::UNAUTHORIZED);
    }
    register(&server, json!({ "userinfo_signed_response_alg": "" })).await;
    assert_eq!(server.userinfo(token).await.header("content-type"), "application/json");
}

#[tokio::test]
async fn an_answer_about_a_token_is_signed_for_who_asks() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let token = text(&tokens, "access_token");
    let ask = async |accept: &str, token: &str| -> Answer {
        let request = Request::post("/introspect")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("web:{SECRET}"))))
            .header(header::ACCEPT, accept);
        server.send(request.body(Body::from(crate::server::encode(&[("token", token)]))).unwrap()).await
    };
    let plain = ask("application/json", token).await.json();
    for accept in
        ["application/token-introspection+jwt", "Application/Token-Introspection+JWT; q=0.9, application/json"]
    {
        let answer = ask(accept, token).await;
        assert_eq!(answer.header("content-type"), "application/token-introspection+jwt", "{}", answer.body);
        assert_eq!(jwt_header(&answer.body)["typ"], "token-introspection+jwt");
        let claims = verified(&server, &answer.body).await;
        assert_eq!((&claims["iss"], &claims["aud"], &claims["iat"]), (&json!(ISSUER), &json!("web"), &json!(START)));
        assert_eq!(claims["token_introspection"], plain);
    }
    register(&server, json!({ "introspection_signed_response_alg": "EdDSA" })).await;
    let unknown = ask("application/token-introspection+jwt", "nonsense").await;
    assert_eq!(jwt_header(&unknown.body)["alg"], "EdDSA");
    assert_eq!(verified(&server, &unknown.body).await["token_introspection"], json!({ "active": false }));
    for accept in ["*/*", "application/jwt", ""] {
        assert_eq!(ask(accept, token).await.header("content-type"), "application/json", "{accept}");
    }
}
