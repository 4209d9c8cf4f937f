//! The way in which a client asks for people by name, and hears of their answers (CIBA §4).

use serde::{Deserialize, Serialize};

use super::{Client, ClientDraft, GrantType};
use crate::field::{FieldErrors, FieldProblem, check_https_url};
use crate::jose::VerifyingAlg;
use crate::words::words;

words! {
    /// `backchannel_token_delivery_mode` (CIBA §5). This server does not push tokens.
    DeliveryMode {
        /// The client asks until there is an answer.
        #[default]
        Poll = "poll",
        /// The client is told that there is an answer, and then asks.
        Ping = "ping",
    }
}

/// The third mode of CIBA §5, which this server does not have.
const PUSH: &str = "push";

/// The registered metadata of one client (CIBA §4).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientCiba {
    /// Read it through [`ClientCiba::mode`].
    #[serde(rename = "backchannel_token_delivery_mode", default, skip_serializing_if = "Option::is_none")]
    pub delivery_mode: Option<DeliveryMode>,
    /// Read it through [`ClientCiba::ping_endpoint`].
    #[serde(rename = "backchannel_client_notification_endpoint", default, skip_serializing_if = "Option::is_none")]
    pub notification_endpoint: Option<String>,
    /// The algorithm of its authentication requests, which then must be signed.
    #[serde(
        rename = "backchannel_authentication_request_signing_alg",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub request_signing_alg: Option<VerifyingAlg>,
}

impl ClientCiba {
    /// True for a client that nothing is registered of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    #[must_use]
    pub fn mode(&self) -> DeliveryMode {
        self.delivery_mode.unwrap_or_default()
    }

    /// The address at which the client is told of answers; `None` for one that only polls.
    #[must_use]
    pub fn ping_endpoint(&self) -> Option<&str> {
        self.notification_endpoint.as_deref().filter(|_| self.mode() == DeliveryMode::Ping)
    }

    /// Mode, endpoint and algorithm as they are typed.
    #[must_use]
    pub fn texts(&self) -> [String; 3] {
        [
            self.delivery_mode.map(|mode| mode.to_string()).unwrap_or_default(),
            self.notification_endpoint.clone().unwrap_or_default(),
            self.request_signing_alg.map(|alg| alg.to_string()).unwrap_or_default(),
        ]
    }
}

/// `backchannel_token_delivery_mode`: `poll`, `ping` or nothing.
///
/// # Errors
/// When it is something else; `push` has a word of its own.
pub fn check_delivery_mode(text: &str) -> Result<Option<DeliveryMode>, FieldProblem> {
    match text.trim() {
        "" => Ok(None),
        PUSH => Err(FieldProblem::PushDelivery),
        word => DeliveryMode::find(word).map(Some).ok_or(FieldProblem::Choice),
    }
}

/// `backchannel_client_notification_endpoint`: an https URL without a fragment, or nothing.
///
/// # Errors
/// When it is another one.
pub fn check_notification_endpoint(text: &str) -> Result<Option<String>, FieldProblem> {
    let url = check_https_url(text)?;
    if url.as_ref().is_some_and(|url| url.contains('#')) { Err(FieldProblem::Fragment) } else { Ok(url) }
}

impl ClientDraft {
    /// The mode that counts while none is chosen is written down for those that have the grant type, and for nobody else.
    pub(super) fn check_ciba(&self, grants: &[GrantType], errors: &mut FieldErrors) -> ClientCiba {
        let mode = check_delivery_mode(&self.backchannel_token_delivery_mode);
        let endpoint = check_notification_endpoint(&self.backchannel_client_notification_endpoint);
        let alg = super::draft::verifying_alg(&self.backchannel_authentication_request_signing_alg);
        let mode = errors.take("backchannel_token_delivery_mode", mode).flatten().unwrap_or_default();
        let is_said = grants.contains(&GrantType::Ciba) || mode != DeliveryMode::default();
        ClientCiba {
            delivery_mode: is_said.then_some(mode),
            notification_endpoint: errors.take("backchannel_client_notification_endpoint", endpoint).flatten(),
            request_signing_alg: errors.take("backchannel_authentication_request_signing_alg", alg).flatten(),
        }
    }
}

impl Client {
    /// True when its authentication requests must be signed: it said by which algorithm, or its profile demands it.
    #[must_use]
    pub fn must_sign_backchannel_requests(&self) -> bool {
        self.ciba.request_signing_alg.is_some() || self.rules().demands.signed_backchannel_requests
    }

