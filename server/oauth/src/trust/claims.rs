//! Assertions of issuers elsewhere, judged by what they say (RFC 7523 §3). Its signature, and that its `jti` is new, are for whoever
//! holds keys and rows; the `jti` is spent last.

use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{Trust, TrustRole, WorkloadRule};
use crate::client::Client;
use crate::client_auth::SingleUse;
use crate::error::TokenError;
use crate::id::{ClientId, Hosts, Issuer};
use crate::jwt::{Audience, ForeignJwt, NumericDate, Times};
use crate::metadata::path;
use crate::refusal::Reason;
use crate::resource::{ResourceIdentifier, Resources, Target};
use crate::scope::{Scope, ScopeDefinition, is_of_resource, resource_defaults};
use crate::time::Timestamp;

/// `typ` of an identity assertion (draft-ietf-oauth-identity-assertion-authz-grant §3.1), as [`ForeignJwt::typ`] has it.
pub const ID_JAG_TYPE: &str = "oauth-id-jag+jwt";

/// Types of the assertions of programs: what they carry was mostly made for something else.
const WORKLOAD_TYPES: [&str; 1] = ["jwt"];

/// Seconds that an identity assertion may be good for. It is made for one request.
const LONGEST: i64 = 600;

/// Seconds that the assertion of a program may be good for: some platforms write one into a file once a day.
const LONGEST_OF_WORKLOADS: i64 = 86_400;

/// The longest `sub` and `jti`, in bytes.
const MAX_NAME: usize = 1_024;

/// The claims that both kinds have (RFC 7523 §3).
#[derive(Debug, Clone, Deserialize)]
struct Common {
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    jti: Option<String>,
}

/// The claims of an identity assertion beyond those.
#[derive(Debug, Clone, Deserialize)]
struct Identity {
    client_id: Option<String>,
    resource: Option<Audience>,
    scope: Option<String>,
    tenant: Option<String>,
    aud_sub: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    cnf: Option<Value>,
}

/// An identity assertion that is good as far as it can be seen here.
#[derive(Debug, Clone)]
pub struct IdJag {
    /// The person, as the issuer calls them.
    pub subject: String,
    /// The person, as this server calls them, if the issuer says so.
    pub aud_sub: Option<String>,
    /// The email address, if the issuer says that it is verified.
    pub verified_email: Option<String>,
    pub once: SingleUse,
    resources: Vec<ResourceIdentifier>,
    scope: Option<Scope>,
}

/// The assertion of a program that is good as far as it can be seen here.
#[derive(Debug, Clone)]
pub struct WorkloadAssertion {
    /// The client that it speaks for.
    pub client_id: ClientId,
    /// The program, as the issuer calls it.
    pub subject: String,
    /// `None`: it may be used again.
    pub once: Option<SingleUse>,
}

impl Common {
    fn read(jwt: &ForeignJwt) -> Result<Self, TokenError> {
        jwt.claims().map_err(|_| refused("its claims cannot be read"))
    }

    /// The subject, and the moment from which the assertion is not accepted anyway.
    fn check(
        &self,
        is_here: impl Fn(&str) -> bool,
        now: Timestamp,
        longest: i64,
    ) -> Result<(String, Timestamp), TokenError> {
        if !self.aud.as_ref().and_then(Audience::only).is_some_and(is_here) {
            return Err(refused("its aud is not this server, and this server alone"));
        }
        let times = Times { exp: self.exp, nbf: self.nbf, iat: self.iat };
        let until = times.check(now, longest).map_err(refused)?;
        let subject = self.sub.as_deref().filter(|sub| !sub.is_empty()).ok_or_else(|| refused("it has no sub"))?;
        if subject.len() > MAX_NAME || subject.contains('\0') {
            return Err(refused("its sub cannot be kept"));
        }
        Ok((subject.to_owned(), until))
    }

    fn once(&self, trust: &Trust, until: Timestamp) -> Result<SingleUse, TokenError> {
        let jti = self.jti.as_deref().filter(|jti| !jti.is_empty()).ok_or_else(|| refused("it has no jti"))?;
        if jti.len() > MAX_NAME {
            return Err(refused("its jti is too long"));
        }
        let named = serde_json::json!(["assertion", trust.kind(), trust.issuer, jti]).to_string();
        Ok(SingleUse { digest: Sha256::digest(named).into(), until })
    }
}

/// Makes sure that the trust takes the algorithm.
fn check_alg(trust: &Trust, jwt: &ForeignJwt) -> Result<(), TokenError> {
    let algs = trust.keys().map(|keys| keys.algs.as_slice()).unwrap_or_default();
    if algs.is_empty() || algs.contains(&jwt.alg) {
        return Ok(());
    }
    Err(refused("it is signed by an algorithm that is not taken from this issuer"))
}

