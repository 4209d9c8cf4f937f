//! Moving from a seed server: its file is made here, and what its people and applications do next is done.

mod again;
mod keys;
mod races;
mod tokens;

use std::path::PathBuf;
use std::process::Command;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::future::join_all;
use idp::testing::{Kind, TestDatabase, execute};
use idp::{Kind as Imported, Seed, SeedError};
use oauth::id::{ClientId, Subject};

use crate::server::{Server, claims, text};

/// Of "alice", by scrypt, made by Python's hashlib.
const ALICE: &str = "\
     scrypt:1024:8:1$Zk3nQ0xT$106df5525a2455575ed9a6feae4c5652d87e63604668624b9a244ed\
     c0f88eea521210bc77a1d92783ef45c572ca399d46ffba0a7936c5100846808d657a4b40e";

/// Of "bob", by PBKDF2.
const BOB: &str = "\
     pbkdf2:sha256:1000$a1B2c3D4$43fdada1a6b47829c4032d76f6398ee1b4379b3b9be4f96acc69\
     050903e311f5";

/// Of "the old admin token".
const ADMIN: &str = "\
     scrypt:1024:8:1$Zk3nQ0xT$7a03c383620392a38ce2ea4e143c61e6591674543e32c41447c878b\
     9a83ffcb71dd5b3c2dde34514e9ff88074cd2a7c9a248c94f0c2114d88ae36ed73aeee63d";

const SCHEMA: &str = "
    CREATE TABLE user (id INTEGER PRIMARY KEY, username VARCHAR(40) NOT NULL UNIQUE, password_hash VARCHAR(200) NOT NULL,
        email VARCHAR(120) UNIQUE);
    CREATE TABLE oauth2_client (id INTEGER PRIMARY KEY, client_id VARCHAR(48) NOT NULL UNIQUE, client_secret VARCHAR(120),
        client_name VARCHAR(120), client_uri VARCHAR(256), logo_uri VARCHAR(256), grant_types VARCHAR(120),
        redirect_uris TEXT, response_types VARCHAR(120), scope TEXT, token_endpoint_auth_method VARCHAR(120),
        require_consent BOOLEAN, created_at DATETIME);
    CREATE TABLE client_policy (id INTEGER PRIMARY KEY, client_id VARCHAR(48) NOT NULL UNIQUE, allowed_scopes TEXT,
        default_scopes TEXT, post_logout_redirect_uris TEXT, require_pkce BOOLEAN, consent_policy VARCHAR(16),
        access_token_lifetime INTEGER, refresh_token_ttl_days INTEGER, token_format VARCHAR(16));
    CREATE TABLE scope (name VARCHAR(120) PRIMARY KEY, description VARCHAR(256), claims TEXT);
    CREATE TABLE remembered_consent (id INTEGER PRIMARY KEY, user_id INTEGER, client_id VARCHAR(48) NOT NULL,
        scope TEXT NOT NULL, created_at DATETIME);
    CREATE TABLE server_settings (id INTEGER PRIMARY KEY, initialized BOOLEAN, admin_token_hash VARCHAR(255));
    CREATE TABLE oidc_key (id INTEGER PRIMARY KEY, kid VARCHAR(64) NOT NULL UNIQUE, alg VARCHAR(16), use VARCHAR(16),
        public_jwk TEXT NOT NULL, private_jwk TEXT NOT NULL, active BOOLEAN, created_at DATETIME);
    CREATE TABLE oauth2_token (id INTEGER PRIMARY KEY, client_id VARCHAR(48) NOT NULL, user_id INTEGER, token_type VARCHAR(40),
        access_token VARCHAR(255) UNIQUE, refresh_token VARCHAR(255) UNIQUE, scope TEXT, revoked BOOLEAN, issued_at INTEGER,
        expires_in INTEGER);";

fn rows() -> String {
    format!(
        "INSERT INTO user VALUES (7, 'alice', '{ALICE}', 'alice@example.com'), (8, 'bob', '{BOB}', NULL);
        INSERT INTO oauth2_client VALUES (1, 'shop', 'short secret', 'The shop', 'https://shop.example', NULL,
            'authorization_code refresh_token', 'https://shop.example/cb http://localhost:5000/cb https://*.example/cb', 'code',
            'openid profile files.read', 'client_secret_post', 1, '2025-01-02 03:04:05.678901'),
            (2, 'spa', NULL, NULL, NULL, NULL, 'authorization_code client_credentials', 'http://localhost:3000/callback',
            'code', 'openid', 'none', 1, NULL);
        INSERT INTO client_policy VALUES (1, 'shop', 'openid profile files.read', 'openid profile',
            'https://shop.example/', 0, 'once', 120, 7, 'opaque');
        INSERT INTO scope VALUES ('openid', 'Sign you in', '[]'), ('photos', 'See your photos', '[\"album\"]');
        INSERT INTO remembered_consent VALUES (1, 7, 'shop', 'openid profile', '2025-01-02 03:04:05.678901');
        INSERT INTO server_settings VALUES (1, 1, '{ADMIN}');"
    )
}