    /// The needs of a client that asks for people by name.
    pub(super) fn note_ciba(&self, errors: &mut FieldErrors) {
        if !self.may_use(GrantType::Ciba) {
            return;
        }
        if self.is_public() {
            errors.note("grant_types", FieldProblem::PublicCiba);
        }
        if self.ciba.mode() == DeliveryMode::Ping && self.ciba.notification_endpoint.is_none() {
            errors.note("backchannel_client_notification_endpoint", FieldProblem::PingEndpointNeeded);
        }
        if self.must_sign_backchannel_requests() && !self.has_signature_keys() {
            errors.note("jwks", FieldProblem::KeysNeeded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientKind, SecurityProfile};

    fn check(change: impl FnOnce(&mut ClientDraft)) -> Result<Client, FieldErrors> {
        let mut draft = ClientDraft {
            client_id: "bank".into(),
            client_name: "Bank".into(),
            grant_types: vec![GrantType::Ciba.to_string()],
            ..ClientDraft::preset(ClientKind::Web)
        };
        change(&mut draft);
        draft.check(None)
    }

    #[test]
    fn a_client_polls_unless_it_says_where_it_is_told() {
        let client = check(|_| {}).unwrap();
        assert_eq!((client.ciba.delivery_mode, client.ciba.ping_endpoint()), (Some(DeliveryMode::Poll), None));
        let told = |uri: &'static str| {
            check(|draft| {
                draft.backchannel_token_delivery_mode = "ping".into();
                draft.backchannel_client_notification_endpoint = uri.into();
            })
        };
        let client = told("https://Bank.example/cb").unwrap();
        assert_eq!(client.ciba.ping_endpoint(), Some("https://bank.example/cb"));
        assert_eq!(ClientDraft::from(&client).check(None), Ok(client));
        for (uri, problem) in [
            ("", FieldProblem::PingEndpointNeeded),
            ("http://bank.example/cb", FieldProblem::HttpsOnly),
            ("http://localhost/cb", FieldProblem::HttpsOnly),
            ("https://bank.example/cb#x", FieldProblem::Fragment),
        ] {
            let errors = told(uri).unwrap_err();
            assert_eq!(errors.find("backchannel_client_notification_endpoint"), Some(&problem), "{uri}");
        }
        for (mode, problem) in [("push", FieldProblem::PushDelivery), ("pull", FieldProblem::Choice)] {
            let errors = check(|draft| draft.backchannel_token_delivery_mode = mode.into()).unwrap_err();
            assert_eq!(errors.find("backchannel_token_delivery_mode"), Some(&problem));
        }
        let web = check(|draft| draft.grant_types = vec!["client_credentials".to_owned()]).unwrap();
        assert!(web.ciba.is_empty(), "whoever does not ask for people has nothing of it");
    }

    #[test]
    fn a_client_that_cannot_work_is_refused() {
        let public = check(|draft| draft.token_endpoint_auth_method = "none".into()).unwrap_err();
        assert_eq!(public.find("grant_types"), Some(&FieldProblem::PublicCiba));
        let alg = |alg: &'static str| check(|draft| draft.backchannel_authentication_request_signing_alg = alg.into());
        assert_eq!(alg("ES256").unwrap_err().find("jwks"), Some(&FieldProblem::KeysNeeded));
        for odd in ["HS256", "none", "x"] {
            let errors = alg(odd).unwrap_err();
            assert_eq!(errors.find("backchannel_authentication_request_signing_alg"), Some(&FieldProblem::Choice));
        }
        // A certificate signs no requests.
        let bank = |jwks_uri: &'static str, alg: &'static str| {
            check(|draft| {
                draft.security_profile = SecurityProfile::Fapi2.to_string();
                draft.token_endpoint_auth_method = "tls_client_auth".into();
                draft.tls_client_auth_subject = "DNS:bank.example".into();
                draft.id_token_signed_response_alg = "ES256".into();
                draft.jwks_uri = jwks_uri.into();
                draft.backchannel_authentication_request_signing_alg = alg.into();
            })
        };
        assert_eq!(bank("", "").unwrap_err().find("jwks"), Some(&FieldProblem::KeysNeeded));
        assert!(bank("https://bank.example/jwks", "").unwrap().must_sign_backchannel_requests());
        let weak = bank("https://bank.example/jwks", "RS256").unwrap_err();
        assert!(weak.find("backchannel_authentication_request_signing_alg").is_some());
    }
}
