//! `X-Admin-Token`.

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::request::Parts;
use idp::{Actor, Admission, activity};
use oauth::activity::{EventKind, clip};
use oauth::refusal::Reason;
use oauth::secret::Secret;

use super::answer::ApiError;
use super::openapi;
use super::window::read_query;
use crate::guard::CallerAddress;
use crate::http::headers::single;
use crate::state::Signet;

/// A request that carries the admin token. A handler that takes one is closed to everybody else.
pub(crate) struct AdminToken {
    pub(crate) actor: Actor,
}

impl FromRequestParts<Signet> for AdminToken {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let Ok(caller) = CallerAddress::from_request_parts(parts, signet).await;
        let presented = single(&parts.headers, "x-admin-token").unwrap_or_default();
        let admin = Self::check(signet, presented, caller).await?;
        refuse_unknown_parameters(parts, signet).await?;
        Ok(admin)
    }
}

/// Refuses a parameter that the call does not have: a filter that is misspelt would otherwise find everything.
async fn refuse_unknown_parameters(parts: &mut Parts, signet: &Signet) -> Result<(), ApiError> {
    let Some(route) = parts.extensions.get::<MatchedPath>().cloned() else { return Ok(()) };
    let query = read_query(parts, signet).await?;
    let mut names = query.pairs().map(|(name, _)| name);
    match names.find(|name| !openapi::has_parameter(&parts.method, route.as_str(), name)) {
        Some(name) => {
            // The name is a stranger's word: the answer says it, and nobody keeps it.
            activity::refused(EventKind::Admin, Reason::AdminParameterUnknown);
            Err(ApiError::Body(format!("{}: not a parameter of this call", clip(name))))
        }
        None => Ok(()),
    }
}

impl AdminToken {
    /// Checks that `caller` presents the admin token.
    pub(crate) async fn check(signet: &Signet, presented: &str, caller: CallerAddress) -> Result<Self, ApiError> {
        if presented.is_empty() {
            activity::refused(EventKind::Admin, Reason::AdminTokenMissing);
            return Err(ApiError::Unauthorized);
        }
        match signet.idp.check_admin_token(&Secret::new(presented), signet.guard.counts(caller)).await? {
            Admission::Admitted(actor) => Ok(Self { actor }),
            Admission::Refused => {
                activity::refused(EventKind::Admin, Reason::AdminTokenWrong);
                Err(ApiError::Unauthorized)
            }
            Admission::Delayed { wait } => {
                activity::refused(EventKind::Admin, Reason::AdminDelayed);
                Err(ApiError::Delayed { wait })
            }
        }
    }
}
