//! The rules that apply to a client: its policy, and where that decides nothing, the rules for all.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Client, ClientAuthMethod, ClientKind, ClientOrigin, ClientPolicy, ConsentPolicy, Demands, IdTokenClaims,
    TokenFormat,
};
use crate::access_token::Confirmation;
use crate::redirect_uri::RedirectUri;
use crate::scope::Scope;

/// The rules of one client: its own decisions, over those for all clients of this server, over the built-in ones. Nothing else reads a
/// policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules<'a> {
    /// The scopes the client may ask for.
    pub allowed_scope: &'a Scope,
    /// The scope of a request that names none (RFC 6749 §3.3).
    pub default_scope: &'a Scope,
    pub post_logout_redirect_uris: &'a [RedirectUri],
    /// True when those of loopback are good on every port.
    pub any_loopback_port: bool,
    /// The demands of its security profile. Where a rule beside them says more, that counts.
    pub demands: Demands,
    /// True when an authorization request must carry a code challenge: always without a secret (RFC 9700 §2.1.1).
    pub requires_pkce: bool,
    /// True when authorization requests must be pushed (RFC 9126 §6).
    pub requires_push: bool,
    /// True when authorization requests must be signed (RFC 9101 §10.5).
    pub requires_signature: bool,
    /// True when its tokens are bound to a key (RFC 9449 §5.2).
    pub requires_possession: bool,
    /// True when its tokens are bound to a certificate (RFC 8705 §3).
    pub requires_certificate: bool,
    pub consent: ConsentPolicy,
    /// Seconds an access token lives.
    pub access_token_lifetime: i64,
    /// Days a refresh token lives from its last use.
    pub refresh_token_days: i64,
    /// Seconds for which a refresh token that was used is answered like its successor; 0: it is good once.
    pub refresh_reuse_window: i64,
    pub token_format: TokenFormat,
    pub id_token_claims: IdTokenClaims,
    /// The ways in which a secret proves the client: both, whichever it is registered for (decision 13). Empty: it has none.
    pub secret_methods: &'static [ClientAuthMethod],
    /// True when `/introspect` tells it about access tokens of other clients.
    pub may_introspect: bool,
}

/// Seconds an access token lives where nobody decided otherwise.
pub const BUILT_IN_ACCESS_TOKEN_LIFETIME: i64 = 3_600;

/// Days a refresh token lives from its last use where nobody decided otherwise.
pub const BUILT_IN_REFRESH_TOKEN_DAYS: i64 = 30;

/// Seconds of the reuse window where nobody decided otherwise.
pub const BUILT_IN_REFRESH_REUSE_WINDOW: i64 = 120;

/// The policy for all clients of this server, where one decides nothing. It says nothing of scopes and addresses, which belong to one
/// client. It is no part of what describes a client: clients are the same whatever it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Defaults(Arc<ClientPolicy>);

impl PartialEq for Defaults {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Defaults {}

impl Deref for Defaults {
    type Target = ClientPolicy;

    fn deref(&self) -> &ClientPolicy {
        &self.0
    }
}

impl From<ClientPolicy> for Defaults {
    fn from(policy: ClientPolicy) -> Self {
        Self(Arc::new(policy))
    }
}

impl Client {
    /// The rules of this client.
    #[must_use]
    pub fn rules(&self) -> Rules<'_> {
        Rules::of(self)
    }

    /// True for a program that listens on another loopback port at every start (RFC 8252 §7.3).
    pub(crate) fn has_any_loopback_port(&self) -> bool {
        match self.origin {
            ClientOrigin::MetadataDocument => true,
            ClientOrigin::Administrator | ClientOrigin::Registration => self.kind == ClientKind::Native,
        }
    }
}

impl<'a> Rules<'a> {
    fn of(client: &'a Client) -> Self {
        let demands = client.profile().demands();
        let (own, all, method) = (&client.policy, &client.defaults, client.token_endpoint_auth_method);
        let allowed_scope = filled(own.allowed_scopes.as_ref()).unwrap_or(&client.scope);
        let post_logout = own.post_logout_redirect_uris.as_deref().filter(|uris| !uris.is_empty());
        Self {
            allowed_scope,
            default_scope: filled(own.default_scopes.as_ref()).unwrap_or(allowed_scope),
            post_logout_redirect_uris: post_logout.unwrap_or(&client.redirect_uris),
            any_loopback_port: client.has_any_loopback_port(),
            demands,
            requires_pkce: demands.pkce || method.is_public() || own.require_pkce.or(all.require_pkce).unwrap_or(false),
            // Either way is one: a client that is registered for certificates needs no proofs.
            requires_possession: client.dpop_bound_access_tokens
                || (demands.bound_tokens && !client.tls_client_certificate_bound_access_tokens),
            requires_certificate: client.tls_client_certificate_bound_access_tokens,
            requires_signature: demands.signed_requests || client.require_signed_request_object,
            requires_push: demands.pushed_requests || client.require_pushed_authorization_requests,
            consent: match own.consent_policy.or(all.consent_policy).unwrap_or_default() {
                // Nobody looked at it before it came: the person does.
                ConsentPolicy::Skip if client.origin.is_dynamic() => ConsentPolicy::Once,
                policy => policy,
            },
            access_token_lifetime: own
                .access_token_lifetime
                .or(all.access_token_lifetime)
                .unwrap_or(BUILT_IN_ACCESS_TOKEN_LIFETIME),
            refresh_token_days: own
                .refresh_token_ttl_days
                .or(all.refresh_token_ttl_days)
                .unwrap_or(BUILT_IN_REFRESH_TOKEN_DAYS),
            refresh_reuse_window: own
                .refresh_reuse_window
                .or(all.refresh_reuse_window)
                .unwrap_or(BUILT_IN_REFRESH_REUSE_WINDOW),
            token_format: own.token_format.or(all.token_format).unwrap_or_default(),
            id_token_claims: own
                .id_token_claims
                .or(all.id_token_claims)
                .unwrap_or_else(|| IdTokenClaims::built_in(client.origin)),
            secret_methods: if method.shows_secret() { &ClientAuthMethod::BY_SECRET } else { &[] },
            // Anybody can give the name of a client that proves nothing.
            may_introspect: client.may_introspect && !method.is_public(),
        }
    }

