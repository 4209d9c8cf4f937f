//! Tokens with authorization details: given, narrowed (RFC 9396 §6), told (§7, §9).

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use serde_json::{Value, json};

use super::{BANK, INVALID, NOTES, accounts, payment};
use crate::concurrency::on_every_database;
use crate::resources::address;
use crate::server::{SECRET, Server, claims, encode, text};
use crate::signed_answers::verified;

on_every_database!(
    what_was_granted_is_told_kept_and_refreshed,
    a_token_request_narrows_and_never_widens,
    no_token_goes_without_its_details_to_their_resource,
    details_stay_when_a_scope_is_taken_back,
    a_refusal_spends_neither_code_nor_refresh_token,
    a_client_gets_details_for_itself,
    a_resource_sees_its_own_details_and_no_others,
    what_is_changed_since_is_given_no_more,
);

fn share() -> Value {
    json!({ "type": "note_share", "actions": ["comment"] })
}

async fn what_was_granted_is_told_kept_and_refreshed(server: Server) {
    let (bank, _) = server.with_details().await;
    let mut browser = server.signed_in().await;
    for format in ["jwt", "opaque"] {
        server.change_resource(&bank, &json!({ "token_format": format })).await;
        let details = json!([payment(format), accounts()]);
        let tokens = server.tokens_for(&mut browser, &[("scope", "openid offline_access")], &details).await;
        assert_eq!(tokens["authorization_details"], details, "{format}");
        let refreshed = server.refresh_details(&tokens, &[], &json!(null)).await.json();
        for tokens in [&tokens, &refreshed] {
            assert_eq!(tokens["authorization_details"], details, "{format}");
            let token = text(tokens, "access_token");
            if format == "jwt" {
                assert_eq!(claims(token)["authorization_details"], details);
            }
            let about = server.introspect(token).await;
            assert_eq!((&about["active"], &about["authorization_details"]), (&json!(true), &details), "{format}");
        }
        assert_eq!(server.introspect(text(&refreshed, "refresh_token")).await["authorization_details"], details);
        // Each grant has its own.
        let other = server.tokens_for(&mut browser, &[("prompt", "consent")], &json!([accounts()])).await;
        assert_eq!(other["authorization_details"], json!([accounts()]));
        let again = server.refresh_details(&refreshed, &[], &json!(null)).await.json();
        assert_eq!(again["authorization_details"], details, "{format}");
    }
    let plain = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    assert_eq!(plain.get("authorization_details"), None);
    assert_eq!(server.introspect(text(&plain, "access_token")).await.get("authorization_details"), None);
}

async fn a_token_request_narrows_and_never_widens(server: Server) {
    server.with_details().await;
    let mut browser = server.signed_in().await;
    let all = json!([payment("1"), accounts(), share()]);
    let code = browser.allow_details(&[("scope", "openid offline_access")], &all).await;
    let narrowed = server.redeem_details(&code, &json!([accounts()])).await;
    assert_eq!(narrowed.status, StatusCode::OK, "{}", narrowed.body);
    let tokens = narrowed.json();
    assert_eq!(tokens["authorization_details"], json!([accounts()]));
    assert_eq!(claims(text(&tokens, "access_token"))["authorization_details"], json!([accounts()]));
    assert_eq!(claims(text(&tokens, "access_token"))["aud"], BANK, "nothing is left for the notes");
    let part = json!({ "type": "account_information", "actions": ["list_accounts"] });
    let twice = server.refresh_details(&tokens, &[], &json!([accounts(), part])).await;
    assert_eq!(twice.error(), (400, INVALID.to_owned()));
    assert_eq!(server.introspect(text(&tokens, "access_token")).await["authorization_details"], json!([accounts()]));
    let less = json!([{ "type": "account_information", "actions": ["read_balances"] }, payment("1")]);
    let tokens = server.refresh_details(&tokens, &[], &less).await.json();
    assert_eq!(tokens["authorization_details"], less);
    let tokens = server.refresh_details(&tokens, &[], &json!(null)).await.json();
    assert_eq!(tokens["authorization_details"], all, "the grant is as it was");
    // At one of its resources a token has the details of that one.
    for (place, left) in [(NOTES, json!([share()])), (BANK, json!([payment("1"), accounts()]))] {
        let tokens = server.refresh_details(&tokens, &[("resource", place)], &json!(null)).await.json();
        assert_eq!(tokens["authorization_details"], left, "{place}");
        assert_eq!(claims(text(&tokens, "access_token"))["aud"], place);
    }
}

