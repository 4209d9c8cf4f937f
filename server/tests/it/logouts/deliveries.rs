//! Messages on their way: tried again after failures, by any node, once at a time, and not for ever.

use std::sync::atomic::Ordering;

use futures::future::join_all;
use idp::{Actor, Delivery};
use oauth::time::Timestamp;

use super::{World, create_told, messages, sid, sign_in};
use crate::concurrency::on_every_database;
use crate::server::{START, Server};

on_every_database!(
    a_message_that_was_due_is_sent_after_a_restart,
    many_nodes_send_each_message_once,
    the_message_of_a_node_that_died_is_sent_by_another,
    what_waited_for_a_day_is_given_up_tried_or_not,
    a_message_about_somebody_who_was_erased_is_sent_and_forgotten,
);

async fn a_message_about_somebody_who_was_erased_is_sent_and_forgotten(server: Server) {
    let world = World::of(server).await;
    let idp = &world.server.idp;
    let (browser, tokens) = world.signed_in().await;
    drop(browser);
    world.status.store(503, Ordering::SeqCst);
    let alice = super::subject(&tokens);
    idp.delete_user(&Actor::admin(), &alice).await.unwrap();
    let entry = idp.bin(None, 10).await.unwrap().rows.remove(0);
    idp.erase(&Actor::admin(), &entry.id).await.unwrap();
    assert_eq!(idp.deliver_logouts().await.unwrap(), 1);
    let failed = world.server.events("kind=sign_out&client=bye&outcome=refused").await;
    assert!(failed.len() == 1 && failed[0].get("user").is_none(), "{failed:?}");
    world.status.store(200, Ordering::SeqCst);
    world.server.clock.advance(60);
    assert_eq!(idp.deliver_logouts().await.unwrap(), 1);
    assert_eq!(world.told().last().unwrap()["sub"], alice.as_str(), "the client is told who it was");
    assert!(messages(&world.server, "bye").await.is_empty(), "and nothing of it stays");
}

async fn a_message_that_was_due_is_sent_after_a_restart(server: Server) {
    let mut world = World::of(server).await;
    let (mut browser, tokens) = world.signed_in().await;
    let sid = sid(&tokens);
    browser.get("/logout").await;
    drop(browser);
    world.status.store(503, Ordering::SeqCst);
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 1);
    let [row] = messages(&world.server, "bye").await.try_into().unwrap();
    assert_eq!((row.delivery, row.attempts), (Delivery::Waiting(Timestamp(START + 60)), 1));
    assert_eq!(row.answer.as_deref(), Some("the answer was 503, not 200"));

    world.server = world.server.restart().await.asking(world.site.options(&world.authority)).await;
    world.status.store(204, Ordering::SeqCst);
    world.server.clock.advance(59);
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 0);
    world.server.clock.advance(1);
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 1);
    let [row] = messages(&world.server, "bye").await.try_into().unwrap();
    assert_eq!((row.delivery, row.attempts, row.sid.as_str()), (Delivery::Done, 2, sid.as_str()));
    let told = world.told();
    assert_eq!(told[0]["sid"], told[1]["sid"]);
    assert_ne!(told[0]["jti"], told[1]["jti"], "each is a token of its own, and as short");
    assert_eq!(told[1]["iat"], START + 60);

    // The record stays for a week.
    world.server.clock.advance(7 * 86_400 - 60);
    world.server.idp.sweep().await.unwrap();
    assert_eq!(messages(&world.server, "bye").await.len(), 1);
    world.server.clock.advance(1);
    world.server.idp.sweep().await.unwrap();
    assert!(messages(&world.server, "bye").await.is_empty());
}

async fn many_nodes_send_each_message_once(server: Server) {
    let world = World::of(server).await;
    let (one, other) = (world.node().await, world.node().await);
    for number in 0..12 {
        let name = format!("user{number}");
        world.server.create_user(&name).await;
        let (mut browser, _) = sign_in(&world.server, &name, "bye").await;
        browser.get("/logout").await;
    }
    let nodes = [&world.server.idp, &one.idp, &other.idp];
    let mut sent: u64 = join_all(nodes.map(|node| node.deliver_logouts())).await.into_iter().map(Result::unwrap).sum();
    sent += world.server.idp.deliver_logouts().await.unwrap();
    let told: std::collections::BTreeSet<_> = world.told().iter().map(|claims| claims["sid"].to_string()).collect();
    assert_eq!((sent, world.site.hits(), told.len()), (12, 12, 12));
}

