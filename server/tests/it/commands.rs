//! The command line: a command that looks changes nothing, and one that needs a server refuses where there is none.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use idp::clock::Clock;
use idp::testing::{Kind, TestDatabase, execute};
use oauth::secret::Secret;

use crate::activity::request_id;
use crate::browser::Browser;
use crate::server::{ADMIN_TOKEN, CALLBACK, ISSUER, Server};

/// The secret of [`Server::open_provider`].
const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Commands for a server that is there.
const FOR_A_SERVER: [&[&str]; 4] =
    [&["admin-token", "reset"], &["audit", "verify"], &["keys", "list"], &["keys", "rotate"]];

fn signet(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_signet"))
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("RUST_LOG", "warn")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// The last line on standard error of a command that failed and printed nothing else.
fn refusal(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{stderr}");
    stderr.lines().last().unwrap().to_owned()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The files in a directory, with what they hold.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

async fn install(url: &str) {
    let idp = Server::open_provider(url, ISSUER, Clock::system()).await;
    idp.set_up(Some(&Secret::new(ADMIN_TOKEN))).await.unwrap();
    idp.close().await;
}

#[test]
fn in_the_wrong_directory_a_command_says_so_and_makes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for arguments in FOR_A_SERVER {
        for variables in [&[][..], &[("APP_SECRET", APP_SECRET), ("ADMIN_TOKEN", ADMIN_TOKEN)]] {
            let said = refusal(&signet(directory.path(), arguments, variables));
            assert!(said.contains("there is no database oauth.db"), "{said}");
            assert!(said.contains(directory.path().to_str().unwrap()), "{said}");
        }
        let said = refusal(&signet(directory.path(), arguments, &[("DATABASE_URL", "sqlite::memory:")]));
        assert!(said.contains("always new"), "{said}");
        assert_eq!(files(directory.path()), BTreeMap::new());
    }
}

#[test]
fn in_a_database_of_something_else_a_command_makes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("oauth.db"), "").unwrap();
    for arguments in FOR_A_SERVER {
        let said = refusal(&signet(directory.path(), arguments, &[]));
        assert!(said.contains("holds nothing of Signet"), "{said}");
    }
    assert_eq!(files(directory.path()), BTreeMap::from([("oauth.db".to_owned(), Vec::new())]));
    std::fs::write(directory.path().join("oauth.db"), "this is a letter to my grandmother").unwrap();
    for arguments in FOR_A_SERVER {
        let said = refusal(&signet(directory.path(), arguments, &[]));
        assert!(said.contains("oauth.db: ") && said.contains("not a database"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_an_empty_database_server_a_command_makes_nothing() {
    for kind in [Kind::Postgres, Kind::MySql] {
        let Some(database) = TestDatabase::create(kind).await else { continue };
        let directory = tempfile::tempdir().unwrap();
        for arguments in FOR_A_SERVER {
            let said = refusal(&signet(directory.path(), arguments, &[("DATABASE_URL", database.url())]));
            assert!(said.contains("holds nothing of Signet"), "{kind:?}: {said}");
        }
        assert_eq!(files(directory.path()), BTreeMap::new());
        // Nobody made a table: the first migration makes all of them.
        let migrated = printed(&signet(directory.path(), &["migrate"], &[("DATABASE_URL", database.url())]));
        assert_eq!(migrated, "The database has the schema of this version.");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn listing_keys_leaves_every_byte_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("oauth.db");
    install(&format!("sqlite:///{}", path.display())).await;
    let before = files(directory.path());
    let variables = [("APP_SECRET", APP_SECRET), ("ADMIN_TOKEN", "another-admin-token")];
    let listed = printed(&signet(directory.path(), &["keys", "list"], &variables));
    assert_eq!(listed.lines().count(), 4, "three that sign, and one to encrypt to: {listed}");
    assert!(files(directory.path()) == before, "the files are others now");
    // A copy with another kind of journal keeps it.
    let url = format!("sqlite:///{}", path.display());
    execute(&url, "PRAGMA journal_mode = DELETE").await;
    let before = files(directory.path());
    printed(&signet(directory.path(), &["keys", "list"], &variables));
    assert!(files(directory.path()) == before, "the files are others now");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_secret_of_the_server_none_is_made() {
    let directory = tempfile::tempdir().unwrap();
    install(&format!("sqlite:///{}/oauth.db", directory.path().display())).await;
    for arguments in FOR_A_SERVER {
        let said = refusal(&signet(directory.path(), arguments, &[]));
        assert!(said.contains("APP_SECRET: it is not set, and there is no file oauth.db.secret"), "{said}");
    }
    assert_eq!(files(directory.path()).into_keys().collect::<Vec<_>>(), ["oauth.db"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_schema_is_left_alone_until_somebody_migrates() {
    for kind in Kind::ALL {
        let Some(database) = TestDatabase::create(kind).await else { continue };
        install(database.url()).await;
        for sql in [
            "DROP TABLE failed_attempt",
            "DELETE FROM seaql_migrations WHERE version = 'm20261123_000003_failed_attempt'",
        ] {
            execute(database.url(), sql).await;
        }
        let directory = tempfile::tempdir().unwrap();
        let variables = [("DATABASE_URL", database.url()), ("APP_SECRET", APP_SECRET)];
        for arguments in FOR_A_SERVER {
            let said = refusal(&signet(directory.path(), arguments, &variables));
            assert!(said.contains("run `signet migrate` first"), "{kind:?}: {said}");
        }
        printed(&signet(directory.path(), &["migrate"], &variables));
        assert_eq!(printed(&signet(directory.path(), &["keys", "list"], &variables)).lines().count(), 4, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_prints_a_token_that_opens_the_server_and_no_other() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let directory = tempfile::tempdir().unwrap();
        let variables = [("DATABASE_URL", server.database.url()), ("APP_SECRET", APP_SECRET)];
        let token = printed(&signet(directory.path(), &["admin-token", "reset"], &variables));
        let mut browser = server.browser();
        assert_eq!(browser.post("/admin/login", &[("token", &token)]).await.location(), "/admin/ui", "{kind:?}");
        assert_eq!(browser.post("/admin/login", &[("token", ADMIN_TOKEN)]).await.status, 401, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_set_up_has_no_token_to_reset() {
    let server = Server::fresh().await;
    let directory = tempfile::tempdir().unwrap();
    let variables = [("DATABASE_URL", server.database.url()), ("APP_SECRET", APP_SECRET)];
    let said = refusal(&signet(directory.path(), &["admin-token", "reset"], &variables));
    assert!(said.contains("not set up") && said.contains("/setup"), "{said}");
    assert!(!server.idp.is_set_up().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_utf_8_is_refused_by_name() {
    let Some(database) = TestDatabase::create(Kind::Postgres).await else { return };
    for encoding in ["SQL_ASCII", "LATIN1"] {
        let name = format!("signet_{}", idp::random::client_id());
        let sql =
            format!("CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
        execute(database.url(), &sql).await;
        let url = format!("{}/{name}", database.url().rsplit_once('/').unwrap().0);
        let directory = tempfile::tempdir().unwrap();
        let variables = [("DATABASE_URL", url.as_str()), ("APP_SECRET", APP_SECRET)];
        for command in [&["serve"][..], &["migrate"], &["keys", "list"]] {
            let said = refusal(&signet(directory.path(), command, &variables));
            assert!(
                said.contains(&format!("its encoding is {encoding}")) && said.contains("ENCODING 'UTF8'"),
                "{said}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_was_converted_to_a_smaller_encoding_is_refused_by_name() {
    let Some(server) = Server::start_on(Kind::MySql).await else { return };
    execute(server.database.url(), "ALTER TABLE audit_event MODIFY actor VARCHAR(255) CHARACTER SET latin1").await;
    let directory = tempfile::tempdir().unwrap();
    let variables = [("DATABASE_URL", server.database.url()), ("APP_SECRET", APP_SECRET)];
    let said = refusal(&signet(directory.path(), &["keys", "list"], &variables));
    assert!(said.contains("audit_event.actor is latin1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_others_read_are_named_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("oauth.db");
    install(&format!("sqlite:///{}", path.display())).await;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    // The address is taken, so the server looks at its surroundings and ends.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = signet(directory.path(), &["serve"], &[("LISTEN_ADDR", &address), ("APP_SECRET", APP_SECRET)]);
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(log.contains("oauth.db can be read by others (mode 644): run `chmod 600 oauth.db`"), "{log}");
    assert!(log.contains("everybody may replace files in ."), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_is_verified_and_the_exit_code_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:///{}", directory.path().join("oauth.db").display());
    install(&url).await;
    let verify = |more: &[&str]| {
        let arguments = [&["audit", "verify"], more].concat();
        signet(directory.path(), &arguments, &[("DATABASE_URL", &url), ("APP_SECRET", APP_SECRET)])
    };
    let said = printed(&verify(&[]));
    let head = said.lines().find_map(|line| line.strip_prefix("head: ")).unwrap().to_owned();
    assert!(said.contains("changes in the chain: 5"), "{said}");
    assert_eq!(printed(&verify(&["--seen", &head])), said);
    assert!(!verify(&["--seen", "5 abc"]).status.success());
    execute(&url, "DELETE FROM audit_event WHERE number = 5").await;
    let output = verify(&[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("the last changes are missing: the head is change 5, the last one there is 4"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_the_events_is_told_of_those_that_come() {
    let database = TestDatabase::create(Kind::Sqlite).await.unwrap();
    install(database.url()).await;
    let directory = tempfile::tempdir().unwrap();
    let variables = [("DATABASE_URL", database.url()), ("APP_SECRET", APP_SECRET)];
    let mut following = Command::new(env!("CARGO_BIN_EXE_signet"))
        .args(["events", "--follow", "--json", "--kind", "change", "--limit", "1"])
        .current_dir(&directory)
        .env_clear()
        .envs(variables)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("server.set_up"));
    printed(&signet(directory.path(), &["admin-token", "reset"], &variables));
    let next = lines.next().unwrap().unwrap();
    following.kill().unwrap();
    following.wait().unwrap();
    assert!(next.contains("server.reset_admin_token"), "{next}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_explained_with_what_mends_it_and_where() {
    let server = Server::start().await;
    let address = Browser::request(&[("redirect_uri", &format!("{CALLBACK}/"))]);
    let refused = server.browser().get(&address).await;
    server.idp.flush_activity().await;
    let directory = tempfile::tempdir().unwrap();
    let variables = [("DATABASE_URL", server.database.url()), ("APP_SECRET", APP_SECRET), ("ISSUER", ISSUER)];
    let said = printed(&signet(directory.path(), &["explain", request_id(&refused)], &variables));
    for part in [
        "time       2027-01-15T08:00:00Z\n",
        "sent       redirect_uri=https://app.example/cb/\n                                              ^\n",
        "nearest    https://app.example/cb\n",
        "Add it to Redirect URIs under Settings of The web app:\n",
        "http://127.0.0.1:8000/admin/ui/clients/web/settings?redirect_uris=",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let now = Clock::system().now();
    for (days, word) in [(91, "ACTIVITY_RETENTION_DAYS"), (1, "there is none of this request")] {
        let id = idp::random::request_id(now.plus(-days * 86_400));
        let said = refusal(&signet(directory.path(), &["explain", &id], &variables));
        assert!(said.contains(word), "{said}");
    }
}
