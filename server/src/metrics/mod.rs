//! The metrics of the server, for Prometheus. Every metric is described in `docs/monitoring.md`; a test compares the two.
//!
//! Labels are words of the protocol, matched routes and status codes: a caller cannot make new ones, so the number of series is
//! bounded. One set of metrics for each [`crate::Signet`], none for the process.

mod connections;
mod scrape;
pub(crate) mod serve;

use std::time::Duration;

use axum::http::{Method, StatusCode};
pub(crate) use connections::ConnectionMetrics;
use oauth::client::GrantType;
use oauth::error::{ErrorCode, OAuthError};
use oauth::form::Form;
use oauth::jose::SigningAlg;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Counters and gauges of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, Buckets>,
    tokens: Family<GrantLabels, Counter>,
    token_errors: Family<TokenErrorLabels, Counter>,
    logins: Family<OutcomeLabels, Counter>,
    authorizations: Family<OutcomeLabels, Counter>,
    introspections: Family<ActiveLabels, Counter>,
    swept: Counter,
    connections: ConnectionMetrics,
    key_age: Family<AlgLabels, Gauge>,
    keys: Family<KeyLabels, Gauge>,
    database_up: Gauge,
    audit_head: Family<HeadLabels, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    path: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    path: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GrantLabels {
    grant_type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenErrorLabels {
    grant_type: &'static str,
    error: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActiveLabels {
    active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AlgLabels {
    alg: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KeyLabels {
    alg: &'static str,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HeadLabels {
    digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
}

/// Upper ends of the buckets of durations, in seconds: from what a cached answer takes to where clients give up.
#[derive(Debug, Clone)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
    }
}

/// An outcome of signing in with a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    Succeeded,
    Refused,
    /// Not looked at: there were too many wrong ones before.
    Delayed,
}

/// An outcome of an authorization request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authorization {
    /// A code was issued.
    Issued,
    /// The client was told of an error.
    Error(ErrorCode),
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("signet"),
            requests: Family::default(),
            durations: Family::new_with_constructor(Buckets),
            tokens: Family::default(),
            token_errors: Family::default(),
            logins: Family::default(),
            authorizations: Family::default(),
            introspections: Family::default(),
            swept: Counter::default(),
            connections: ConnectionMetrics::default(),
            key_age: Family::default(),
            keys: Family::default(),
            database_up: Gauge::default(),
            audit_head: Family::default(),
        };
        metrics.register();
        metrics.begin_at_zero();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let build: Family<BuildLabels, Gauge> = Family::default();
        build.get_or_create(&BuildLabels { version: env!("CARGO_PKG_VERSION") }).set(1);
        let registry = &mut self.registry;
        registry.register("http_requests", "Requests that were answered", self.requests.clone());
        let help = "Time from the head of a request to the head of its answer";
        registry.register("http_request_duration_seconds", help, self.durations.clone());
        registry.register("tokens_issued", "Token requests that were granted", self.tokens.clone());
        registry.register("token_errors", "Token requests that were refused", self.token_errors.clone());
        registry.register("logins", "Attempts to sign in with a password", self.logins.clone());
        let help = "Authorization requests that were answered to the client";
        registry.register("authorizations", help, self.authorizations.clone());
        registry.register("introspections", "Tokens that were introspected", self.introspections.clone());
        self.connections.register(registry);
        registry.register("rows_swept", "Expired rows that this process deleted", self.swept.clone());
        registry.register("signing_key_age_seconds", "How long the key has been signing", self.key_age.clone());
        registry.register("signing_keys", "Signing keys by state", self.keys.clone());
        registry.register("database_up", "Whether the database answers", self.database_up.clone());
        let help = "The number of the newest change, with its digest";
        registry.register("audit_head", help, self.audit_head.clone());
        registry.register("build_info", "The version of the server", build);
    }

    /// A counter that does not exist yet has no rate: its first event would go unseen.
    fn begin_at_zero(&self) {
        for grant_type in GrantType::ALL {
            drop(self.tokens.get_or_create(&GrantLabels { grant_type: grant_type.as_str() }));
            let error = ErrorCode::InvalidGrant.as_str();
            drop(self.token_errors.get_or_create(&TokenErrorLabels { grant_type: grant_type.as_str(), error }));
        }
        for outcome in ["succeeded", "refused", "delayed"] {
            drop(self.logins.get_or_create(&OutcomeLabels { outcome }));
        }
        drop(self.authorizations.get_or_create(&OutcomeLabels { outcome: "issued" }));
        for active in [true, false] {
            drop(self.introspections.get_or_create(&ActiveLabels { active }));
        }
    }

    /// A request to the route `path` was answered.
    pub(crate) fn count_request(&self, method: &Method, path: &str, status: StatusCode, took: Duration) {
        let method = name_of(method);
        let labels = RequestLabels { method, path: path.to_owned(), status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&RouteLabels { method, path: labels.path }).observe(took.as_secs_f64());
    }

    /// A token request was granted, or refused.
    pub(crate) fn count_tokens(&self, grant_type: &'static str, refused: Option<&OAuthError>) {
        match refused {
            None => self.tokens.get_or_create(&GrantLabels { grant_type }).inc(),
            Some(error) => {
                self.token_errors.get_or_create(&TokenErrorLabels { grant_type, error: error.code.as_str() }).inc()
            }
        };
    }

    pub(crate) fn count_login(&self, login: Login) {
        let outcome = match login {
            Login::Succeeded => "succeeded",
            Login::Refused => "refused",
            Login::Delayed => "delayed",
        };
        self.logins.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    pub(crate) fn count_authorization(&self, authorization: Authorization) {
        let outcome = match authorization {
            Authorization::Issued => "issued",
            Authorization::Error(code) => code.as_str(),
        };
        self.authorizations.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    pub(crate) fn count_introspection(&self, active: bool) {
        self.introspections.get_or_create(&ActiveLabels { active }).inc();
    }

    /// The numbers of the main listener.
    pub(crate) fn connections(&self) -> &ConnectionMetrics {
        &self.connections
    }

    pub(crate) fn count_swept(&self, rows: u64) {
        self.swept.inc_by(rows);
    }

    /// Shows the newest change, and no other.
    fn note_head(&self, head: idp::AuditHead) {
        self.audit_head.clear();
        self.audit_head.get_or_create(&HeadLabels { digest: head.digest }).set(head.number);
    }

    /// Writes down what is true now, and not counted as it happens.
    fn note_keys(&self, keys: &[idp::KeyInfo], now: oauth::time::Timestamp) {
        for alg in SigningAlg::ALL {
            for state in [idp::KeyState::Next, idp::KeyState::Active, idp::KeyState::Retiring] {
                let number = keys.iter().filter(|key| (key.alg, key.state) == (alg, state)).count();
                let labels = KeyLabels { alg: alg.as_str(), state: state.as_str() };
                self.keys.get_or_create(&labels).set(i64::try_from(number).unwrap_or(i64::MAX));
            }
            let active = keys.iter().find(|key| (key.alg, key.state) == (alg, idp::KeyState::Active));
            if let Some(since) = active.and_then(|key| key.activated_at) {
                self.key_age.get_or_create(&AlgLabels { alg: alg.as_str() }).set(now.since(since));
            }
        }
    }
}

/// The grant type that a token request names, if it is one of ours.
pub(crate) fn grant_type_of(form: &Form) -> &'static str {
    GrantType::find(&form.text("grant_type")).map_or("other", GrantType::as_str)
}

/// Methods that people made up are one.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
