//! The metrics, and who may read them.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tower::ServiceExt as _;

use crate::browser::Answer;
use crate::server::{ADMIN_TOKEN, PASSWORD, SECRET, Server, text};

async fn ask(server: &Server, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(Request::get("/metrics"), |request, (name, value)| request.header(*name, *value));
    server.send(request.body(Body::empty()).unwrap()).await
}

/// The metrics as text.
async fn scrape(server: &Server) -> String {
    ask(server, &[("x-admin-token", ADMIN_TOKEN)]).await.body
}

/// The value of a series.
fn value(metrics: &str, series: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in\n{metrics}")).parse().unwrap()
}

#[tokio::test]
async fn only_who_holds_the_admin_token_reads_them_at_the_main_address() {
    let server = Server::start().await;
    let bearer = format!("Bearer {ADMIN_TOKEN}");
    for headers in [vec![("x-admin-token", ADMIN_TOKEN)], vec![("authorization", bearer.as_str())]] {
        let answer = ask(&server, &headers).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
        assert!(answer.body.ends_with("# EOF\n"));
    }
    for headers in [vec![], vec![("x-admin-token", "guess")], vec![("authorization", "Bearer guess")]] {
        let answer = ask(&server, &headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.header("www-authenticate").starts_with("Bearer") && !answer.body.contains("signet_"));
    }
}

#[tokio::test]
async fn the_address_of_the_metrics_serves_them_and_health_and_nothing_else() {
    let server = Server::start().await;
    let router = signet::metrics_router(signet::Signet::new(server.idp.clone()));
    let get = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        Answer::read(router.clone().oneshot(request).await.unwrap()).await
    };
    assert!(get("/metrics").await.body.contains("signet_build_info"));
    assert_eq!(get("/health").await.status, StatusCode::OK);
    for path in ["/", "/login", "/token", "/admin/clients", "/setup"] {
        assert_eq!(get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn what_happens_is_counted() {
    let server = Server::start().await;
    let before = scrape(&server).await;
    for series in [
        "signet_tokens_issued_total{grant_type=\"refresh_token\"}",
        "signet_logins_total{outcome=\"refused\"}",
        "signet_authorizations_total{outcome=\"issued\"}",
    ] {
        assert_eq!(value(&before, series), 0.0, "{series}");
    }
    let tokens = server.tokens("openid offline_access").await;
    server.refresh(&tokens).await;
    server.refresh(&serde_json::json!({ "refresh_token": "made-up" })).await;
    server.machine_token("email").await;
    server.post("/token", None, &[("grant_type", "made-up-by-a-stranger")]).await;
    server.browser().post("/login", &[("username", "alice"), ("password", "wrong")]).await;
    server.browser().post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
    server.browser().silently(&[]).await;
    server.introspect(text(&tokens, "access_token")).await;
    server.introspect("made up").await;
    server.browser().get("/admin/ui/clients/web").await;
    server.browser().get("/made-up-by-a-stranger").await;
    let after = scrape(&server).await;
    for (series, expected) in [
        ("signet_tokens_issued_total{grant_type=\"authorization_code\"}", 1.0),
        ("signet_tokens_issued_total{grant_type=\"refresh_token\"}", 1.0),
        ("signet_tokens_issued_total{grant_type=\"client_credentials\"}", 1.0),
        ("signet_token_errors_total{grant_type=\"refresh_token\",error=\"invalid_grant\"}", 1.0),
        ("signet_token_errors_total{grant_type=\"other\",error=\"invalid_client\"}", 1.0),
        ("signet_logins_total{outcome=\"refused\"}", 1.0),
        ("signet_logins_total{outcome=\"succeeded\"}", 2.0),
        ("signet_authorizations_total{outcome=\"issued\"}", 1.0),
        ("signet_authorizations_total{outcome=\"login_required\"}", 1.0),
        ("signet_introspections_total{active=\"true\"}", 1.0),
        ("signet_introspections_total{active=\"false\"}", 1.0),
        ("signet_http_requests_total{method=\"POST\",path=\"/token\",status=\"200\"}", 3.0),
        ("signet_http_requests_total{method=\"POST\",path=\"/login\",status=\"401\"}", 1.0),
        ("signet_http_requests_total{method=\"GET\",path=\"unmatched\",status=\"404\"}", 1.0),
        ("signet_http_request_duration_seconds_count{method=\"POST\",path=\"/token\"}", 5.0),
        ("signet_signing_keys{alg=\"ES256\",state=\"active\"}", 1.0),
        ("signet_signing_key_age_seconds{alg=\"ES256\"}", 0.0),
        ("signet_database_up", 1.0),
    ] {
        assert_eq!(value(&after, series), expected, "{series}");
    }
    assert!(value(&after, "process_resident_memory_bytes") > 1e6);
    for told in ["made-up", "alice", "web\"", SECRET] {
        assert!(!after.contains(told), "{told}");
    }
}

#[tokio::test]
async fn the_database_being_away_is_a_number() {
    let server = Server::start().await;
    server.idp.close().await;
    let router = signet::metrics_router(signet::Signet::new(server.idp.clone()));
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let answer = Answer::read(router.oneshot(request).await.unwrap()).await;
    assert_eq!((answer.status, value(&answer.body, "signet_database_up")), (StatusCode::OK, 0.0));
}

#[tokio::test]
async fn the_documentation_describes_every_metric_and_no_other() {
    let server = Server::start().await;
    server.tokens("openid").await;
    let metrics = scrape(&server).await;
    let types = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let served: BTreeSet<(String, String)> = types
        .map(|(name, kind)| (format!("{name}{}", if kind == "counter" { "_total" } else { "" }), kind.to_owned()))
        .collect();
    let page = include_str!("../../../docs/monitoring.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let described: BTreeSet<(String, String)> = rows
        .filter_map(|(name, rest)| Some((name.to_owned(), rest.split_once(" |")?.0.to_owned())))
        .filter(|(name, _)| name.starts_with("signet_") || name.starts_with("process_"))
        .collect();
    assert_eq!(served, described);
    // The alerts speak of metrics that there are.
    let words = page.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    for word in words.filter(|word| word.starts_with("signet_") || word.starts_with("process_")) {
        let name = word.trim_end_matches("_bucket");
        assert!(served.iter().any(|(served, _)| served == name), "{word}");
    }
}
