//! An import that was cut off is run again.

use idp::Kind as Imported;
use idp::testing::execute;
use oauth::id::{ClientId, Subject};
use oauth::scope::Scope;

use super::{File, SCHEMA, rows};
use crate::server::Server;

/// A file with two consents, of alice and bob, and a server at which the import broke off before the `nth` of them.
async fn cut_off(nth: usize) -> (Server, File) {
    let more = "INSERT INTO remembered_consent VALUES (2, 8, 'shop', 'openid', NULL);";
    let file = File::with(&format!("{SCHEMA}{}{more}", rows())).await;
    let server = Server::fresh().await;
    let full = format!(
        "CREATE TRIGGER cut BEFORE INSERT ON consent WHEN (SELECT COUNT(*) FROM consent) >= {nth}
        BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    );
    execute(server.database.url(), &full).await;
    server.idp.import_seed(&file.read().await, false).await.unwrap_err();
    execute(server.database.url(), "DROP TRIGGER cut").await;
    (server, file)
}

async fn consent(server: &Server, user: &str) -> Option<String> {
    let remembered = server.idp.find_consent(&Subject::new(user), &ClientId::new("shop")).await.unwrap();
    remembered.as_ref().map(Scope::to_string)
}

#[tokio::test]
async fn consents_that_an_import_did_not_come_to_are_taken_by_the_next_one() {
    for nth in 0..2 {
        let (server, file) = cut_off(nth).await;
        assert_eq!(server.idp.count_users().await.unwrap(), 2);
        let dry = server.idp.import_seed(&file.read().await, true).await.unwrap();
        let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
        assert_eq!(dry.get(Imported::Consent), report.get(Imported::Consent));
        let consents = report.get(Imported::Consent);
        assert_eq!((consents.imported, consents.skipped), (2 - nth as u64, nth as u64), "{report}");
        assert_eq!(consent(&server, "7").await.as_deref(), Some("openid profile"));
        assert_eq!(consent(&server, "8").await.as_deref(), Some("openid"));
    }
}