    /// True for a token that is bound to what tokens of the client must be bound to now.
    #[must_use]
    pub fn allow_token(&self, cnf: &Confirmation) -> bool {
        (!self.requires_possession || cnf.jkt.is_some()) && (!self.requires_certificate || cnf.x5t.is_some())
    }

    /// True when people may be sent to `requested` after they signed out.
    #[must_use]
    pub fn allows_post_logout_redirect(&self, requested: &str) -> bool {
        self.post_logout_redirect_uris.iter().any(|registered| registered.matches(requested, self.any_loopback_port))
    }
}

/// Documents of the first version say "inherited" by an empty list.
fn filled(scope: Option<&Scope>) -> Option<&Scope> {
    scope.filter(|scope| !scope.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind, ClientOrigin};

    fn client(kind: ClientKind, policy: ClientPolicy) -> Client {
        let draft = ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://app.example/cb".into(),
            ..ClientDraft::preset(kind)
        };
        draft.check(Some(policy)).unwrap()
    }

    #[test]
    fn people_are_asked_about_clients_that_came_by_themselves() {
        let skip = ClientPolicy { consent_policy: Some(ConsentPolicy::Skip), ..ClientPolicy::default() };
        for origin in ClientOrigin::ALL {
            let web = Client { origin: *origin, ..client(ClientKind::Web, skip.clone()) };
            let rules = web.rules();
            let dynamic = *origin != ClientOrigin::Administrator;
            // One that keeps a secret, or signs, and registered itself, is as OpenID Connect Core has it.
            let pkce = *origin == ClientOrigin::MetadataDocument;
            assert_eq!((rules.consent != ConsentPolicy::Skip, rules.requires_pkce), (dynamic, pkce), "{origin}");
            let public = Client { token_endpoint_auth_method: ClientAuthMethod::None, ..web };
            assert_eq!(public.may_be_impersonated_at("http://localhost:1/cb"), dynamic, "{origin}");
            assert!(!public.may_be_impersonated_at("https://app.example/cb"));
        }
    }

    #[test]
    fn what_is_not_decided_is_inherited() {
        let web = client(ClientKind::Web, ClientPolicy::default());
        let rules = web.rules();
        assert_eq!((rules.allowed_scope, rules.default_scope), (&web.scope, &web.scope));
        assert_eq!((rules.access_token_lifetime, rules.refresh_token_days), (3_600, 30));
        assert_eq!((rules.consent, rules.id_token_claims), (ConsentPolicy::Once, IdTokenClaims::Scopes));
        assert!(rules.allows_post_logout_redirect("https://app.example/cb") && !rules.requires_pkce);
        let policy =
            ClientPolicy { access_token_lifetime: Some(60), require_pkce: Some(true), ..ClientPolicy::default() };
        let strict = client(ClientKind::Web, policy);
        assert_eq!((strict.rules().access_token_lifetime, strict.rules().refresh_token_days), (60, 30));
        assert!(strict.rules().requires_pkce);
    }

    #[test]
    fn what_the_server_decided_for_all_is_between_the_two() {
        let all = ClientPolicy {
            access_token_lifetime: Some(300),
            refresh_token_ttl_days: Some(7),
            consent_policy: Some(ConsentPolicy::Skip),
            token_format: Some(TokenFormat::Jwt),
            require_pkce: Some(true),
            ..ClientPolicy::default()
        };
        let own =
            ClientPolicy { access_token_lifetime: Some(60), require_pkce: Some(false), ..ClientPolicy::default() };
        let web = Client { defaults: all.into(), ..client(ClientKind::Web, own) };
        let undecided = Client { policy: ClientPolicy::default(), ..web.clone() };
        let (rules, inherited) = (web.rules(), undecided.rules());
        assert_eq!((rules.access_token_lifetime, inherited.access_token_lifetime), (60, 300));
        assert_eq!((rules.requires_pkce, inherited.requires_pkce), (false, true));
        assert_eq!((rules.refresh_token_days, rules.token_format), (7, TokenFormat::Jwt));
        assert_eq!(rules.consent, ConsentPolicy::Skip);
        let visitor = Client { origin: ClientOrigin::Registration, ..web };
        assert_eq!(visitor.rules().consent, ConsentPolicy::Once, "nobody looked at it before it came");
    }

    #[test]
    fn a_public_client_uses_pkce_whatever_its_policy_says() {
        let policy = ClientPolicy { require_pkce: Some(false), ..ClientPolicy::default() };
        assert!(client(ClientKind::Spa, policy).rules().requires_pkce);
    }
}
