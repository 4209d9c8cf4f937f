//! `grant_type=client_credentials`: a client acts for itself (RFC 6749 §4.4).

use super::request::scope;
use crate::client::Client;
use crate::details::AuthorizationDetails;
use crate::error::TokenError;
use crate::form::Form;
use crate::resource::{ResourceIdentifier, read_resources};
use crate::scope::{Scope, ScopeDefinition};

/// A client's request for itself (RFC 6749 §4.4.2).
#[derive(Debug, Clone)]
pub struct MachineRequest {
    pub scope: Option<Scope>,
    /// `resource` (RFC 8707 §2.2).
    pub resources: Vec<ResourceIdentifier>,
    /// `authorization_details` (RFC 9396 §6).
    pub details: AuthorizationDetails,
}

impl MachineRequest {
    pub(super) fn read(form: &Form) -> Result<Self, TokenError> {
        Ok(Self { scope: scope(form)?, resources: read_resources(form)?, details: AuthorizationDetails::read(form)? })
    }

    /// The scope that the client is granted: what it asks for, or its default, without the scopes that speak of a user.
    ///
    /// # Errors
    /// `invalid_scope` when it asks for more than it may.
    pub fn judge(&self, client: &Client, known: &[ScopeDefinition]) -> Result<Scope, TokenError> {
        let scope = client.requested_scope_beside(self.scope.as_ref(), !self.details.is_empty(), known)?;
        Ok(scope.without("openid").without("offline_access"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::error::ErrorCode;
    use crate::scope::ScopeToken;

    #[test]
    fn a_machine_gets_no_scope_that_speaks_of_a_user() {
        let machine = ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            scope: "openid jobs:read jobs:deleted offline_access".into(),
            ..ClientDraft::preset(ClientKind::Machine)
        }
        .check(None)
        .unwrap();
        let known = ["openid", "jobs:read", "jobs:write", "offline_access"].map(|name| ScopeDefinition {
            name: ScopeToken::parse(name).unwrap(),
            description: String::new(),
            claims: Vec::new(),
            id: String::new(),
            claims_before: Vec::new(),
            owner: None,
        });
        let ask = |scope: Option<&str>| MachineRequest {
            scope: scope.map(|scope| Scope::parse(scope).unwrap()),
            resources: Vec::new(),
            details: AuthorizationDetails::default(),
        };
        assert_eq!(ask(None).judge(&machine, &known).unwrap().to_string(), "jobs:read");
        assert_eq!(
            ask(Some("jobs:write jobs:read jobs:deleted")).judge(&machine, &known).unwrap().to_string(),
            "jobs:read"
        );
        for outside in ["jobs:write", "jobs:deleted"] {
            let refused = ask(Some(outside)).judge(&machine, &known).unwrap_err();
            assert_eq!(refused.0.code, ErrorCode::InvalidScope, "{outside}");
        }
    }
}
