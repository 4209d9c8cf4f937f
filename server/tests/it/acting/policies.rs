//! The order of consent policies, on each database.

use idp::PageRequest;
use oauth::client::ClientKind;
use oauth::count::Count;
use oauth::listing::{PolicyColumn, Sorting};

use crate::concurrency::on_every_database;
use crate::server::Server;

on_every_database!(the_table_is_sorted_by_what_it_shows);

async fn the_table_is_sorted_by_what_it_shows(server: Server) {
    for (id, policy) in [("always", "always"), ("once", "once"), ("skip", "skip")] {
        // The name of a client that says of itself what it is not.
        server
            .create_client(ClientKind::Web, id, |draft, own| {
                draft.client_name = format!("{id} \"consent_policy\":\"always\"");
                own.consent_policy = policy.to_owned();
            })
            .await;
    }
    server.tokens("openid").await;
    let names = async |text: &str, by, descending| {
        let order = Sorting { by, descending };
        let page = server.idp.list_consent_policies(text, order, PageRequest::new(1, 25)).await.unwrap();
        assert_eq!(page.total, Count::new(page.rows.len() as u64));
        page.rows.iter().map(|row| row.client.client_id.to_string()).collect::<Vec<_>>()
    };
    use PolicyColumn as C;
    assert_eq!(names("", C::Policy, false).await, ["always", "once", "job", "spa", "web", "skip"]);
    assert_eq!(names("", C::Policy, true).await, ["skip", "job", "spa", "web", "once", "always"]);
    let by_name = names("", C::Name, false).await;
    assert!(names("", C::Name, true).await.iter().rev().eq(&by_name));
    assert_eq!(names("", C::Consents, true).await[0], "web");
    assert_eq!(names("", C::Consents, false).await[5], "web");
    assert_eq!(names("sk", C::Policy, true).await, ["skip"]);
    assert!(names("nobody", C::Name, false).await.is_empty());
    let order = Sorting { by: C::Name, descending: false };
    let page = server.idp.list_consent_policies("", order, PageRequest::new(2, 4)).await.unwrap();
    assert_eq!((page.rows.len(), page.total), (2, Count::new(6)));
}