/// A seed server's file, and the database whose directory it is in.
struct File {
    database: TestDatabase,
}

impl File {
    async fn with(sql: &str) -> Self {
        let file = Self { database: TestDatabase::create(Kind::Sqlite).await.unwrap() };
        execute(&format!("{}?mode=rwc", file.database.url()), sql).await;
        file
    }

    async fn usual() -> Self {
        Self::with(&format!("{SCHEMA}{}", rows())).await
    }

    fn path(&self) -> PathBuf {
        self.database.url().trim_start_matches("sqlite:///").into()
    }

    async fn read(&self) -> Seed {
        Seed::read(&self.path(), "sqlite::memory:").await.unwrap()
    }
}

/// A server that has taken the usual file over; `None` where there is no database of that kind.
async fn moved_on(kind: Kind) -> Option<Server> {
    let server = Server::fresh_on(kind).await?;
    let report = server.idp.import_seed(&File::usual().await.read().await, false).await.unwrap();
    for (kind, imported) in [
        (Imported::AdminToken, 1),
        (Imported::User, 2),
        (Imported::Client, 2),
        (Imported::Consent, 1),
        (Imported::Scope, 2),
    ] {
        let outcome = report.get(kind);
        assert_eq!((outcome.imported, outcome.refused), (imported, Vec::new()), "{report}");
    }
    Some(server)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_twice_at_once_is_let_in_twice() {
    for kind in Kind::ALL {
        let Some(server) = moved_on(kind).await else { continue };
        // Each finds the imported hash, and one of them replaces it.
        let fields = [("username", "alice"), ("password", "alice")];
        let answers = join_all((0..4).map(|_| async { server.browser().post("/login", &fields).await })).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::SEE_OTHER), "{kind:?}");
        let wrong = [("username", "alice"), ("password", "alicia")];
        assert_eq!(server.browser().post("/login", &wrong).await.status, StatusCode::UNAUTHORIZED);
    }
}

const AUTHORIZE: &str = "/authorize?client_id=shop&response_type=code&scope=openid%20profile&state=s\
     &redirect_uri=https%3A%2F%2Fshop.example%2Fcb";

