//! Security profiles: how much the requests of a client must prove. One table says what each means. What a client is registered with,
//! what its requests must carry and how they are judged, what the console says of it and the documentation are made from it.

use super::{Client, ClientAuthMethod, ClientKind, ClientOrigin, GrantType};
use crate::field::{FieldErrors, FieldProblem};
use crate::jose::{AssertionAlg, SigningAlg, VerifyingAlg};
use crate::response_type::ResponseType;
use crate::words::words;

words! {
    /// A security profile.
    SecurityProfile {
        /// Good practice today (draft-ietf-oauth-v2-1, RFC 9700).
        OAuth21 = "oauth2.1",
        /// The demands of OpenID Connect Core: a client that keeps a secret may go without PKCE.
        #[default]
        Oidc = "oidc",
        /// FAPI 2.0 Security Profile: for money, health, and whatever else must not be stolen.
        Fapi2 = "fapi2",
        /// The same, and what is asked and answered can be proven later (FAPI 2.0 Message Signing).
        Fapi2MessageSigning = "fapi2_message_signing",
        /// For old clients that cannot exchange a code: tokens come from the authorization endpoint. A setting of the operator allows it.
        Legacy = "legacy",
    }
}

/// The demands of a profile. A client may ask more of itself, and never less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demands {
    /// A code challenge in every authorization request (RFC 7636).
    pub pkce: bool,
    /// Authorization requests that were pushed (RFC 9126).
    pub pushed_requests: bool,
    /// Access tokens that are bound to a key of the client (RFC 9449 §5) or to its certificate (RFC 8705 §3).
    pub bound_tokens: bool,
    /// The response types that a client may be registered for.
    pub response_types: &'static [ResponseType],
    /// The ways in which a client may prove itself.
    pub auth_methods: &'static [ClientAuthMethod],
    /// The algorithms of what the client signs.
    pub client_algs: &'static [VerifyingAlg],
    /// The algorithms of its ID tokens.
    pub id_token_algs: &'static [SigningAlg],
    /// Assertions whose audience is the issuer, as one string, and nothing else (FAPI 2.0 Security Profile §5.3.2.1).
    pub issuer_as_audience: bool,
    /// Redirect URIs by https only.
    pub https_redirects: bool,
    /// Seconds that a code lives at most.
    pub longest_code: i64,
    /// Refresh tokens that stay the same: what a copy of one is worth depends on the keys of the client (FAPI 2.0 Security Profile §5.3.2.1).
    pub lasting_refresh_tokens: bool,
    /// Request objects, good for an hour at most (FAPI 2.0 Message Signing §5.3.1).
    pub signed_requests: bool,
    /// Signed authentication requests at the backchannel endpoint (FAPI: CIBA §5.2.2).
    pub signed_backchannel_requests: bool,
    /// Authorization responses that are asked for as JWTs (FAPI 2.0 Message Signing §5.4.1).
    pub signed_answers: bool,
}

/// The demands of a profile that demands nothing.
const FREE: Demands = Demands {
    pkce: false,
    pushed_requests: false,
    bound_tokens: false,
    response_types: &[ResponseType::Code],
    auth_methods: ClientAuthMethod::ALL,
    client_algs: VerifyingAlg::ALL,
    id_token_algs: &SigningAlg::ALL,
    issuer_as_audience: false,
    https_redirects: false,
    longest_code: i64::MAX,
    lasting_refresh_tokens: false,
    signed_requests: false,
    signed_backchannel_requests: false,
    signed_answers: false,
};

/// The demands of FAPI 2.0.
const FAPI2: Demands = Demands {
    pkce: true,
    pushed_requests: true,
    bound_tokens: true,
    response_types: &[ResponseType::Code],
    auth_methods: &[ClientAuthMethod::PrivateKeyJwt, ClientAuthMethod::Tls, ClientAuthMethod::SelfSignedTls],
    client_algs: &[VerifyingAlg::PS256, VerifyingAlg::ES256, VerifyingAlg::EdDsa],
    id_token_algs: &[SigningAlg::ES256, SigningAlg::EdDsa],
    issuer_as_audience: true,
    https_redirects: true,
    longest_code: 60,
    lasting_refresh_tokens: true,
    signed_requests: false,
    signed_backchannel_requests: true,
    signed_answers: false,
};

impl SecurityProfile {
    /// The table.
    #[must_use]
    pub const fn demands(self) -> Demands {
        match self {
            Self::OAuth21 => Demands { pkce: true, ..FREE },
            Self::Oidc => FREE,
            Self::Legacy => Demands { response_types: ResponseType::ALL, ..FREE },
            Self::Fapi2 => FAPI2,
            Self::Fapi2MessageSigning => Demands { signed_requests: true, signed_answers: true, ..FAPI2 },
        }
    }
}

