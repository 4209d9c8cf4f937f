//! Grants and what they give: the token endpoint (RFC 6749 §4.1.3, §4.4.2, §6; RFC 7523; RFC 8628; RFC 8693; CIBA §10.1).
//!
//! There is a file for each grant type. It reads the request, and judges what was presented: see [`Verdict`].

mod assertion;
mod ciba;
mod code;
mod device;
mod exchange;
mod family;
mod machine;
mod poll;
mod refresh;
mod request;
mod response;
#[cfg(test)]
mod testing;
mod user_code;
mod verdict;

pub use assertion::AssertionRequest;
pub use ciba::{
    AUTH_REQ_ID_LIFETIME, BackchannelAnswer, BackchannelRequest, CIBA_REASONS, CibaRequest, MAX_BINDING_MESSAGE,
    PersonHint, check_unsigned,
};
pub use code::{AuthorizationCode, CodeRequest};
pub use device::{
    DEVICE_CODE_LIFETIME, DEVICE_REASONS, DeviceAuthorizationRequest, DeviceAuthorizationResponse, DeviceCodeRequest,
    verification_uri_complete,
};
pub use exchange::{Actor, ExchangeRequest, Exchanged, TokenType, Wanted, unknown_subject_token};
pub use family::{Grant, GrantLifetimes, Provenance, outlives_session};
pub use machine::MachineRequest;
pub use poll::{POLL_INTERVAL, PollDecision, PollReasons, PollVerdict, Polled, slow_down};
pub use refresh::{
    BETWEEN_RETRIES, Family, FamilyKey, MAX_STEPS, RefreshRequest, RefreshToken, Retry, Reuse, Rule, Spent,
};
pub use request::{TokenRequest, missing};
pub use response::TokenResponse;
pub use user_code::UserCode;
pub use verdict::Verdict;