#[tokio::test]
async fn an_application_goes_on_with_its_secret_and_knows_its_users_again() {
    for kind in Kind::ALL {
        let Some(server) = moved_on(kind).await else { continue };
        let mut browser = server.browser();
        let answer = browser.post("/login", &[("username", "alice"), ("password", "alice")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        // She agreed on the other server: she is not asked again.
        let answer = browser.get(AUTHORIZE).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let code = answer.query().text("code");
        let answer = server
            .post(
                "/token",
                None,
                &[
                    ("grant_type", "authorization_code"),
                    ("code", &code),
                    ("redirect_uri", "https://shop.example/cb"),
                    ("client_id", "shop"),
                    ("client_secret", "short secret"),
                ],
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let tokens = answer.json();
        assert_eq!(claims(text(&tokens, "id_token"))["sub"], "7");
        assert_eq!(tokens["expires_in"], 120);
        let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
        assert_eq!((&userinfo["sub"], &userinfo["preferred_username"]), (&"7".into(), &"alice".into()));
    }
}

#[tokio::test]
async fn the_first_sign_in_replaces_the_imported_hash() {
    let server = moved_on(Kind::Sqlite).await.unwrap();
    let holds = |needle: &str| String::from_utf8_lossy(&server.database_bytes()).contains(needle);
    for (name, wrong) in [("alice", "bob"), ("bob", "alice")] {
        let answer = server.browser().post("/login", &[("username", name), ("password", wrong)]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert!(!holds("$argon2id$"));
    for _ in 0..2 {
        for name in ["alice", "bob"] {
            let answer = server.browser().post("/login", &[("username", name), ("password", name)]).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        }
    }
    assert!(holds("$argon2id$"));
}

#[tokio::test]
async fn the_old_admin_token_opens_the_api_and_the_console() {
    for kind in Kind::ALL {
        let Some(server) = moved_on(kind).await else { continue };
        let ask = async |token: &str| {
            let request = Request::get("/admin/users/7").header("X-Admin-Token", token);
            server.send(request.body(Body::empty()).unwrap()).await
        };
        assert_eq!(ask("another admin token").await.status, StatusCode::UNAUTHORIZED);
        // The second time there is a digest.
        for _ in 0..2 {
            let answer = ask("the old admin token").await;
            assert_eq!((answer.status, &answer.json()["username"]), (StatusCode::OK, &"alice".into()));
            assert_eq!(ask("another admin token").await.status, StatusCode::UNAUTHORIZED);
        }
        let answer = server.browser().post("/admin/login", &[("token", "the old admin token")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn what_cannot_come_over_is_named() {
    let server = Server::fresh().await;
    let report = server.idp.import_seed(&File::usual().await.read().await, false).await.unwrap().to_string();
    for line in [
        "note on shop: its secret is shorter than 32 characters",
        "note on shop: the URI https://*.example/cb was left out",
        "note on spa: client_credentials was left out",
        "note on spa: it has no secret, so it must send a code challenge",
        "note on files.read: a client names it",
    ] {
        assert!(report.contains(line), "{line}\n{report}");
    }
    assert!(!report.contains("short secret") && !report.contains(ALICE), "{report}");
    let shop = server.idp.get_client(&ClientId::new("shop")).await.unwrap();
    assert_eq!(shop.created_at.0, 1_735_787_045);
    assert_eq!(shop.client.redirect_uris.len(), 2);
}

#[tokio::test]
async fn an_import_that_is_run_again_changes_nothing() {
    for kind in Kind::ALL {
        let Some(server) = moved_on(kind).await else { continue };
        let subject = Subject::new("7");
        server.idp.set_password(&idp::Actor::admin(), &subject, "a new password").await.unwrap();
        let report = server.idp.import_seed(&File::usual().await.read().await, false).await.unwrap();
        for kind in [Imported::AdminToken, Imported::User, Imported::Client, Imported::Consent, Imported::Scope] {
            let outcome = report.get(kind);
            assert_eq!((outcome.imported, outcome.refused.len()), (0, 0), "{report}");
        }
        let answer = server.browser().post("/login", &[("username", "alice"), ("password", "a new password")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_writes_nothing() {
    let (server, file) = (Server::fresh().await, File::usual().await);
    let dry = server.idp.import_seed(&file.read().await, true).await.unwrap();
    assert_eq!(server.idp.count_users().await.unwrap(), 0);
    assert!(!server.idp.is_set_up().await.unwrap());
    let wet = server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert_eq!(dry, wet);
}

#[tokio::test]
async fn hostile_rows_are_refused_one_by_one() {
    let file = File::with(&format!(
        "{SCHEMA}
        INSERT INTO user VALUES (1, '<script>alert(1)</script>', 'scrypt:1073741824:8:1$salt$00', 'nonsense'),
            (2, 'nul' || char(0) || 'byte', 'x', NULL), (3, replace(hex(zeroblob(50000)), '00', 'long'), 'x', NULL),
            (-4, 'negative', 'x', NULL), (5, x'ff00fe', 'x', NULL), (6, 'esc' || char(27) || '[2J', 'x', NULL);
        INSERT INTO oauth2_client (client_id, grant_types, redirect_uris, scope) VALUES
            ('<img src=x>', 'authorization_code', 'https://a.example/cb', 'openid'),
            ('evil', 'authorization_code', 'javascript:alert(1) data:text/html,x', 'openid'),
            ('none', NULL, NULL, NULL), ('big', 'authorization_code', hex(zeroblob(200000)), 'openid');
        INSERT INTO scope VALUES ('a\"b', 'x', '[]'), ('odd', 'x', 'not json'), ('num', 'x', '[1]');
        INSERT INTO remembered_consent VALUES (1, 99, 'nobody', 'openid', 'yesterday');"
    ))
    .await;
    let server = Server::fresh().await;
    server.idp.set_up(None).await.unwrap();
    let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
    let users = report.get(Imported::User);
    assert_eq!((users.imported, users.refused.len()), (1, 5), "{report}");
    let clients = report.get(Imported::Client);
    assert_eq!((clients.imported, clients.refused.len()), (2, 2), "{report}");
    for id in ["evil", "big"] {
        assert!(report.to_string().contains(&format!("note on {id}: it has no redirect URI")), "{report}");
        assert!(server.idp.get_client(&ClientId::new(id)).await.unwrap().client.redirect_uris.is_empty());
    }
    assert_eq!(report.get(Imported::Consent).refused.len(), 1, "{report}");
    assert!(!report.to_string().contains(['\0', '\u{1b}']));
    // The one that came over has a name that is shown as it is, and a hash that nobody will ever compute.
    let answer = server.browser().post("/login", &[("username", "<script>alert(1)</script>"), ("password", "x")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_a_nul_is_refused_by_itself_on_every_database() {
    let nul = |text: &str| format!("'{text}' || char(0) || 'x'");
    let (name, id, scope, uri) = (nul("user"), nul("client"), nul("scope"), nul("https://a.example/cb"));
    let file = File::with(&format!(
        "{SCHEMA}{}
        INSERT INTO user VALUES (20, {name}, '{BOB}', NULL), (21, 'hash', {}, NULL);
        INSERT INTO oauth2_client (client_id, grant_types, redirect_uris, scope) VALUES
            ({id}, 'authorization_code', 'https://a.example/cb', 'openid'), ('uri', 'authorization_code', {uri}, 'openid');
        INSERT INTO scope VALUES ({scope}, 'x', '[]'), ('words', {}, '[]'), ('typo', 'x', '[\"phone_nubmer\"]');
        INSERT INTO remembered_consent VALUES (2, 7, {id}, 'openid', NULL), (3, 7, 'spa', {}, NULL);",
        rows(),
        nul("hash"),
        nul("words"),
        nul("openid"),
    ))
    .await;
    for kind in Kind::ALL {
        let Some(server) = Server::fresh_on(kind).await else { continue };
        let seed = file.read().await;
        let dry = server.idp.import_seed(&seed, true).await.unwrap();
        let report = server.idp.import_seed(&seed, false).await.unwrap();
        assert_eq!(dry, report, "{kind:?}");
        for (of, imported, refused) in
            [(Imported::User, 2, 2), (Imported::Client, 2, 2), (Imported::Scope, 3, 2), (Imported::Consent, 1, 2)]
        {
            let outcome = report.get(of);
            assert_eq!((outcome.imported, outcome.refused.len()), (imported, refused), "{kind:?}: {report}");
        }
        let text = report.to_string();
        assert_eq!(text.matches("a value of it holds a NUL character").count(), 6, "{kind:?}: {text}");
        assert!(text.contains("note on typo: no user has the claim phone_nubmer; is phone_number meant?"), "{text}");
    }
}

#[tokio::test]
async fn blanks_around_a_client_id_are_left_out_wherever_it_stands() {
    let padded = rows().replace("'shop'", "' shop '");
    let (server, file) = (Server::fresh().await, File::with(&format!("{SCHEMA}{padded}")).await);
    let dry = server.idp.import_seed(&file.read().await, true).await.unwrap();
    let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert_eq!(dry, report);
    assert_eq!((report.get(Imported::Client).imported, report.get(Imported::Consent).imported), (2, 1), "{report}");
    assert!(report.to_string().contains("note on shop: its ID has no blanks around it any more"), "{report}");
    let (subject, shop) = (Subject::new("7"), ClientId::new("shop"));
    assert!(server.idp.find_consent(&subject, &shop).await.unwrap().is_some());
    assert_eq!(server.idp.get_client(&shop).await.unwrap().client.rules().access_token_lifetime, 120);

    let twin = "INSERT INTO oauth2_client (client_id, grant_types, redirect_uris) VALUES
        ('spa ', 'authorization_code', 'https://twin.example/cb');";
    let (server, file) = (Server::fresh().await, File::with(&format!("{SCHEMA}{}{twin}", rows())).await);
    let dry = server.idp.import_seed(&file.read().await, true).await.unwrap();
    let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert_eq!(dry, report);
    let clients = report.get(Imported::Client);
    assert_eq!((clients.imported, clients.refused.len()), (2, 1), "{report}");
}

#[tokio::test]
async fn names_that_differ_in_case_only_are_refused_in_a_dry_run_too() {
    let users = format!("INSERT INTO user VALUES (1, 'Alice', '{ALICE}', NULL), (2, 'alice', '{ALICE}', NULL);");
    let (server, file) = (Server::fresh().await, File::with(&format!("{SCHEMA}{users}")).await);
    let dry = server.idp.import_seed(&file.read().await, true).await.unwrap();
    let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert_eq!(dry, report);
    let users = report.get(Imported::User);
    assert_eq!((users.imported, users.refused.len()), (1, 1), "{report}");
}

#[tokio::test]
async fn a_core_scope_that_was_deleted_here_comes_back_as_this_server_defines_it() {
    let server = Server::start().await;
    let before = server.idp.scopes().await.unwrap();
    for name in ["profile", "phone", "address"] {
        server.idp.delete_scope(&idp::Actor::admin(), name).await.unwrap();
    }
    let phone = "INSERT INTO scope VALUES ('phone', 'Call you', '[\"pager\"]');";
    let file = File::with(&format!("{SCHEMA}{}{phone}", rows())).await;
    let dry = server.idp.import_seed(&file.read().await, true).await.unwrap();
    let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert_eq!(dry.get(Imported::Scope), report.get(Imported::Scope));
    assert_eq!((report.get(Imported::Scope).imported, report.get(Imported::Scope).skipped), (4, 1), "{report}");
    let after = server.idp.scopes().await.unwrap();
    for (name, is_here) in [("profile", true), ("phone", true), ("address", false)] {
        let core = before.iter().find(|scope| scope.name.as_str() == name).unwrap();
        let here = after.iter().find(|scope| scope.name.as_str() == name);
        let said = here.map(|here| (&here.description, &here.claims));
        assert_eq!(said, is_here.then_some((&core.description, &core.claims)), "{name}");
        assert_ne!(here.map(|here| &here.id), Some(&core.id), "{name}: another scope of the same name");
    }
}

#[tokio::test]
async fn an_older_file_lacks_tables_and_columns() {
    let file = File::with(&format!(
        "CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT);
        CREATE TABLE oauth2_client (client_id TEXT, client_secret TEXT, redirect_uris TEXT, grant_types TEXT);
        INSERT INTO user VALUES (1, 'bob', '{BOB}');
        INSERT INTO oauth2_client VALUES ('web', 'a secret of more than thirty-two characters', 'https://a.example/cb',
            'authorization_code');"
    ))
    .await;
    let server = Server::fresh().await;
    let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert_eq!((report.get(Imported::User).imported, report.get(Imported::Client).imported), (1, 1), "{report}");
    assert!(!server.idp.is_set_up().await.unwrap());
}

#[tokio::test]
async fn what_is_no_seed_file_is_refused_in_a_sentence() {
    let other = File::with("CREATE TABLE user (id INTEGER, name TEXT)").await;
    let missing = other.path().with_extension("missing");
    let torn = other.path().with_extension("torn");
    std::fs::write(&torn, "this is no database, though it is long enough to look at ".repeat(100)).unwrap();
    let read = async |path: &PathBuf| Seed::read(path, "sqlite::memory:").await.unwrap_err();
    assert!(matches!(read(&other.path()).await, SeedError::Foreign { column: "username", .. }));
    assert!(matches!(read(&missing).await, SeedError::Unreadable { .. }));
    assert!(read(&torn).await.to_string().contains("not a database"));
    assert!(!missing.exists());
}

#[tokio::test]
async fn the_command_imports_and_never_into_the_file_it_reads() {
    let (file, target) = (File::usual().await, TestDatabase::create(Kind::Sqlite).await.unwrap());
    let before = std::fs::read(file.path()).unwrap();
    let run = |url: &str, arguments: &[&str]| {
        let signet = Command::new(env!("CARGO_BIN_EXE_signet"))
            .args(arguments)
            .env_clear()
            .env("DATABASE_URL", url)
            .env("APP_SECRET", "0123456789abcdef0123456789abcdef")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (signet.status.code(), text(signet.stdout), text(signet.stderr))
    };
    let path = file.path();
    let import = ["import", "seed", path.to_str().unwrap()];
    let (code, _, stderr) = run(file.database.url(), &import);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("this is the file that DATABASE_URL names"), "{stderr}");
    for command in ["serve", "migrate"] {
        let (code, _, stderr) = run(file.database.url(), &[command]);
        assert_eq!(code, Some(1));
        assert!(stderr.contains("DATABASE_URL names the database of a seed server"), "{stderr}");
    }
    let (code, stdout, stderr) = run(target.url(), &import);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("users: 2 imported, 0 here before, 0 refused"), "{stdout}");
    assert_eq!(std::fs::read(file.path()).unwrap(), before);
}
