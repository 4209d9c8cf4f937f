//! The modules about refresh tokens, and those of clients that ask for themselves.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bank, refused};
use crate::dpop::Holder;
use crate::server::{ADMIN_TOKEN, Server, text};

crate::concurrency::on_every_database!(
    fapi2_security_profile_final_refresh_token,
    a_refresh_token_lasts_while_the_profile_of_its_client_says_so,
);

/// The same token is answered at each use, by any key of the client's, and to nobody else.
async fn fapi2_security_profile_final_refresh_token(server: Server) {
    let other_node = server.another_node().await;
    let (bank, other) = (Bank::register(&server, "bank").await, Bank::register(&server, "other").await);
    let tokens = bank.tokens(&mut server.signed_in().await, &[]).await;
    let token = text(&tokens, "refresh_token").to_owned();
    refused(&other.refresh(&token, None).await, 400, "invalid_grant");
    refused(&bank.refresh(&token, Some("")).await, 400, "invalid_dpop_proof");
    let mut given = vec![tokens.clone()];
    for hours in [0, 1, 24 * 20, 24 * 20] {
        server.clock.advance(hours * 3_600);
        let answer = bank.refresh(&token, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{hours} {}", answer.body);
        assert_eq!(text(&answer.json(), "refresh_token"), token, "it is not rotated, and lives anew at each use");
        given.push(answer.json());
    }
    let newest = given.last().unwrap();
    assert_eq!(bank.seen(newest).await.status, StatusCode::OK);
    let id_tokens = [&tokens, newest].map(|tokens| crate::server::claims(text(tokens, "id_token")));
    for name in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(id_tokens[0][name], id_tokens[1][name], "{name}");
    }
    // A new key: the client proved itself by the other one.
    let rolled = Bank { server: &other_node, id: "bank", holder: Holder::new(), key: bank.key };
    let answer = rolled.refresh(&token, None).await;
    assert_eq!(rolled.seen(&answer.json()).await.status, StatusCode::OK, "{}", answer.body);
    // Whoever revokes it ends all that came of it.
    let revoked = rolled.revoke(&token).await;
    assert_eq!(revoked.status, StatusCode::OK, "{}", revoked.body);
    refused(&rolled.refresh(&token, None).await, 400, "invalid_grant");
    assert_eq!(rolled.seen(&answer.json()).await.status, StatusCode::UNAUTHORIZED);
}

/// Tokens that were spent before are judged as ever; one that lasted is spent when the profile goes.
async fn a_refresh_token_lasts_while_the_profile_of_its_client_says_so(server: Server) {
    let bank = Bank::register(&server, "bank").await;
    set_profile(&server, "oidc").await;
    let tokens = bank.tokens(&mut server.signed_in().await, &[]).await;
    let first = text(&tokens, "refresh_token").to_owned();
    let answer = bank.refresh(&first, None).await.json();
    let second = text(&answer, "refresh_token").to_owned();
    assert_ne!(first, second);
    set_profile(&server, "fapi2").await;
    server.clock.advance(60);
    for token in [&first, &second, &second] {
        let answer = bank.refresh(token, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(text(&answer.json(), "refresh_token"), second);
    }
    set_profile(&server, "oidc").await;
    let answer = bank.refresh(&second, None).await.json();
    let third = text(&answer, "refresh_token").to_owned();
    assert_ne!(second, third);
    set_profile(&server, "fapi2").await;
    server.clock.advance(3_600);
    // Two went on from one token.
    refused(&bank.refresh(&first, None).await, 400, "invalid_grant");
    refused(&bank.refresh(&third, None).await, 400, "invalid_grant");
}

async fn set_profile(server: &Server, profile: &str) {
    let request = axum::http::Request::patch("/admin/clients/bank")
        .header("content-type", "application/json")
        .header("x-admin-token", ADMIN_TOKEN)
        .body(json!({ "security_profile": profile }).to_string().into());
    let answer = server.send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// The client credentials plan: discovery, happy-flow, ensure-holder-of-key-required, the assertion's modules, and that nothing else
/// opens the token endpoint.
#[tokio::test]
async fn fapi2_security_profile_final_client_credentials() {
    let server = Server::start().await;
    let bank = Bank::register_as(&server, "job2", |draft| {
        draft.grant_types = vec!["client_credentials".to_owned()];
        draft.redirect_uris = String::new();
        draft.scope = "email".to_owned();
    })
    .await;
    let grant = [("grant_type", "client_credentials"), ("scope", "email")];
    let tokens = bank.ask(None, &grant, &[]).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let tokens = tokens.json();
    assert_eq!((&tokens["token_type"], tokens.get("refresh_token")), (&json!("DPoP"), None));
    let about = bank.introspect(text(&tokens, "access_token")).await;
    assert_eq!((&about["active"], &about["cnf"]["jkt"]), (&json!(true), &json!(bank.holder.jkt())), "{about}");
    refused(&bank.ask(Some(""), &grant, &[]).await, 400, "invalid_dpop_proof");
    refused(
        &bank.ask(None, &[("grant_type", "authorization_code"), ("code", "x")], &[]).await,
        400,
        "unauthorized_client",
    );
    let nobody = [("client_assertion", ""), ("client_assertion_type", ""), ("client_id", "job2")];
    refused(&bank.ask(None, &grant, &nobody).await, 401, "invalid_client");
}

impl Bank<'_> {
    async fn revoke(&self, token: &str) -> crate::browser::Answer {
        let assertion = self.assertion();
        let fields = [
            ("token", token),
            ("client_assertion_type", crate::assertion::JWT_BEARER),
            ("client_assertion", assertion.as_str()),
        ];
        self.server.post("/revoke", None, &fields).await
    }

    async fn introspect(&self, token: &str) -> Value {
        let assertion = self.assertion();
        let fields = [
            ("token", token),
            ("client_assertion_type", crate::assertion::JWT_BEARER),
            ("client_assertion", assertion.as_str()),
        ];
        self.server.post("/introspect", None, &fields).await.json()
    }
}
