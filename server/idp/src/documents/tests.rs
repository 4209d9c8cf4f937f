//! Documents that cannot be had, and rows that are forgotten.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use oauth::registration::KNOWN_DOCUMENTS;

use super::*;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::outbound::{Outbound, OutboundOptions, Resolve};
use crate::testing::{Kind, TestDatabase, execute, open_node};

/// A network in which no name is known.
#[derive(Debug)]
struct NoNetwork;

impl Resolve for NoNetwork {
    fn resolve<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        async { Ok(Vec::new()) }.boxed()
    }
}

async fn cut_off(database: &TestDatabase, clock: &Clock) -> Idp {
    let mut idp = open_node(database, clock).await;
    let (issuer, options) = (idp.issuer().clone(), OutboundOptions::default());
    let outbound = Outbound::build(&issuer, &options, Arc::new(NoNetwork), Duration::from_secs(5)).unwrap();
    Arc::get_mut(&mut idp.0).unwrap().outbound = outbound;
    idp
}

#[tokio::test(flavor = "multi_thread")]
async fn well_known_clients_are_served_without_a_network_and_others_are_not() {
    let database = TestDatabase::create(Kind::Sqlite).await.unwrap();
    let idp = cut_off(&database, &Clock::fixed(Timestamp(1_800_000_000))).await;
    for known in KNOWN_DOCUMENTS {
        let visitor = idp.find_visitor(&ClientId::new(known.client_id), None).await.unwrap();
        assert_eq!(visitor.document.unwrap().source, DocumentSource::BuiltIn);
        let signs = known.document.contains("jwks_uri");
        assert!(visitor.is_new && visitor.client.is_public() != signs, "{}", known.client_id);
    }
    let other = idp.find_visitor(&ClientId::new("https://a.example/client.json"), None).await;
    let Err(VisitError::Problem(Problem::ClientDocument { reason, .. })) = other else { panic!("{other:?}") };
    assert_eq!(reason, "it cannot be fetched", "names of this network are nobody's business");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_document_counts_and_stays_when_nobody_uses_it() {
    for kind in Kind::ALL {
        let Some(database) = TestDatabase::create(kind).await else { continue };
        let clock = Clock::fixed(Timestamp(1_800_000_000));
        let idp = cut_off(&database, &clock).await;
        let id = "https://a.example/client.json";
        let text = |uri: &str| format!(r#"{{"client_id":"{id}","redirect_uris":["{uri}"]}}"#);
        idp.put_document(&Actor::admin(), id, &text("https://a.example/cb")).await.unwrap();
        let visitor = idp.find_visitor(&ClientId::new(id), Some("https://b.example/cb")).await.unwrap();
        assert!(visitor.document.is_none() && !visitor.is_new, "{kind:?}");
        idp.put_document(&Actor::admin(), id, &text("https://b.example/cb")).await.unwrap();
        let visitor = idp.find_visitor(&ClientId::new(id), None).await.unwrap();
        assert!(visitor.client.find_redirect_uri("https://b.example/cb").is_some(), "{kind:?}");
        clock.advance(400 * 86_400);
        idp.sweep().await.unwrap();
        assert_eq!(idp.list_documents().await.unwrap().len(), 1, "{kind:?}");
        // One that came by itself does not stay.
        execute(database.url(), "UPDATE client_document SET source = 'live'").await;
        idp.sweep().await.unwrap();
        assert_eq!(idp.list_documents().await.unwrap().len(), 0, "{kind:?}");
    }
}
