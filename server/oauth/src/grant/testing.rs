//! A client and a grant for the tests of this folder.

use super::{Grant, Verdict};
use crate::claims::ClaimsRequest;
use crate::client::{Client, ClientDraft, ClientKind};
use crate::consent::Agreement;
use crate::error::{ErrorCode, TokenError};
use crate::id::{ClientId, GrantId, Subject};
use crate::scope::{Scope, ScopeDefinition, core_scopes};

pub(super) fn client() -> Client {
    ClientDraft {
        client_id: "app".into(),
        client_name: "App".into(),
        redirect_uris: "https://a.example/cb".into(),
        ..ClientDraft::preset(ClientKind::Web)
    }
    .check(None)
    .unwrap()
}

/// A grant of alice to the client: `openid email`.
pub(super) fn grant() -> Grant {
    let scope = Scope::parse("openid email").unwrap();
    Grant {
        id: GrantId::new("g"),
        client_id: ClientId::new("app"),
        subject: Some(Subject::new("alice")),
        agreement: Agreement::of(&scope, &core_scopes()),
        scope,
        claims: ClaimsRequest::default(),
        resources: Vec::new(),
        sid: None,
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        generation: 0,
        refresh_salt: String::new(),
        revoked: false,
        provenance: super::Provenance::default(),
    }
}

/// The scopes that every server starts with, but for one.
pub(super) fn without(name: &str) -> Vec<ScopeDefinition> {
    core_scopes().into_iter().filter(|scope| scope.name.as_str() != name).collect()
}

pub(super) fn refused(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Refuse(TokenError(error)) if error.code == ErrorCode::InvalidGrant)
}
