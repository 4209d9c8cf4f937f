//! Trusts: somebody elsewhere whose assertions count here (RFC 7523 §2.1), or who takes ours.
//!
//! Nothing of this is on until an administrator describes a trust. There are three kinds of them, told apart by who speaks for whom.

mod claims;
mod draft;
mod issue;
mod map;
mod rule;

use serde::{Deserialize, Serialize};

pub use crate::id::TrustId;
pub use claims::{ID_JAG_TYPE, IdJag, WorkloadAssertion, refused};
pub use draft::{LinkDraft, MAX_LINKED_SUBJECT, MAX_TRUST_NAME, TrustDraft, TrustError};
pub use issue::{Assertable, ID_JAG_LIFETIME, IdJagClaims, Login, unknown_audience};
pub use map::{ClientThere, ResourceThere};
pub use rule::WorkloadRule;

use crate::id::ClientId;
use crate::jose::VerifyingAlg;
use crate::jwk::JwkSet;
use crate::words::words;

/// The most trusts of a server. Each is read at every assertion.
pub const MOST_TRUSTS: usize = 200;

words! {
    /// The matter of a trust.
    TrustKind {
        /// An issuer that says which person a client acts for (Identity Assertion JWT Authorization Grant).
        #[default]
        IdentityProvider = "identity_provider",
        /// An issuer that says which program it is that asks (workload identity).
        WorkloadIssuer = "workload_issuer",
        /// A server elsewhere that takes identity assertions of ours.
        AuthorizationServer = "authorization_server",
    }
}

words! {
    /// The account that an assertion of an identity provider speaks of, the first time that it names somebody. Later ones go by
    /// the link that the first one left.
    AccountRule {
        /// The one that an administrator linked.
        #[default]
        Linked = "linked",
        /// The one with the same email address, which the provider says is verified, and which is verified here.
        VerifiedEmail = "verified_email",
        /// The one whose subject here stands in `aud_sub`.
        AudienceSubject = "aud_sub",
    }
}

/// A trust, as it is stored. Members that a document does not have take their defaults, so members can be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    pub id: TrustId,
    /// `iss` of the assertions that are taken, or `aud` of those that are given: compared as it is (RFC 8414 §2).
    pub issuer: String,
    pub name: String,
    pub enabled: bool,
    /// Drawn anew whenever what it vouches for may be something else: when it is switched on again, or says something else. What was
    /// given by it before counts for nothing then.
    #[serde(default = "first_stamp")]
    pub stamp: TrustId,
    #[serde(flatten)]
    pub role: TrustRole,
}

/// The part of a trust that its kind decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TrustRole {
    IdentityProvider {
        #[serde(default)]
        keys: IssuerKeys,
        #[serde(default)]
        accounts: AccountRule,
        /// True: clients that prove nothing about themselves may bring its assertions, too.
        #[serde(default)]
        admits_public_clients: bool,
        /// The one tenant of the issuer that is trusted (`tenant`). `None`: the issuer has no tenants.
        #[serde(default)]
        tenant: Option<String>,
    },
    WorkloadIssuer {
        #[serde(default)]
        keys: IssuerKeys,
        #[serde(default)]
        rules: Vec<WorkloadRule>,
        /// True: an assertion is good until it expires. False: it is good once.
        #[serde(default)]
        reusable: bool,
    },
    AuthorizationServer {
        #[serde(default)]
        clients: Vec<ClientThere>,
        #[serde(default)]
        resources: Vec<ResourceThere>,
        /// The groups whose members may; none: everybody.
        #[serde(default)]
        groups: Vec<String>,
        /// True: the assertions name the email address of the person.
        #[serde(default)]
        shares_email: bool,
    },
}

/// The keys of an issuer elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IssuerKeys {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    /// In place of `jwks`. Neither: the metadata of the issuer says where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The algorithms that the issuer signs by. None: any that its keys are for.
    #[serde(default)]
    pub algs: Vec<VerifyingAlg>,
}

fn first_stamp() -> TrustId {
    TrustId::new("")
}

impl Trust {
    /// The trust that a stored document describes.
    ///
    /// # Errors
    /// When the document is no trust of any version.
    pub fn from_document(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    #[must_use]
    pub fn kind(&self) -> TrustKind {
        match self.role {
            TrustRole::IdentityProvider { .. } => TrustKind::IdentityProvider,
            TrustRole::WorkloadIssuer { .. } => TrustKind::WorkloadIssuer,
            TrustRole::AuthorizationServer { .. } => TrustKind::AuthorizationServer,
        }
    }

    /// The keys of the issuer; none for who takes our assertions.
    #[must_use]
    pub fn keys(&self) -> Option<&IssuerKeys> {
        match &self.role {
            TrustRole::IdentityProvider { keys, .. } | TrustRole::WorkloadIssuer { keys, .. } => Some(keys),
            TrustRole::AuthorizationServer { .. } => None,
        }
    }

    /// The clients of this server that it names.
    pub fn clients(&self) -> impl Iterator<Item = &ClientId> {
        let (rules, clients) = match &self.role {
            TrustRole::IdentityProvider { .. } => (None, None),
            TrustRole::WorkloadIssuer { rules, .. } => (Some(rules), None),
            TrustRole::AuthorizationServer { clients, .. } => (None, Some(clients)),
        };
        let of_rules = rules.into_iter().flatten().map(|rule| &rule.client_id);
        of_rules.chain(clients.into_iter().flatten().map(|client| &client.client_id))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// As this version writes them.
    fn present() -> [Value; 3] {
        [
            json!({"id": "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11", "issuer": "https://idp.example", "name": "Acme", "enabled": true, "stamp": "s",
                "kind": "identity_provider", "keys": {"jwks_uri": "https://idp.example/keys", "algs": ["ES256"]},
                "accounts": "verified_email", "admits_public_clients": true, "tenant": "t1"}),
            json!({"id": "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a12", "issuer": "https://ci.example", "name": "CI", "enabled": false, "stamp": "s",
                "kind": "workload_issuer", "keys": {"algs": []},
                "rules": [{"client_id": "deploy", "claims": {"repository": "acme/shop"}}], "reusable": true}),
            json!({"id": "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a13", "issuer": "https://as.example", "name": "Notes", "enabled": true, "stamp": "s",
                "kind": "authorization_server", "clients": [{"client_id": "app", "there": "app-there"}],
                "resources": [{"identifier": "https://notes.example/mcp", "scope": "read"}], "groups": ["staff"],
                "shares_email": true}),
        ]
    }

    #[test]
    fn trusts_of_this_version_can_be_read_and_are_written_so() {
        for (document, kind) in present().iter().zip(TrustKind::ALL) {
            let trust = Trust::from_document(&document.to_string()).unwrap();
            assert_eq!(trust.kind(), *kind);
            assert_eq!(&serde_json::to_value(&trust).unwrap(), document);
        }
    }

    #[test]
    fn members_of_another_version_make_no_trust_unreadable() {
        for kind in TrustKind::ALL {
            let least =
                json!({"id": "a", "issuer": "https://h", "name": "N", "enabled": true, "kind": kind, "later": [1]});
            let trust = Trust::from_document(&least.to_string()).unwrap();
            assert_eq!((trust.kind(), trust.clients().count()), (*kind, 0));
        }
    }
}
