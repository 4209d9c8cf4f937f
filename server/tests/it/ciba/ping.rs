//! Clients that are told that there is an answer (CIBA §10.2).

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::http::StatusCode;
use futures::future::join_all;
use idp::testing::site::{Authority, Reply, TestSite};
use idp::testing::texts;
use oauth::id::ClientId;
use serde_json::Value;

use super::{answer, ask_as, create_asking, poll_as, refused};
use crate::concurrency::on_every_database;
use crate::pairs::stopped;
use crate::races::change_client;
use crate::server::{Server, text};

on_every_database!(
    a_client_is_told_of_an_answer_and_then_asks,
    a_message_that_was_due_is_sent_after_a_restart,
    many_nodes_send_each_message_once,
    the_message_of_a_node_that_died_is_sent_by_another,
    a_request_is_told_of_once_it_is_answered_and_not_before,
);

/// That of the client, for each request another one.
const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";

/// A server with the client `told`, and the site at which it is told.
struct World {
    server: Server,
    site: TestSite,
    authority: Authority,
    /// The status of the site's answers; 0: it says nothing.
    status: Arc<AtomicU16>,
}

impl World {
    async fn of(server: Server) -> Self {
        let status = Arc::new(AtomicU16::new(204));
        let answered = status.clone();
        let authority = Authority::default();
        let reply = move |_: &str| match answered.load(Ordering::SeqCst) {
            0 => Reply::Silence(Vec::new()),
            302 => Reply::with("HTTP/1.1 302 Found\r\nlocation: /elsewhere", ""),
            204 => Reply::with("HTTP/1.1 204 No Content", ""),
            status => Reply::with(&format!("HTTP/1.1 {status} X"), "whatever it says"),
        };
        let site = TestSite::start(&authority, reply).await;
        let server = server.asking(site.options(&authority)).await;
        let endpoint = site.url("/ciba");
        create_asking(&server, "told", |draft| {
            draft.backchannel_token_delivery_mode = "ping".to_owned();
            draft.backchannel_client_notification_endpoint = endpoint;
        })
        .await;
        Self { server, site, authority, status }
    }

    async fn node(&self) -> Server {
        self.server.another_node().await.asking(self.site.options(&self.authority)).await
    }

