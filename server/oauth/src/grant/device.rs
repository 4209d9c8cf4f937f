//! The device grant (RFC 8628): a device without a browser shows a code, a person types it elsewhere and allows the device, and
//! the device polls until it is told.

use serde_json::{Value, json};

use super::request::{required, scope};
use super::{POLL_INTERVAL, PollReasons, UserCode};
use crate::client::{Client, GrantType};
use crate::details::AuthorizationDetails;
use crate::error::TokenError;
use crate::form::Form;
use crate::id::Issuer;
use crate::metadata::path;
use crate::refusal::Reason;
use crate::resource::{ResourceIdentifier, read_resources};
use crate::scope::{Scope, ScopeDefinition};
use crate::secret::Secret;

/// Seconds that a device code and its user code are good for.
pub const DEVICE_CODE_LIFETIME: i64 = 900;

/// A device's request to be authorized (RFC 8628 §3.1).
#[derive(Debug, Clone)]
pub struct DeviceAuthorizationRequest {
    pub scope: Option<Scope>,
    /// `resource` (RFC 8707).
    pub resources: Vec<ResourceIdentifier>,
    /// `authorization_details` (RFC 9396 §6).
    pub details: AuthorizationDetails,
}

impl DeviceAuthorizationRequest {
    /// Reads a request of `client`, which has authenticated.
    ///
    /// # Errors
    /// `invalid_request`, `unauthorized_client` or `invalid_scope`.
    pub fn read(form: &Form, client: &Client) -> Result<Self, TokenError> {
        form.check_unrepeated()?;
        client.check_may_use(GrantType::DeviceCode)?;
        Ok(Self { scope: scope(form)?, resources: read_resources(form)?, details: AuthorizationDetails::read(form)? })
    }

    /// The scope that the person will be asked about: what the device asks for, or the client's default.
    ///
    /// # Errors
    /// `invalid_scope` when it asks for nothing that it may have.
    pub fn judge(&self, client: &Client, known: &[ScopeDefinition]) -> Result<Scope, TokenError> {
        Ok(client.requested_scope_beside(self.scope.as_ref(), !self.details.is_empty(), known)?)
    }
}

/// The answer to such a request (RFC 8628 §3.2).
#[derive(Debug, Clone)]
pub struct DeviceAuthorizationResponse {
    pub device_code: Secret,
    pub user_code: UserCode,
}

impl DeviceAuthorizationResponse {
    /// The JSON object of the answer.
    #[must_use]
    pub fn to_json(&self, issuer: &Issuer) -> Value {
        json!({
            "device_code": self.device_code.expose(),
            "user_code": self.user_code.to_string(),
            "verification_uri": issuer.url(path::DEVICE),
            "verification_uri_complete": verification_uri_complete(issuer, &self.user_code),
            "expires_in": DEVICE_CODE_LIFETIME,
            "interval": POLL_INTERVAL,
        })
    }
}

/// The address of the page where a person types the code, with the code in it (RFC 8628 §3.3.1): what a QR code holds.
#[must_use]
pub fn verification_uri_complete(issuer: &Issuer, user_code: &UserCode) -> String {
    format!("{}?user_code={user_code}", issuer.url(path::DEVICE))
}

/// A device code, presented (RFC 8628 §3.4).
#[derive(Debug, Clone)]
pub struct DeviceCodeRequest {
    pub device_code: Secret,
    /// `resource` (RFC 8707 §2.2).
    pub resources: Vec<ResourceIdentifier>,
    /// `authorization_details` (RFC 9396 §6).
    pub details: AuthorizationDetails,
}

impl DeviceCodeRequest {
    pub(super) fn read(form: &Form) -> Result<Self, TokenError> {
        Ok(Self {
            device_code: Secret::new(required(form, "device_code")?),
            resources: read_resources(form)?,
            details: AuthorizationDetails::read(form)?,
        })
    }
}

/// The refusals of polls of a device.
pub static DEVICE_REASONS: PollReasons = PollReasons {
    unknown: Reason::DeviceCodeUnknown,
    used: Reason::DeviceCodeUsed,
    revoked: Reason::DeviceCodeRevoked,
    expired: Reason::DeviceCodeExpired,
    declined: Reason::DeviceDeclined,
    pending: Reason::DevicePending,
    too_fast: Reason::DeviceTooFast,
    who: "device",
};

#[cfg(test)]
mod tests {
    use super::super::testing::{client, grant, without};
    use super::super::{Grant, PollDecision, PollVerdict, Polled, Verdict};
    use super::*;
    use crate::error::ErrorCode;
    use crate::id::ClientId;
    use crate::scope::core_scopes;
    use crate::time::Timestamp;

    fn code(decision: PollDecision) -> Polled {
        Polled {
            client_id: ClientId::new("app"),
            decision,
            interval: POLL_INTERVAL,
            polled_at: Timestamp(0),
            expires_at: Timestamp(1_900),
            consumed: false,
            reasons: &DEVICE_REASONS,
        }
    }

    fn approved() -> Polled {
        code(PollDecision::Approved(Box::new(grant())))
    }

