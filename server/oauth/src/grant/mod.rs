//! Grants and what they give: the token endpoint (RFC 6749 §4.1.3, §4.4.2, §6; RFC 7523; RFC 8628; RFC 8693).
//!
//! There is a file for each grant type. It reads the request, and judges what was presented: see [`Verdict`].

mod assertion;
mod code;
mod device;
mod exchange;
mod family;
mod machine;
mod refresh;
mod request;
mod response;
#[cfg(test)]
mod testing;
mod user_code;
mod verdict;

pub use assertion::AssertionRequest;
pub use code::{AuthorizationCode, CodeRequest};
pub use device::{
    DEVICE_CODE_LIFETIME, DeviceAuthorizationRequest, DeviceAuthorizationResponse, DeviceCode, DeviceCodeRequest,
    DeviceDecision, DeviceVerdict, POLL_INTERVAL, slow_down, verification_uri_complete,
};
pub use exchange::{Actor, ExchangeRequest, Exchanged, TokenType, Wanted, unknown_subject_token};
pub use family::{Grant, GrantLifetimes, Provenance, outlives_session};
pub use machine::MachineRequest;
pub use refresh::{
    BETWEEN_RETRIES, Family, FamilyKey, MAX_STEPS, RefreshRequest, RefreshToken, Retry, Reuse, Rule, Spent,
};
pub use request::{TokenRequest, missing};
pub use response::TokenResponse;
pub use user_code::UserCode;
pub use verdict::Verdict;