    /// The client asks for somebody.
    async fn ask(&self, name: &str) -> Value {
        let fields = [("scope", "openid"), ("login_hint", name), ("client_notification_token", TOKEN)];
        let answer = ask_as(&self.server, "told", &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    /// The messages that still lie in the database.
    async fn kept(&self) -> usize {
        texts(self.server.database.url(), "SELECT ping FROM ciba_request WHERE ping IS NOT NULL").await.len()
    }

    /// Those that the site got.
    fn told(&self) -> Vec<String> {
        let told = self.site.posted().into_iter().map(|body| serde_json::from_str::<Value>(&body).unwrap());
        told.map(|body| {
            assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
            text(&body, "auth_req_id").to_owned()
        })
        .collect()
    }
}

async fn a_client_is_told_of_an_answer_and_then_asks(server: Server) {
    let world = World::of(server).await;
    let (server, mut browser) = (&world.server, world.server.signed_in().await);
    for (button, status) in [("yes", 204), ("no", 200)] {
        world.status.store(status, Ordering::SeqCst);
        let asked = world.ask("alice").await;
        assert_eq!(server.idp.send_pings().await.unwrap(), 0, "nobody answered yet");
        answer(&mut browser, button).await;
        assert_eq!(server.idp.send_pings().await.unwrap(), 1);
        let request = world.site.last_request();
        let head = request.to_ascii_lowercase();
        assert!(head.starts_with("post /ciba http/1.1\r\n"), "{head}");
        assert!(head.contains("\r\ncontent-type: application/json\r\n"), "{head}");
        assert!(head.contains(&format!("\r\nauthorization: bearer {TOKEN}\r\n")), "{head}");
        assert_eq!(world.told().last().map(String::as_str), Some(text(&asked, "auth_req_id")));
        assert_eq!(server.idp.send_pings().await.unwrap(), 0, "it is told once");
        let told = poll_as(server, "told", &asked, &[]).await;
        match button {
            "yes" => assert_eq!(told.status, StatusCode::OK, "{}", told.body),
            _ => assert_eq!(told.error(), refused(400, "access_denied")),
        }
    }
    assert_eq!(world.kept().await, 0, "what was told is not kept");
}

/// The token that it is told with is a secret of the client's, and the `auth_req_id` is worth tokens.
#[tokio::test]
async fn what_a_client_is_told_lies_sealed_and_goes_when_it_is_over() {
    let world = World::of(Server::start().await).await;
    let asked = world.ask("alice").await;
    let bytes = world.server.database_bytes();
    for secret in [TOKEN, text(&asked, "auth_req_id")] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    assert_eq!(world.kept().await, 1);
    world.server.clock.advance(900);
    world.server.idp.sweep().await.unwrap();
    assert_eq!(world.kept().await, 0, "nobody answered, and nobody will");
    assert_eq!(poll_as(&world.server, "told", &asked, &[]).await.error(), refused(400, "expired_token"));
    assert_eq!(world.site.hits(), 0);
    // A client that polls anyway need not be told.
    let asked = world.ask("alice").await;
    answer(&mut world.server.signed_in().await, "yes").await;
    assert_eq!(poll_as(&world.server, "told", &asked, &[]).await.status, StatusCode::OK);
    world.server.idp.send_pings().await.unwrap();
    assert_eq!((world.site.hits(), world.kept().await), (0, 0));
}

async fn a_message_that_was_due_is_sent_after_a_restart(server: Server) {
    let mut world = World::of(server).await;
    let asked = world.ask("alice").await;
    answer(&mut world.server.signed_in().await, "yes").await;
    world.status.store(503, Ordering::SeqCst);
    assert_eq!(world.server.idp.send_pings().await.unwrap(), 1);
    world.server = world.server.restart().await.asking(world.site.options(&world.authority)).await;
    world.status.store(204, Ordering::SeqCst);
    world.server.clock.advance(4);
    assert_eq!(world.server.idp.send_pings().await.unwrap(), 0);
    world.server.clock.advance(1);
    assert_eq!(world.server.idp.send_pings().await.unwrap(), 1);
    let id = text(&asked, "auth_req_id").to_owned();
    assert_eq!(world.told(), [id.clone(), id]);
    assert_eq!(world.kept().await, 0);
}

async fn many_nodes_send_each_message_once(server: Server) {
    let world = World::of(server).await;
    let (one, other) = (world.node().await, world.node().await);
    let mut asked = Vec::new();
    for number in 0..12 {
        let name = format!("user{number}");
        world.server.create_user(&name).await;
        asked.push(text(&world.ask(&name).await, "auth_req_id").to_owned());
        let mut browser = world.server.browser();
        browser.post("/login", &[("username", &name), ("password", crate::server::PASSWORD)]).await;
        answer(&mut browser, "yes").await;
    }
    let nodes = [&world.server.idp, &one.idp, &other.idp];
    let mut sent = 0;
    while sent < 12 {
        let round = join_all(nodes.map(|node| node.send_pings())).await;
        sent += round.into_iter().map(Result::unwrap).sum::<u64>();
    }
    let mut told = world.told();
    told.sort();
    asked.sort();
    assert_eq!((sent, told), (12, asked));
}

async fn the_message_of_a_node_that_died_is_sent_by_another(server: Server) {
    let world = World::of(server).await;
    world.ask("alice").await;
    answer(&mut world.server.signed_in().await, "no").await;
    let node = world.node().await;
    world.status.store(0, Ordering::SeqCst);
    // It dies when its request is on its way.
    let on_its_way = async {
        while world.site.hits() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        sent = node.idp.send_pings() => panic!("{sent:?}"),
        () = on_its_way => {}
    }
    world.status.store(204, Ordering::SeqCst);
    world.server.clock.advance(29);
    assert_eq!(world.server.idp.send_pings().await.unwrap(), 0, "it is claimed");
    world.server.clock.advance(1);
    assert_eq!(world.server.idp.send_pings().await.unwrap(), 1);
    assert_eq!((world.site.hits(), world.kept().await), (2, 0));
}

/// The message is in the transaction of the answer: another node finds both or none.
async fn a_request_is_told_of_once_it_is_answered_and_not_before(server: Server) {
    let world = World::of(server).await;
    let other = world.node().await;
    world.ask("alice").await;
    let mut browser = world.server.signed_in().await;
    let page = browser.get("/approve").await;
    let answered = stopped(&world.server.idp, browser.press(&page, "yes"), async {
        assert_eq!(other.idp.send_pings().await.unwrap(), 0);
    });
    assert_eq!(answered.await.location(), "/approve?done=allowed");
    assert_eq!(other.idp.send_pings().await.unwrap(), 1);
}

/// No answer but 200 and 204 counts, nobody is followed elsewhere, and at the end of its time a request is told of no more.
#[tokio::test]
async fn a_message_that_nobody_takes_is_tried_until_there_is_nothing_to_ask_for() {
    let world = World::of(Server::start().await).await;
    let asked = world.ask("alice").await;
    answer(&mut world.server.signed_in().await, "yes").await;
    let mut tries = 0;
    for (number, _) in (0..900).enumerate() {
        world.status.store([302, 401, 500, 202][number % 4], Ordering::SeqCst);
        tries += world.server.idp.send_pings().await.unwrap();
        world.server.clock.advance(1);
    }
    assert_eq!((tries, world.site.hits()), (11, 11));
    assert_eq!(world.kept().await, 0);
    let paths = world.told();
    assert!(paths.iter().all(|id| id == text(&asked, "auth_req_id")));
    // It is told to administrators.
    let events = world.server.events("kind=token&outcome=refused").await;
    assert_eq!(events[0]["facts"]["check"], "ping_undelivered");
}

#[tokio::test]
async fn a_client_that_is_told_nothing_any_more_gets_nothing() {
    let world = World::of(Server::start().await).await;
    let id = ClientId::new("told");
    let endpoint = world.site.url("/ciba");
    let mut browser = world.server.signed_in().await;
    for forbid in ["polls now", "disabled", "deleted"] {
        world.ask("alice").await;
        answer(&mut browser, "no").await;
        match forbid {
            "polls now" => {
                change_client(&world.server.idp, &id, |draft| {
                    draft.backchannel_token_delivery_mode = "poll".to_owned()
                })
                .await;
            }
            "disabled" => change_client(&world.server.idp, &id, |draft| draft.enabled = false).await,
            _ => world.server.idp.delete_client(&idp::Actor::admin(), &id).await.unwrap(),
        }
        world.server.idp.send_pings().await.unwrap();
        assert_eq!((world.site.hits(), world.kept().await), (0, 0), "{forbid}");
        if forbid != "deleted" {
            change_client(&world.server.idp, &id, |draft| {
                draft.enabled = true;
                draft.backchannel_token_delivery_mode = "ping".to_owned();
                draft.backchannel_client_notification_endpoint = endpoint.clone();
            })
            .await;
        }
    }
}

/// Whoever only polls sends no token, and one that it sends is kept nowhere.
#[tokio::test]
async fn a_client_that_polls_is_told_nothing() {
    let world = World::of(Server::start().await).await;
    create_asking(&world.server, "bank", |_| {}).await;
    let fields = [("scope", "openid"), ("login_hint", "alice"), ("client_notification_token", TOKEN)];
    assert_eq!(ask_as(&world.server, "bank", &fields).await.status, StatusCode::OK);
    answer(&mut world.server.signed_in().await, "yes").await;
    assert_eq!((world.server.idp.send_pings().await.unwrap(), world.kept().await), (0, 0));
}

/// The door to others is the one that everything goes through: no address of this network, and no other scheme.
#[tokio::test]
async fn nobody_is_told_at_an_address_of_this_network() {
    let server = Server::start().await;
    create_asking(&server, "told", |draft| {
        draft.backchannel_token_delivery_mode = "ping".to_owned();
        draft.backchannel_client_notification_endpoint = "https://169.254.169.254/latest".to_owned();
    })
    .await;
    let fields = [("scope", "openid"), ("login_hint", "alice"), ("client_notification_token", TOKEN)];
    assert_eq!(ask_as(&server, "told", &fields).await.status, StatusCode::OK);
    answer(&mut server.signed_in().await, "yes").await;
    assert_eq!(server.idp.send_pings().await.unwrap(), 1);
    let [event] = &server.events("kind=token&outcome=refused").await[..] else { panic!("it is not told") };
    assert_eq!(event["facts"]["check"], "ping_undelivered");
}
