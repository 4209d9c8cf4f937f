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
use oauth::error::OAuthError;
use oauth::id::{ClientId, Subject};
use oauth::scope::Scope;
use oauth::time::Timestamp;
use serde_json::{Map, Value};

pub use list::EventCount;
pub use live::Following;
pub(crate) use live::Live;
pub(crate) use queue::Activity;
pub use sums::{ActivitySums, BarSum};

use crate::entity::event;
use crate::{random, request_id, users};

/// The story of one request, so far.
#[derive(Debug, Default)]
pub struct Story {
    address: Option<IpAddr>,
    agent: Option<String>,
    told: Mutex<Told>,
}

#[derive(Debug, Clone, Default)]
struct Told {
    kind: Option<EventKind>,
    outcome: Outcome,
    error: Option<String>,
    user: Option<Subject>,
    client: Option<ClientId>,
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
    let _ = STORY.try_with(|story| change(&mut story.told.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// Something happened and went well.
pub fn happened(kind: EventKind) {
    tell(|told| (told.kind, told.outcome, told.error) = (Some(kind), Outcome::Ok, None));
}

/// Something was refused, with the code of the refusal and its description. What is told of a kind already stays of it, so that
/// whoever knows more exactly what it was comes first.
pub fn refused(kind: EventKind, code: &str, description: &str) {
    tell(|told| {
        let kind = if told.kind == Some(EventKind::RefreshReplay) { EventKind::RefreshReplay } else { kind };
        (told.kind, told.outcome, told.error) = (Some(kind), Outcome::Refused, Some(clip(code)));
        put(told, "description", &description.into());
    });
}

/// The same, by an error of the protocol.
pub fn refused_by(kind: EventKind, error: &OAuthError) {
    refused(kind, error.code.as_str(), &error.description);
}

/// The client that it is about, known here or not.
pub fn about_client(client: &ClientId) {
    tell(|told| told.client = Some(ClientId::new(clip(client.as_str()))));
}

/// The person that it is about.
pub fn about_user(user: &Subject) {
    tell(|told| told.user = Some(user.clone()));
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Origin {
    request_id: Option<String>,
    address: Option<String>,
    agent: Option<String>,
}

impl Origin {
    /// That of the request that is being answered.
    pub(crate) fn current() -> Self {
        let of_story = STORY.try_with(|story| (story.address.map(|it| it.to_string()), story.agent.clone()));
        let (address, agent) = of_story.unwrap_or_default();
        Self { request_id: request_id::current().map(|id| id.to_string()), address, agent }
    }

    /// An event of a change.
    pub(crate) fn change(&self, facts: &Value, now: Timestamp) -> event::Model {
        event::Model {
            id: random::ordered_uuid_v7(now),
            at: now.0,
            kind: EventKind::Change.to_string(),
            outcome: Outcome::Ok.to_string(),
            error: None,
            request_id: self.request_id.clone(),
            account_id: None,
            client_id: None,
            scope: None,
            address: self.address.clone(),
            agent: self.agent.clone(),
            count: 1,
            facts: facts.to_string(),
        }
    }
}

impl Story {
    /// The event that the story makes; `None`: nothing happened.
    fn event(&self, now: Timestamp) -> Option<event::Model> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(event::Model {
            id: random::ordered_uuid_v7(now),
            at: now.0,
            kind: told.kind?.to_string(),
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
        })
    }
}

impl crate::Idp {
    /// Keeps the event of a request that was answered.
    pub fn keep(&self, story: &Story) {
        if let Some(event) = story.event(self.now()) {
            self.activity.keep(event);
        }
    }

    /// Writes what waits to be written.
    pub async fn flush_activity(&self) {
        self.activity.settle(self.now(), true);
        self.activity.flush().await;
    }
}
