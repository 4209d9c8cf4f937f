//! Activity: the story of a request, told by whatever runs on its behalf, and kept as an event when the request is answered.
//!
//! Whoever learns something says so where it is learned: the client by whoever authenticates it, the person by whoever finds
//! them, the outcome by the handler. A story without a kind is nothing that happened, and leaves no event. Changes are another
//! thing: their events are written in their own transaction ([`crate::audit`]).

pub(crate) mod list;
mod live;
mod queue;
pub(crate) mod sums;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use oauth::activity::{EventKind, MAX_FACTS, Outcome, clip};
use oauth::error::{OAuthError, Problem};
use oauth::grant::Grant;
use oauth::id::{ClientId, Subject};
use oauth::refusal::Reason;
use oauth::scope::Scope;
use oauth::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use list::EventCount;
pub(crate) use live::Live;
pub use live::{Following, News};
pub(crate) use queue::Activity;
use queue::{Key, Whose};
pub use sums::{ActivitySums, BarSum, CodeSum, RefusalTrend};

use crate::entity::event;
use crate::{random, request_id, users};

/// The story of one request, so far.
#[derive(Debug, Default)]
pub struct Story {
    address: Option<IpAddr>,
    agent: Option<String>,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    kind: Option<EventKind>,
    outcome: Outcome,
    error: Option<String>,
    user: Option<Subject>,
    client: Option<ClientId>,
    /// A client that was found to be registered.
    registered: Option<ClientId>,
    /// A client that was found to be disabled.
    disabled: Option<ClientId>,
    scope: Option<String>,
    facts: Map<String, Value>,
}

tokio::task_local! {
    static STORY: Arc<Story>;
}

impl Story {
    /// The story of a request from this address, by this `User-Agent`.
    #[must_use]
    pub fn new(address: Option<IpAddr>, agent: Option<&str>) -> Arc<Self> {
        Arc::new(Self { address, agent: agent.map(clip), told: Mutex::default() })
    }

    /// Runs `future` as part of the request.
    pub async fn scope<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        STORY.scope(self, future).await
    }
}

fn tell(change: impl FnOnce(&mut Told)) {
    // Background work has no story.
    let _ = STORY.try_with(|story| change(&mut story.told()));
}

/// Something happened and went well.
pub fn happened(kind: EventKind) {
    tell(|told| (told.kind, told.outcome, told.error) = (Some(kind), Outcome::Ok, None));
}

/// Something was refused by a check: with the code of the answer, its description, and what the check found. What is told of a kind
/// already stays of it, so that whoever knows more exactly what it was comes first.
pub fn refused_by(kind: EventKind, error: &OAuthError) {
    note_refusal(kind, error.reason, error.code.as_str(), &error.description);
    let Some(evidence) = &error.evidence else { return };
    tell(|told| {
        put(told, "parameter", &evidence.parameter.into());
        put(told, "sent", &evidence.sent.as_str().into());
        put(told, "expected", &evidence.expected.as_slice().into());
    });
}

/// Something was refused by a check that has no error of the protocol.
pub fn refused(kind: EventKind, reason: Reason) {
    note_refusal(kind, reason, reason.as_str(), reason.description());
}

/// A person was shown a problem in place of an answer to the client.
pub fn refused_with(kind: EventKind, problem: &Problem) {
    note_refusal(kind, problem.reason(), problem.reason().as_str(), &problem.detail());
    tell(|told| {
        for (name, sent) in problem.sent() {
            put(told, name, &sent.into());
        }
        if let Some((name, sent)) = problem.sent().last() {
            put(told, "parameter", &(*name).into());
            put(told, "sent", &(*sent).into());
            if !problem.expected().is_empty() {
                put(told, "expected", &problem.expected().into());
            }
        }
        if let Problem::ForgottenClient { program, .. } = problem {
            put(told, "program", &program.as_str().into());
        }
    });
}

/// A request was refused before anybody told what it was about.
pub fn refused_early(kind: EventKind, reason: Reason, description: &str) {
    if !is_told() {
        note_refusal(kind, reason, reason.as_str(), description);
    }
}

/// True where it is told already what happened, or there is no request.
#[must_use]
pub fn is_told() -> bool {
    STORY.try_with(|story| story.told().kind.is_some()).unwrap_or(true)
}

fn note_refusal(kind: EventKind, reason: Reason, code: &str, description: &str) {
    tell(|told| {
        let kind = if told.kind == Some(EventKind::RefreshReplay) { EventKind::RefreshReplay } else { kind };
        // A disabled client is refused as if it were not there. Somebody may have enabled it by the time that somebody asks why.
        let is_disabled = told.disabled.is_some() && told.disabled == told.client;
        let exact = if is_disabled && reason == Reason::UnknownClient { Reason::ClientDisabled } else { reason };
        let description = if exact == reason { description } else { exact.description() };
        let code = if code == reason.as_str() { exact.as_str() } else { code };
        (told.kind, told.outcome, told.error) = (Some(kind), Outcome::Refused, Some(clip(code)));
        // A stranger was told less than the check knows.
        if !told.facts.contains_key("check") {
            put(told, "check", &exact.as_str().into());
            put(told, "description", &description.into());
        }
    });
}

/// The check that refuses, in place of the one that the answer will name: some answers tell strangers less.
pub fn found(error: &OAuthError) {
    tell(|told| {
        put(told, "check", &error.reason.as_str().into());
        put(told, "description", &error.description.as_ref().into());
    });
}

/// The client that it is about, known here or not.
pub fn about_client(client: &ClientId) {
    tell(|told| told.client = Some(ClientId::new(clip(client.as_str()))));
}

/// The registered client that it is about.
pub fn about_registered(client: &ClientId) {
    about_client(client);
    found_client(client);
}

