//! The token endpoint (RFC 6749 §4.1.3, §4.4.2, §6).

mod grant;
mod redeem;
mod request;
mod response;

pub use grant::{Grant, GrantLifetimes};
pub use redeem::{AuthorizationCode, RefreshToken, Verdict, redeem_code, redeem_refresh_token};
pub use request::{CodeRequest, RefreshRequest, TokenRequest, client_credentials_scope};
pub use response::TokenResponse;
