//! The scopes that a client may have.

use super::Client;
use crate::error::OAuthError;
use crate::refusal::Reason;
use crate::scope::{Scope, ScopeDefinition, ScopeToken, is_known, is_of_resource, resource_defaults};

impl Client {
    /// The default scope that a request could not ask for by name. None, unless the scopes of the client were changed since it was
    /// set.
    #[must_use]
    pub fn unusable_default_scope(&self) -> Option<&ScopeToken> {
        self.rules().default_scope.iter().find(|token| !self.may_ask_for(token))
    }

    /// The scope of a request: of what it asks for, or of the default, the part that the client may have. A scope that the server
    /// does not know, or the client may not ask for, is left out while something is left (OpenID Connect Core §3.1.2.1; RFC 6749
    /// §3.3); the answer says what was granted.
    ///
    /// # Errors
    /// `invalid_scope` when nothing is left of what it asks for.
    pub fn requested_scope(&self, requested: Option<&Scope>, known: &[ScopeDefinition]) -> Result<Scope, OAuthError> {
        let rules = self.rules();
        // A list without words asks for nothing in particular.
        let Some(requested) = requested.filter(|requested| !requested.is_empty()) else {
            let default = self.still_allowed(&resource_defaults(known).union(rules.default_scope), known);
            let least = || known.iter().filter(|scope| scope.name.as_str() == "openid").map(|scope| scope.name.clone());
            return Ok(if default.is_empty() && self.origin.is_dynamic() { least().collect() } else { default });
        };
        let scope = self.still_allowed(requested, known);
        if !scope.is_empty() {
            return Ok(scope);
        }
        let (reason, description) = match requested.iter().find(|token| !self.may_ask_for(token)) {
            Some(outside) => {
                let is_here = requested.iter().any(|token| is_known(token, known));
                let reason = if is_here { Reason::ScopeNotAllowed } else { Reason::ScopeUnknown };
                (reason, format!("this client may not ask for the scope {outside}"))
            }
            None => (Reason::ScopeGone, format!("there is no longer a scope {requested}")),
        };
        let allowed = self.rules().allowed_scope.iter();
        Err(OAuthError::because(reason, description).sent("scope", requested.to_string()).expected(allowed))
    }

    /// The part of a granted scope that is left: the client may have been allowed less since, and scopes may have been deleted. The
    /// scopes of a resource are for every client that may ask for the resource.
    #[must_use]
    pub fn still_allowed(&self, granted: &Scope, known: &[ScopeDefinition]) -> Scope {
        let is_allowed =
            |token: &&ScopeToken| is_of_resource(token, known) || (self.may_ask_for(token) && is_known(token, known));
        granted.iter().filter(is_allowed).cloned().collect()
    }

    /// True when the client may ask for a scope. One that came by itself, and about whose scopes nobody decided, may ask for all:
    /// the person is asked.
    #[must_use]
    pub fn may_ask_for(&self, token: &ScopeToken) -> bool {
        let allowed = self.rules().allowed_scope;
        (self.origin.is_dynamic() && allowed.is_empty()) || allowed.contains(token.as_str())
    }
}
