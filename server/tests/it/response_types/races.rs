//! Whatever forbids an authorization while its tokens are made is seen before they are given.

use idp::Actor;
use oauth::client::ClientKind;
use oauth::id::ClientId;
use serde_json::json;

use super::{TYPES, ask, check, landed, make_old, request};
use crate::pairs::stopped;
use crate::server::{ADMIN_TOKEN, Server};

crate::concurrency::on_every_database!(what_was_judged_before_is_not_given_after);

async fn what_was_judged_before_is_not_given_after(server: Server) {
    let server = server.with_legacy_response_types(true).await;
    let node = server.another_node().await.with_legacy_response_types(true).await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    for (number, response_type) in TYPES.into_iter().enumerate() {
        let id = format!("old{number}");
        server.create_client(ClientKind::Web, &id, |draft, _| make_old(draft)).await;
        let mut browser = server.signed_in().await;
        ask(&mut browser, response_type, &[("client_id", &id)]).await;
        let asked = request(response_type, &[("client_id", &id), ("prompt", "none")]);
        // The consent is withdrawn at another node: the person has to be asked again.
        let withdraw = async {
            node.idp.withdraw_consent(&Actor::admin(), &alice, &ClientId::new(&id)).await.unwrap();
        };
        let fields = landed(&stopped(&server.idp, browser.get(&asked), withdraw).await);
        assert_eq!(fields.text("error"), "consent_required", "{response_type}: {}", fields.encode());
        ask(&mut browser, response_type, &[("client_id", &id)]).await;
        // The client loses the response type.
        let change = json!({ "security_profile": "", "grant_types": "authorization_code", "response_types": "" });
        let modern = async {
            let request = axum::http::Request::patch(format!("/admin/clients/{id}"))
                .header("content-type", "application/json")
                .header("x-admin-token", ADMIN_TOKEN);
            let answer = node.send(request.body(axum::body::Body::from(change.to_string())).unwrap()).await;
            assert_eq!(answer.status, axum::http::StatusCode::OK, "{}", answer.body);
        };
        let answer = stopped(&server.idp, browser.get(&asked), modern).await;
        assert_eq!(answer.query().text("error"), "unsupported_response_type", "{response_type}: {}", answer.location());
    }
    let fields = {
        server.create_client(ClientKind::Web, "old", |draft, _| make_old(draft)).await;
        ask(&mut server.signed_in().await, "code id_token token", &[]).await
    };
    check(&server, "code id_token token", &fields).await;
}
