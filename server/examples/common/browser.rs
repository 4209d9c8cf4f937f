//! Sessions of browsers: a random id in a cookie, everything else on our side.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use openidconnect::CsrfToken;

use super::relying_party::{Login, Pending};

/// The memory of one browser.
#[derive(Debug, Default)]
pub(crate) struct Browser {
    pub(crate) pending: Option<Pending>,
    pub(crate) login: Option<Login>,
}

impl Browser {
    /// True when nobody is signed in, nor about to be.
    fn is_over(&self) -> bool {
        self.login.is_none() && !self.pending.as_ref().is_some_and(Pending::is_fresh)
    }
}

/// One request of a browser at a time: a refresh token that is sent twice looks stolen to the server.
pub(crate) type Shared = Arc<tokio::sync::Mutex<Browser>>;

/// In memory: who restarts the demo signs in again.
#[derive(Debug)]
pub(crate) struct Browsers {
    // Cookies of all ports of a host are one jar, so each demo has a name of its own.
    cookie: &'static str,
    /// The cookie is for https only.
    secure: bool,
    known: Mutex<HashMap<String, Shared>>,
}

impl Browsers {
    pub(crate) fn new(cookie: &'static str, secure: bool) -> Self {
        Self { cookie, secure, known: Mutex::default() }
    }

    /// The session that the request's cookie names.
    pub(crate) fn find(&self, headers: &HeaderMap) -> Option<Shared> {
        let id = self.id(headers)?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Puts `browser` in place of the session that the request has, under a new id: whoever knew the old one has nothing.
    pub(crate) fn replace(&self, headers: &HeaderMap, browser: Browser, mut response: Response) -> Response {
        let id = CsrfToken::new_random_len(32).into_secret();
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{}={id}; Path=/; HttpOnly; SameSite=Lax{secure}", self.cookie);
        let Ok(cookie) = HeaderValue::try_from(cookie) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = self.id(headers) {
            known.remove(old);
        }
        // What somebody works with is locked, and stays.
        known.retain(|_, browser| !browser.try_lock().is_ok_and(|browser| browser.is_over()));
        known.insert(id, Arc::new(tokio::sync::Mutex::new(browser)));
        response.headers_mut().append(header::SET_COOKIE, cookie);
        response
    }

    fn id<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
        cookies
            .split("; ")
            .filter_map(|cookie| cookie.split_once('='))
            .find(|(name, _)| *name == self.cookie)
            .map(|(_, id)| id)
    }
}