impl IdJag {
    /// Judges what the assertion of an identity provider says for `client`, which has authenticated
    /// (draft-ietf-oauth-identity-assertion-authz-grant §4.4.1).
    ///
    /// # Errors
    /// `invalid_grant`.
    pub fn judge(
        jwt: &ForeignJwt,
        trust: &Trust,
        client: &Client,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Self, TokenError> {
        let TrustRole::IdentityProvider { admits_public_clients, tenant, .. } = &trust.role else {
            return Err(refused("its issuer vouches for no people here"));
        };
        if client.is_public() && !admits_public_clients {
            return Err(refused("a client that proves nothing about itself may bring none of this issuer"));
        }
        check_alg(trust, jwt)?;
        let common = Common::read(jwt)?;
        let (subject, until) = common.check(|audience| audience == issuer.as_str(), now, LONGEST)?;
        if common.iat.is_none() {
            return Err(refused("it has no iat"));
        }
        let once = common.once(trust, until)?;
        let identity: Identity = jwt.claims().map_err(|_| refused("its claims cannot be read"))?;
        if identity.client_id.as_deref() != Some(client.client_id.as_str()) {
            return Err(refused("its client_id is not the client that brings it"));
        }
        if identity.tenant != *tenant {
            return Err(refused("its tenant is not the one that is trusted"));
        }
        if identity.cnf.is_some() {
            return Err(refused("it is bound to a key (cnf), and this server cannot check that"));
        }
        let resources = identity.resource.as_ref().map(Audience::all).unwrap_or_default();
        let resources = resources.iter().map(|text| ResourceIdentifier::parse(text)).collect::<Result<Vec<_>, _>>();
        let scope = identity.scope.as_deref().map(Scope::parse).transpose();
        Ok(Self {
            subject,
            aud_sub: identity.aud_sub,
            verified_email: identity
                .email
                .filter(|email| identity.email_verified == Some(true) && !email.contains('\0')),
            once,
            resources: resources.map_err(|_| refused("its resource is no identifier of one"))?,
            scope: scope.map_err(|_| refused("its scope is not well formed"))?,
        })
    }

    /// The resources that the token is for: those that the assertion names, or of them those that the request asks for. Where the
    /// assertion names none, it is the default one, or the only one.
    ///
    /// # Errors
    /// `invalid_grant` when the assertion names one that is not here or not for this client, `invalid_target` when the request
    /// does, or nobody names any.
    pub fn target(
        &self,
        asked: &[ResourceIdentifier],
        resources: &Resources,
        client: &Client,
    ) -> Result<Target, TokenError> {
        let granted = if self.resources.is_empty() {
            let missing = || TokenError::new(Reason::GrantAssertionResource);
            resources.default_or_only(client).ok_or_else(missing)?
        } else {
            let named = resources.named(&self.resources, client);
            named
                .map_err(|error| refused(&format!("its resource is not one for this client: {}", error.description)))?
        };
        Ok(resources.of_grant(&granted.ids(), asked, client)?)
    }

    /// The scope of the token: what is asked for, of what the assertion allows, of what the resources have. An assertion without
    /// a scope allows what the resources give to whoever asks for nothing. `known` are the scopes at the target.
    ///
    /// # Errors
    /// `invalid_scope` when nothing is left.
    pub fn scope(&self, asked: Option<&Scope>, known: &[ScopeDefinition]) -> Result<Scope, TokenError> {
        let most = self.scope.clone().unwrap_or_else(|| resource_defaults(known));
        let asked = asked.filter(|asked| !asked.is_empty());
        let wanted = asked.unwrap_or(&most);
        let may = wanted.iter().filter(|token| most.contains(token.as_str()) && is_of_resource(token, known));
        let scope: Scope = may.cloned().collect();
        if scope.is_empty() && !wanted.is_empty() {
            let why = format!("the assertion and the resource allow nothing of the scope {wanted}");
            return Err(TokenError::because(Reason::GrantAssertionScope, why));
        }
        Ok(scope)
    }
}

impl WorkloadAssertion {
    /// Judges what the assertion of a program says. Of several rules that are for it, the first counts, or that of the `client` that
    /// brings it.
    ///
    /// # Errors
    /// `invalid_grant`, also when no rule of the trust is for this program.
    pub fn judge(
        jwt: &ForeignJwt,
        trust: &Trust,
        client: Option<&ClientId>,
        hosts: Hosts<'_>,
        now: Timestamp,
    ) -> Result<Self, TokenError> {
        let TrustRole::WorkloadIssuer { rules, reusable, .. } = &trust.role else {
            return Err(refused("its issuer vouches for no programs here"));
        };
        if jwt.typ.as_deref().is_some_and(|typ| !WORKLOAD_TYPES.contains(&typ)) {
            return Err(refused("its typ is that of something else"));
        }
        check_alg(trust, jwt)?;
        let common = Common::read(jwt)?;
        let is_here = |audience: &str| audience == hosts.issuer.as_str() || hosts.have(&[path::TOKEN], audience);
        let (subject, until) = common.check(is_here, now, LONGEST_OF_WORKLOADS)?;
        let claims: Map<String, Value> = jwt.claims().map_err(|_| refused("its claims cannot be read"))?;
        let mut met = rules.iter().filter(|rule| rule.is_met_by(&claims));
        let rule: Option<&WorkloadRule> = met.find(|rule| client.is_none_or(|client| rule.client_id == *client));
        let rule = rule.ok_or_else(|| refused("no rule of the trust is for a program with these claims"))?;
        let once = if *reusable { None } else { Some(common.once(trust, until)?) };
        Ok(Self { client_id: rule.client_id.clone(), subject, once })
    }
}

/// The answer to an assertion that counts for nothing here.
#[must_use]
pub fn refused(why: &str) -> TokenError {
    TokenError::because(Reason::GrantAssertionRefused, format!("the assertion is refused: {why}"))
}