impl Client {
    /// The profile of the client. Where nobody decided, one that proves nothing about itself, or came by a document, has the stricter
    /// one of the two usual ones.
    #[must_use]
    pub fn profile(&self) -> SecurityProfile {
        self.security_profile.unwrap_or(
            if self.token_endpoint_auth_method.is_public() || self.origin == ClientOrigin::MetadataDocument {
                SecurityProfile::OAuth21
            } else {
                SecurityProfile::Oidc
            },
        )
    }

    /// Makes sure that the client is as its profile demands, and that its people can have names in its sector.
    ///
    /// # Errors
    /// The fields that are not.
    pub fn check_demands(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        self.note_demands(&mut errors);
        self.note_sector(&mut errors);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    pub(super) fn note_demands(&self, errors: &mut FieldErrors) {
        let (client, profile, demands) = (self, self.profile(), self.profile().demands());
        let mut demand = |field: &'static str, is_met: bool, allowed: String| {
            if !is_met && !errors.iter().any(|(name, _)| name == field) {
                errors.note(field, FieldProblem::Demanded { profile, allowed });
            }
        };
        let client_algs = words_of(demands.client_algs);
        let can_sign = |alg: Option<VerifyingAlg>| alg.is_none_or(|alg| demands.client_algs.contains(&alg));
        let method = client.token_endpoint_auth_method;
        demand("token_endpoint_auth_method", demands.auth_methods.contains(&method), words_of(demands.auth_methods));
        demand(
            "token_endpoint_auth_signing_alg",
            can_sign(client.token_endpoint_auth_signing_alg.and_then(AssertionAlg::by_key)),
            client_algs.clone(),
        );
        demand("request_object_signing_alg", can_sign(client.request_object_signing_alg), client_algs.clone());
        let backchannel_alg = client.ciba.request_signing_alg;
        demand("backchannel_authentication_request_signing_alg", can_sign(backchannel_alg), client_algs);
        for (field, alg) in [
            ("id_token_signed_response_alg", Some(client.id_token_signed_response_alg)),
            ("userinfo_signed_response_alg", client.userinfo_signed_response_alg),
            ("authorization_signed_response_alg", client.authorization_signed_response_alg),
            ("introspection_signed_response_alg", client.introspection_signed_response_alg),
        ] {
            let is_allowed = alg.is_none_or(|alg| demands.id_token_algs.contains(&alg));
            demand(field, is_allowed, words_of(demands.id_token_algs));
        }
        let allowed = |kind: &ResponseType| demands.response_types.contains(kind);
        demand("response_types", client.response_types.iter().all(allowed), words_of(demands.response_types));
        let by_https = client.redirect_uris.iter().all(|uri| uri.as_str().starts_with("https:"));
        let gives_tokens = client.response_types.iter().any(|kind| kind.has_tokens());
        // An app of the device itself may listen there (OpenID Connect Core §3.2.2.1).
        let demands_https = demands.https_redirects || (gives_tokens && client.kind != ClientKind::Native);
        demand("redirect_uris", by_https || !demands_https, "https".to_owned());
        if demands.signed_requests && !client.has_signature_keys() {
            errors.note("jwks", FieldProblem::KeysNeeded);
        }
        // Nothing is known of keys that cannot be read.
        if errors.find("jwks").is_none()
            && let Err((name, problem)) = client.encryption.check_keys(client.jwks.as_ref(), client.jwks_uri.as_deref())
        {
            errors.note(name, problem);
        }
        client.note_response_types(errors);
        client.note_ciba(errors);
    }

    /// The grant types that its response types need, and what cannot be had with them (OpenID Connect Registration §2).
    fn note_response_types(&self, errors: &mut FieldErrors) {
        if errors.find("response_types").is_some() {
            return;
        }
        let needed =
            |grant: GrantType| self.response_types().iter().any(|kind| kind.grant_types().any(|it| it == grant));
        for grant in [GrantType::AuthorizationCode, GrantType::Implicit] {
            if needed(grant) && !self.may_use(grant) {
                errors.note("grant_types", FieldProblem::ResponseTypeGrant(grant));
            }
        }
        if self.may_use(GrantType::Implicit) && !needed(GrantType::Implicit) {
            errors.note("grant_types", FieldProblem::ImplicitAlone);
        }
        // Nobody proves a key at the authorization endpoint.
        for (field, is_bound) in [
            ("dpop_bound_access_tokens", self.dpop_bound_access_tokens),
            ("tls_client_certificate_bound_access_tokens", self.tls_client_certificate_bound_access_tokens),
        ] {
            if is_bound && self.response_types.iter().any(|kind| kind.has_token()) {
                errors.note(field, FieldProblem::BoundInAddress);
            }
        }
    }
}

fn words_of(values: &[impl ToString]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
