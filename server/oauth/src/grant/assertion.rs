//! `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer`: an issuer elsewhere vouches for somebody (RFC 7523 §2.1).
//!
//! Two kinds of assertions come this way and are told apart by their `typ`: those of an identity provider about a person, which a
//! client brings that authenticates, and those about a program, which say by themselves who asks.

use super::request::{check_no_details, required, scope};
use crate::client::GrantType;
use crate::error::TokenError;
use crate::form::Form;
use crate::jwt::ForeignJwt;
use crate::resource::{ResourceIdentifier, read_resources};
use crate::scope::Scope;
use crate::trust::{ID_JAG_TYPE, TrustKind, refused};

/// A request by an assertion (RFC 7523 §2.1).
#[derive(Debug, Clone)]
pub struct AssertionRequest {
    pub assertion: ForeignJwt,
    /// `iss` of the assertion: nothing but the name of whose keys to look for.
    pub issuer: String,
    pub scope: Option<Scope>,
    /// `resource` (RFC 8707 §2.2).
    pub resources: Vec<ResourceIdentifier>,
}

impl AssertionRequest {
    pub(super) fn read(form: &Form) -> Result<Self, TokenError> {
        #[derive(serde::Deserialize)]
        struct Issued {
            iss: Option<String>,
        }
        check_no_details(form)?;
        let scope = scope(form)?;
        let resources = read_resources(form)?;
        let assertion =
            ForeignJwt::parse(required(form, "assertion")?).map_err(|problem| refused(&problem.to_string()))?;
        let issued: Issued = assertion.claims().map_err(|_| refused("its claims cannot be read"))?;
        let issuer = issued.iss.ok_or_else(|| refused("it has no iss"))?;
        Ok(Self { assertion, issuer, scope, resources })
    }

    /// The request of a program that says who it is by the assertion alone: no client is named beside it. `None`: it is another
    /// request.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_scope`, `invalid_target` or `invalid_grant`.
    pub fn read_alone(authorization: Option<&str>, form: &Form) -> Result<Option<Self>, TokenError> {
        let is_set = |name| form.find(name).is_ok_and(|value| value.is_some());
        let names_client = authorization.is_some()
            || ["client_id", "client_assertion", "client_secret"].iter().any(|name| form.is_set(name));
        let is_bearer = form.find("grant_type").is_ok_and(|word| word == Some(GrantType::JwtBearer.as_str()));
        if !is_bearer || names_client || !is_set("assertion") {
            return Ok(None);
        }
        form.check_unrepeated()?;
        let request = Self::read(form)?;
        // Of a person a client must speak that is known.
        Ok(Some(request).filter(|request| request.kind() == TrustKind::WorkloadIssuer))
    }

    /// The kind of issuer whose assertion it is.
    #[must_use]
    pub fn kind(&self) -> TrustKind {
        if self.assertion.typ.as_deref() == Some(ID_JAG_TYPE) {
            TrustKind::IdentityProvider
        } else {
            TrustKind::WorkloadIssuer
        }
    }
}