async fn no_token_goes_without_its_details_to_their_resource(server: Server) {
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    server.with_details().await;
    let grants = json!({ "grant_types": ["authorization_code", "refresh_token", exchange] });
    assert_eq!(server.admin("PATCH", "/admin/clients/web", &grants).await.status, StatusCode::OK);
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_for(&mut browser, &[("scope", "openid")], &json!([payment("1")])).await;
    for place in [&[][..], &[("resource", BANK)]] {
        let fields = [
            ("grant_type", exchange),
            ("subject_token", text(&tokens, "access_token")),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ];
        let answer = server.token_of("web", &[&fields, place].concat(), &json!(null)).await;
        assert_eq!(answer.error(), (400, INVALID.to_owned()), "{place:?}");
    }
}

async fn details_stay_when_a_scope_is_taken_back(server: Server) {
    let (bank, _) = server.with_details().await;
    let web = json!({ "scope": "openid offline_access accounts" });
    assert_eq!(server.admin("PATCH", "/admin/clients/web", &web).await.status, StatusCode::OK);
    let mut browser = server.signed_in().await;
    let details = json!([payment("1")]);
    let tokens = server.tokens_for(&mut browser, &[("scope", "accounts"), ("resource", BANK)], &details).await;
    let alice = claims(text(&tokens, "access_token"))["sub"].as_str().unwrap().to_owned();
    let scope = format!("scope=accounts&resource={}", bank["id"].as_str().unwrap());
    let path = format!("/admin/users/{alice}/consents/web?{scope}");
    let answer = server.admin("DELETE", &path, &json!(null)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let refreshed = server.refresh_details(&tokens, &[], &json!(null)).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    assert_eq!(refreshed.json()["authorization_details"], details);
    assert_eq!(browser.silently_details(&details).await, "", "the consent has them still");
}

async fn a_refusal_spends_neither_code_nor_refresh_token(server: Server) {
    server.with_details().await;
    let mut browser = server.signed_in().await;
    let code = browser.allow_details(&[], &json!([payment("1"), accounts()])).await;
    let mut without = payment("1");
    without.as_object_mut().unwrap().remove("urgent");
    let refused = [
        json!([payment("2")]),
        json!([without]),
        json!([share()]),
        json!([{ "type": "account_information", "actions": [] }]),
        json!([{ "type": "account_information" }]),
        json!([]),
        json!([payment("1"), payment("1")]),
        json!([{ "type": "unknown" }]),
        json!("x"),
    ];
    for details in &refused {
        let answer = server.redeem_details(&code, details).await;
        assert_eq!(answer.error(), (400, INVALID.to_owned()), "{details} {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let tokens = server.redeem_details(&code, &json!(null)).await.json();
    for details in &refused {
        let answer = server.refresh_details(&tokens, &[], details).await;
        assert_eq!(answer.error(), (400, INVALID.to_owned()), "{details}");
    }
    let tokens = server.refresh_details(&tokens, &[], &json!([payment("1")])).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    // Where nothing was granted there is nothing to narrow.
    let plain = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    assert_eq!(server.refresh_details(&plain, &[], &json!([payment("1")])).await.error(), (400, INVALID.to_owned()));
    assert!(server.refresh_details(&plain, &[], &json!(null)).await.status.is_success());
}

async fn a_client_gets_details_for_itself(server: Server) {
    let (bank, _) = server.with_details().await;
    let own = [("grant_type", "client_credentials")];
    for format in ["jwt", "opaque"] {
        server.change_resource(&bank, &json!({ "token_format": format })).await;
        let answer = server.token_of("job", &own, &json!([payment("1")])).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let tokens = answer.json();
        assert_eq!((&tokens["authorization_details"], &tokens["scope"]), (&json!([payment("1")]), &json!("")));
        let about = server.introspect_as("job", text(&tokens, "access_token")).await;
        assert_eq!(
            (&about["authorization_details"], &about["aud"]),
            (&json!([payment("1")]), &json!(BANK)),
            "{format}"
        );
    }
    let scoped = [&own[..], &[("scope", "accounts")]].concat();
    let tokens = server.token_of("job", &scoped, &json!([accounts()])).await.json();
    assert_eq!((&tokens["authorization_details"], &tokens["scope"]), (&json!([accounts()]), &json!("accounts")));
}

async fn a_resource_sees_its_own_details_and_no_others(server: Server) {
    let (bank, notes) = server.with_details().await;
    let mut secrets = Vec::new();
    for resource in [&bank, &notes] {
        let secret = server.make_secret(resource, &json!({ "name": "production" })).await;
        secrets.push(text(&secret, "secret").to_owned());
    }
    let mut browser = server.signed_in().await;
    for format in ["jwt", "opaque"] {
        for resource in [&bank, &notes] {
            server.change_resource(resource, &json!({ "token_format": format })).await;
        }
        let all = json!([payment(format), share(), accounts()]);
        let tokens = server.tokens_for(&mut browser, &[("scope", "openid")], &all).await;
        let token = text(&tokens, "access_token");
        let seen = [(&bank, json!([payment(format), accounts()])), (&notes, json!([share()]))];
        for ((resource, own), secret) in seen.into_iter().zip(&secrets) {
            let about = server.introspect_at(resource, secret, token).await.json();
            assert_eq!((&about["active"], &about["authorization_details"]), (&json!(true), &own), "{format}");
            // The same in a signed answer (RFC 9701).
            let credentials = format!("{}:{secret}", text(resource, "id"));
            let credentials = base64::engine::general_purpose::STANDARD.encode(credentials);
            let request = Request::post("/introspect")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::AUTHORIZATION, format!("Basic {credentials}"))
                .header(header::ACCEPT, "application/token-introspection+jwt")
                .body(Body::from(encode(&[("token", token)])));
            let signed = server.send(request.unwrap()).await;
            assert_eq!(verified(&server, &signed.body).await["token_introspection"], about);
        }
    }
}

async fn what_is_changed_since_is_given_no_more(server: Server) {
    let (bank, notes) = server.with_details().await;
    server.change_resource(&bank, &json!({ "token_format": "opaque" })).await;
    let mut browser = server.signed_in().await;
    let all = json!([payment("1"), accounts(), share()]);
    let tokens = server.tokens_for(&mut browser, &[("scope", "openid offline_access")], &all).await;
    let allow = async |types: Value| {
        let change = json!({ "authorization_details_types": types });
        let answer = server.admin("PATCH", "/admin/clients/web", &change).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    };
    allow(json!(["account_information", "note_share"])).await;
    let tokens = server.refresh_details(&tokens, &[], &json!(null)).await.json();
    assert_eq!(tokens["authorization_details"], json!([accounts(), share()]));
    assert_eq!(server.refresh_details(&tokens, &[], &json!([payment("1")])).await.error(), (400, INVALID.to_owned()));
    // The type is described in another way, and takes no such object any more.
    let only =
        |fields: Value| json!({ "authorization_details_types": [{ "type": "account_information", "fields": fields }] });
    server.change_resource(&bank, &only(json!(["actions = list_accounts"]))).await;
    let tokens = server.refresh_details(&tokens, &[], &json!(null)).await.json();
    assert_eq!(tokens["authorization_details"], json!([share()]));
    server.change_resource(&bank, &only(json!(["actions"]))).await;
    let tokens = server.refresh_details(&tokens, &[], &json!(null)).await.json();
    assert_eq!(tokens["authorization_details"], json!([accounts(), share()]));
    // A type that goes to another resource is another one.
    server.change_resource(&bank, &json!({ "authorization_details_types": [] })).await;
    let token = text(&tokens, "access_token");
    assert_eq!(server.introspect(token).await["authorization_details"], json!([share()]), "nobody is told of it");
    let both = json!({ "authorization_details_types": [{ "type": "note_share", "fields": ["actions"] }, { "type": "account_information", "fields": ["actions"] }] });
    server.change_resource(&notes, &both).await;
    assert_eq!(server.introspect(token).await["authorization_details"], json!([share()]));
    let tokens = server.refresh_details(&tokens, &[], &json!(null)).await.json();
    assert_eq!(tokens["authorization_details"], json!([share()]));
    // Nothing is left: the grant gives no token that could do something else instead.
    allow(json!([])).await;
    assert_eq!(server.refresh_details(&tokens, &[], &json!(null)).await.error(), (400, INVALID.to_owned()));
    allow(json!(["note_share"])).await;
    let tokens = server.refresh_details(&tokens, &[], &json!(null)).await;
    assert_eq!(tokens.status, StatusCode::OK, "nothing was spent: {}", tokens.body);
    let gone = server.admin("DELETE", &address(&notes), &json!({})).await;
    assert_eq!(gone.status, StatusCode::OK);
    assert_eq!(server.introspect(text(&tokens.json(), "access_token")).await, json!({ "active": false }));
}

#[tokio::test]
async fn an_exchanged_token_has_no_details() {
    let server = Server::start().await;
    server.with_details().await;
    let exchange = json!({ "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"] });
    assert_eq!(server.admin("PATCH", "/admin/clients/web", &exchange).await.status, StatusCode::OK);
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_for(&mut browser, &[("scope", "accounts")], &json!([payment("1")])).await;
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", text(&tokens, "access_token")),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("resource", BANK),
    ];
    let answer = server.post("/token", Some(&format!("web:{SECRET}")), &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let narrowed = answer.json();
    assert_eq!((&narrowed["scope"], narrowed.get("authorization_details")), (&json!("accounts"), None));
    let about = server.introspect(text(&narrowed, "access_token")).await;
    assert_eq!((&about["active"], about.get("authorization_details")), (&json!(true), None));
}