async fn what_waited_for_a_day_is_given_up_tried_or_not(server: Server) {
    create_told(&server, "gone", "https://gone.invalid/bye").await;
    for number in 0..6 {
        let name = format!("user{number}");
        server.create_user(&name).await;
        let (mut browser, _) = sign_in(&server, &name, "gone").await;
        browser.get("/logout").await;
    }
    // Nobody sent anything for more than a day; four are tried at once.
    server.clock.advance(86_400 + 1);
    assert_eq!(server.idp.deliver_logouts().await.unwrap(), 4);
    let rows = messages(&server, "gone").await;
    let given_up = rows.iter().filter(|row| row.delivery == Delivery::GivenUp).count();
    assert_eq!((rows.len(), given_up), (6, 6), "{rows:?}");
    server.clock.advance(3_600);
    assert_eq!(server.idp.deliver_logouts().await.unwrap(), 0);
}

async fn the_message_of_a_node_that_died_is_sent_by_another(server: Server) {
    let world = World::of(server).await;
    let (mut browser, _) = world.signed_in().await;
    browser.get("/logout").await;
    let node = world.node().await;
    world.status.store(0, Ordering::SeqCst);
    // It dies when its request is on its way.
    let on_its_way = async {
        while world.site.hits() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        sent = node.idp.deliver_logouts() => panic!("{sent:?}"),
        () = on_its_way => {}
    }
    world.status.store(200, Ordering::SeqCst);
    world.server.clock.advance(29);
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 0, "it is claimed");
    world.server.clock.advance(1);
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 1);
    let [row] = messages(&world.server, "bye").await.try_into().unwrap();
    assert_eq!((row.delivery, row.attempts, world.site.hits()), (Delivery::Done, 2, 2));
}

#[tokio::test]
async fn a_message_that_nobody_takes_is_given_up_after_a_day() {
    let world = World::of(Server::start().await).await;
    let (mut browser, _) = world.signed_in().await;
    browser.get("/logout").await;
    world.status.store(400, Ordering::SeqCst);
    let mut tries = 0;
    loop {
        tries += world.server.idp.deliver_logouts().await.unwrap();
        let [row] = messages(&world.server, "bye").await.try_into().unwrap();
        match row.delivery {
            Delivery::Waiting(next) => world.server.clock.set(next),
            delivery => {
                assert_eq!((delivery, row.attempts), (Delivery::GivenUp, 8));
                break;
            }
        }
    }
    assert_eq!(tries, 8);
    assert!(world.server.clock.now().0 - START < 86_400);
    // Whoever was away for days tries once, and no more.
    let (mut browser, _) = world.signed_in().await;
    browser.get("/logout").await;
    world.server.clock.advance(3 * 86_400);
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 1);
    let rows = messages(&world.server, "bye").await;
    assert!(rows.iter().all(|row| row.delivery == Delivery::GivenUp), "{rows:?}");
}

#[tokio::test]
async fn a_client_that_cannot_be_reached_keeps_nobody_waiting() {
    let world = World::of(Server::start().await).await;
    // A port that nobody listens on any more.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for id in ["gone", "refusing"] {
        create_told(&world.server, id, &format!("https://localhost:{gone}/bye")).await;
    }
    for (id, times) in [("gone", 10), ("refusing", 10), ("bye", 3)] {
        for _ in 0..times {
            let (mut browser, _) = sign_in(&world.server, "alice", id).await;
            browser.get("/logout").await;
        }
        world.server.clock.advance(1);
    }
    // Four to each of those that are away, and all to the one that is there.
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 4 + 4 + 3);
    assert_eq!(world.site.hits(), 3);
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 0, "the others wait for a minute");
    world.server.clock.advance(60);
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 8);
}
