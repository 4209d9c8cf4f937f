//! The pages that people visit: the first start, signing in, consent, signing out. They contain no script.

pub(crate) mod account;
pub(crate) mod approve;
pub(crate) mod authorize;
pub(crate) mod check_session;
pub(crate) mod device;
pub(crate) mod explain;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod logo;
pub(crate) mod logout;
pub(crate) mod setup;
mod shown;

use axum::http::HeaderMap;
use oauth::session::SignedIn;

use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::state::Signet;

/// Whoever is signed in in this browser.
async fn find_signed_in(signet: &Signet, headers: &HeaderMap) -> Result<Option<SignedIn>, Failure> {
    match Cookie::Session.read(headers, signet.issuer()) {
        Some(cookie) => Ok(signet.idp.find_session(&cookie).await?),
        None => Ok(None),
    }
}
