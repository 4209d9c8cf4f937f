//! Drafts, as the record of changes has them.

use oauth::client::{Client, ClientDraft, ClientPolicy, PolicyDraft};
use oauth::difference::Draft;
use oauth::id::Subject;
use oauth::registration::{HostPolicy, HostPolicyDraft, RegistrationPolicyDraft};
use oauth::resource::{Resource, ResourceDraft};
use oauth::scope::{ScopeDefinition, ScopeDraft};
use oauth::time::Timestamp;
use oauth::trust::{Trust, TrustDraft};
use oauth::user::{User, UserDraft};
use serde::Deserialize as _;
use serde_json::Value;

/// A draft that can be made of a recorded document.
pub trait Recorded: Draft {
    /// `None`: the document is of something else, or was erased.
    fn recorded(document: &Value) -> Option<Self>;
}

impl Recorded for ClientDraft {
    fn recorded(document: &Value) -> Option<Self> {
        Some(Self::from(&client(document)?))
    }
}

/// Of a client, or the one for all clients, which is recorded alone.
impl Recorded for PolicyDraft {
    fn recorded(document: &Value) -> Option<Self> {
        let of_client = client(document).map(|client| client.policy);
        Some(Self::from(&of_client.or_else(|| ClientPolicy::deserialize(document).ok())?))
    }
}

fn client(document: &Value) -> Option<Client> {
    Client::from_document(&document.to_string()).ok()
}

impl Recorded for ScopeDraft {
    fn recorded(document: &Value) -> Option<Self> {
        Some(Self::from(&ScopeDefinition::deserialize(document).ok()?))
    }
}

/// The default resource is a setting of its own: the draft says that it is not the default.
impl Recorded for ResourceDraft {
    fn recorded(document: &Value) -> Option<Self> {
        Some(Self::of(&Resource::from_document(&document.to_string()).ok()?, false))
    }
}

impl Recorded for TrustDraft {
    fn recorded(document: &Value) -> Option<Self> {
        Some(Self::from(&Trust::from_document(&document.to_string()).ok()?))
    }
}

impl Recorded for UserDraft {
    fn recorded(document: &Value) -> Option<Self> {
        let user = User {
            subject: Subject::new(""),
            username: document.get("username")?.as_str()?.to_owned(),
            email: document.get("email")?.as_str().map(str::to_owned),
            enabled: document.get("enabled")?.as_bool()?,
            claims: serde_json::from_value(document.get("claims")?.clone()).ok()?,
            updated_at: Timestamp(0),
        };
        Some(Self::from(&user))
    }
}

impl Recorded for RegistrationPolicyDraft {
    fn recorded(document: &Value) -> Option<Self> {
        Some(Self { policy: document.get("policy")?.as_str()?.to_owned() })
    }
}

impl Recorded for HostPolicyDraft {
    fn recorded(document: &Value) -> Option<Self> {
        document.get("mode")?;
        Some(Self::from(&HostPolicy::deserialize(document).ok()?))
    }
}
