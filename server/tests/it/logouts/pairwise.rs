//! Clients that know people and sessions by names of their sector hear of a sign-out by these.

use oauth::client::ClientKind;
use serde_json::json;

use super::{World, create_told, end_session, sid, sign_in_to, subject};
use crate::admin_api::call;
use crate::server::{CALLBACK, Server, text};

#[tokio::test]
async fn a_client_hears_of_a_sign_out_by_the_names_that_it_knows() {
    let world = World::of(Server::start().await).await;
    create_told(&world.server, "open", &world.site.url("/open")).await;
    let pairwise = json!({ "subject_type": "pairwise" });
    let answer = call(&world.server, axum::http::Method::PATCH, "/admin/clients/bye", pairwise).await;
    assert_eq!(answer.status, axum::http::StatusCode::OK, "{}", answer.body);
    world
        .server
        .create_client(ClientKind::Web, "framed", |draft, _| {
            draft.subject_type = "pairwise".to_owned();
            draft.frontchannel_logout_uri = format!("{CALLBACK}/bye");
            draft.frontchannel_logout_session_required = true;
        })
        .await;
    let (mut browser, tokens) = world.signed_in().await;
    let open = sign_in_to(&world.server, &mut browser, "open").await;
    let framed = sign_in_to(&world.server, &mut browser, "framed").await;
    assert!(subject(&tokens) != subject(&open) && sid(&tokens) != sid(&open));
    assert_eq!(sid(&tokens), sid(&framed), "they are of one sector");
    let page = browser.get(&end_session(&tokens)).await;
    assert!(page.body.contains(&format!("sid={}", sid(&framed))), "{}", page.body);
    assert!(!page.body.contains(&sid(&open)), "{}", page.body);
    world.server.idp.deliver_logouts().await.unwrap();
    assert_eq!(world.told().len(), 2);
    for told in world.told() {
        let expected = if told["aud"] == "bye" { &tokens } else { &open };
        assert_eq!(text(&told, "sub"), subject(expected).as_str(), "{told}");
        assert_eq!(text(&told, "sid"), sid(expected), "{told}");
    }
}