    /// The error of a poll, and the interval to keep.
    fn poll(code: &Polled, now: i64) -> (ErrorCode, Option<i64>) {
        match code.judge(&client(), &core_scopes(), Timestamp(now)) {
            PollVerdict::Wait { error, interval } => (error.0.code, Some(interval)),
            PollVerdict::Answer(Verdict::Refuse(error)) => (error.0.code, None),
            PollVerdict::Answer(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn until_somebody_decides_the_device_waits_and_slows_down_when_told() {
        let first = code(PollDecision::Pending);
        assert_eq!(poll(&first, 1_000), (ErrorCode::AuthorizationPending, Some(5)), "the first is never too soon");
        let polled = Polled { polled_at: Timestamp(1_000), ..first };
        assert_eq!(poll(&polled, 1_005), (ErrorCode::AuthorizationPending, Some(5)));
        for now in [1_000, 1_004] {
            assert_eq!(poll(&polled, now), (ErrorCode::SlowDown, Some(10)));
        }
        let slower = Polled { interval: 10, ..polled };
        assert_eq!(poll(&slower, 1_009), (ErrorCode::SlowDown, Some(15)));
        assert_eq!(poll(&slower, 1_010), (ErrorCode::AuthorizationPending, Some(10)), "it stays");
    }

    #[test]
    fn what_was_decided_is_told_once_until_it_expires() {
        let issued = PollVerdict::Answer(Verdict::Issue(grant().scope));
        let soon = Polled { polled_at: Timestamp(1_000), ..approved() };
        assert_eq!(soon.judge(&client(), &core_scopes(), Timestamp(1_000)), issued);
        assert_eq!(poll(&code(PollDecision::Denied), 1_000), (ErrorCode::AccessDenied, None));
        assert_eq!(poll(&Polled { consumed: true, ..approved() }, 1_000), (ErrorCode::InvalidGrant, None));
        for decision in [PollDecision::Pending, PollDecision::Denied, approved().decision] {
            assert_eq!(poll(&code(decision), 1_900), (ErrorCode::ExpiredToken, None));
        }
        let revoked = Grant { revoked: true, ..grant() };
        assert_eq!(poll(&code(PollDecision::Approved(Box::new(revoked))), 1_000), (ErrorCode::InvalidGrant, None));
    }

    #[test]
    fn another_client_learns_nothing() {
        for decision in [PollDecision::Pending, PollDecision::Denied, approved().decision] {
            let foreign = Polled { client_id: ClientId::new("other"), ..code(decision) };
            for now in [1_000, 2_000] {
                assert_eq!(poll(&foreign, now), (ErrorCode::InvalidGrant, None));
            }
        }
    }

    #[test]
    fn a_device_gets_no_more_than_its_client_may_have_now() {
        let openid = PollVerdict::Answer(Verdict::Issue(Scope::parse("openid").unwrap()));
        assert_eq!(approved().judge(&client(), &without("email"), Timestamp(1_000)), openid);
        assert_eq!(poll_without_scopes(), ErrorCode::InvalidScope);
    }

    fn poll_without_scopes() -> ErrorCode {
        match approved().judge(&client(), &[], Timestamp(1_000)) {
            PollVerdict::Answer(Verdict::Refuse(error)) => error.0.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_is_read_as_strictly_as_one_for_tokens() {
        let device = Client { grant_types: vec![GrantType::DeviceCode], ..client() };
        let read = |body: &str, client: &Client| {
            let form = Form::parse(body.as_bytes()).unwrap();
            DeviceAuthorizationRequest::read(&form, client).map_err(|error| error.0.code)
        };
        assert!(read("", &device).unwrap().scope.is_none());
        assert_eq!(read("scope=%22", &device).unwrap_err(), ErrorCode::InvalidScope);
        assert_eq!(read("scope=a&scope=b", &device).unwrap_err(), ErrorCode::InvalidRequest);
        assert_eq!(read("", &client()).unwrap_err(), ErrorCode::UnauthorizedClient);
        let judge = |scope: &str| {
            let request = DeviceAuthorizationRequest {
                scope: Some(Scope::parse(scope).unwrap()),
                resources: Vec::new(),
                details: AuthorizationDetails::default(),
            };
            request.judge(&device, &core_scopes()).map(|scope| scope.to_string()).map_err(|error| error.0.code)
        };
        assert_eq!(judge("openid made-up"), Ok("openid".to_owned()));
        assert_eq!(judge("made-up"), Err(ErrorCode::InvalidScope));
    }

    #[test]
    fn the_answer_holds_what_the_rfc_asks_for() {
        let issuer = Issuer::parse("https://id.example/auth").unwrap();
        let user_code = UserCode::parse("WDJBMJHT").unwrap();
        let answer = DeviceAuthorizationResponse { device_code: Secret::new("d"), user_code }.to_json(&issuer);
        let expected = json!({
            "device_code": "d",
            "user_code": "WDJB-MJHT",
            "verification_uri": "https://id.example/auth/device",
            "verification_uri_complete": "https://id.example/auth/device?user_code=WDJB-MJHT",
            "expires_in": 900,
            "interval": 5,
        });
        assert_eq!(answer, expected);
    }
}