/// This client is registered. Any request may name one that is not.
pub(crate) fn found_client(client: &ClientId) {
    tell(|told| {
        if told.client.as_ref().is_none_or(|about| about == client) {
            told.registered = Some(client.clone());
        }
    });
}

/// This client is here, and disabled.
pub(crate) fn found_disabled(client: &ClientId) {
    tell(|told| told.disabled = Some(client.clone()));
}

/// The person that it is about.
pub fn about_user(user: &Subject) {
    tell(|told| told.user = Some(user.clone()));
}

/// The person whose grant it is about, if it is of one.
pub(crate) fn about_giver(grant: &Grant) {
    if let Some(subject) = &grant.subject {
        about_user(subject);
    }
}

/// True where it is told already whom it is about, or there is no request.
pub(crate) fn is_about_user() -> bool {
    STORY.try_with(|story| story.told().user.is_some()).unwrap_or(true)
}

/// Scopes that were asked for, and are not in what is given: they are not known, or not for the client to have.
pub fn left_out(asked: &Scope, given: &Scope) {
    if let Some(left_out) = asked.outside(given) {
        fact("left_out", left_out.to_string());
    }
}

/// The scope that it is about.
pub fn about_scope(scope: &Scope) {
    tell(|told| told.scope = Some(clip(&scope.to_string())));
}

/// A fact: what was sent, or what was expected. Never a secret, a token, or what somebody may have typed by mistake.
pub fn fact(name: &'static str, value: impl Into<Value>) {
    tell(|told| put(told, name, &value.into()));
}

fn put(told: &mut Told, name: &str, value: &Value) {
    let value = match value {
        Value::String(text) => Value::String(clip(text)),
        Value::Array(items) => {
            let short = |item: &Value| item.as_str().map_or_else(|| item.clone(), |text| Value::String(clip(text)));
            Value::Array(items.iter().take(MAX_FACTS).map(short).collect())
        }
        other => other.clone(),
    };
    if told.facts.len() < MAX_FACTS || told.facts.contains_key(name) {
        told.facts.insert(name.to_owned(), value);
    }
}

/// The request that a change came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) request_id: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) agent: Option<String>,
}

impl Origin {
    /// That of the request that is being answered.
    pub(crate) fn current() -> Self {
        let of_story = STORY.try_with(|story| (story.address.map(|it| it.to_string()), story.agent.clone()));
        let (address, agent) = of_story.unwrap_or_default();
        Self { request_id: request_id::current().map(|id| id.to_string()), address, agent }
    }

    /// An IP address.
    pub(crate) fn address(self) -> Option<String> {
        self.address
    }

    /// An event of a change, and whom it was about.
    pub(crate) fn change(
        &self,
        facts: &Value,
        (client_id, account_id): (Option<String>, Option<Uuid>),
        now: Timestamp,
    ) -> event::Model {
        event::Model {
            id: random::ordered_uuid_v7(now),
            at: now.0,
            kind: EventKind::Change.to_string(),
            outcome: Outcome::Ok.to_string(),
            error: None,
            request_id: self.request_id.clone(),
            account_id,
            client_id,
            scope: None,
            address: self.address.clone(),
            agent: self.agent.clone(),
            count: 1,
            facts: facts.to_string(),
        }
    }
}

impl Story {
    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The likeness of the story, and whose it is; `None`: nothing happened.
    fn key(&self) -> Option<(Key, Whose)> {
        let told = self.told();
        let kind = told.kind?;
        // Each that registers is another one.
        let is_new = kind == EventKind::Registration && told.outcome == Outcome::Ok;
        let client = told.client.as_ref().filter(|client| !is_new && told.registered.as_ref() == Some(client));
        let client = client.map(ToString::to_string);
        let key = Key {
            kind,
            outcome: told.outcome,
            error: told.error.clone(),
            address: self.address.filter(|_| client.is_none()).map(|it| it.to_string()),
            client,
            detail: told.facts.get("grant_type").and_then(Value::as_str).map(str::to_owned),
        };
        Some((key, Whose { is_about_user: told.user.is_some(), address: self.address }))
    }

    /// The event that the story makes, which is over then.
    fn event(&self, now: Timestamp) -> event::Model {
        let told = std::mem::take(&mut *self.told());
        event::Model {
            id: random::ordered_uuid_v7(now),
            at: now.0,
            kind: told.kind.unwrap_or_default().to_string(),
            outcome: told.outcome.to_string(),
            error: told.error,
            request_id: request_id::current().map(|id| id.to_string()),
            account_id: told.user.as_ref().and_then(|user| users::account_id(user).ok()),
            client_id: told.client.map(ClientId::into_string),
            scope: told.scope,
            address: self.address.map(|it| it.to_string()),
            agent: self.agent.clone(),
            count: 1,
            facts: Value::Object(told.facts).to_string(),
        }
    }
}

impl crate::Idp {
    /// Keeps the event of a request that was answered.
    pub fn keep(&self, story: &Story) {
        if let Some((key, whose)) = story.key() {
            let now = self.now();
            self.activity.keep(key, whose, now, || story.event(now));
        }
    }

    /// Days for which events are kept, but for changes; `None`: for ever.
    #[must_use]
    pub fn activity_retention_days(&self) -> Option<i64> {
        self.options.tunables.activity_retention.map(|seconds| seconds / 86_400)
    }

    /// Writes the events that wait, for whoever looks for one of a moment ago.
    pub async fn write_activity(&self) {
        self.activity.flush().await;
    }

    /// Writes what waits to be written, and what was counted so far.
    pub async fn flush_activity(&self) {
        self.activity.settle(self.now(), true);
        self.activity.flush().await;
    }
}
