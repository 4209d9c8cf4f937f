//! `POST /introspect` (RFC 7662).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use idp::{RegisteredClient, activity};
use oauth::activity::EventKind;
use oauth::error::TokenError;
use oauth::form::Form;
use oauth::grant::missing;
use oauth::introspection::{self, LiveToken};
use oauth::jose::SigningAlg;
use oauth::resource::Resource;
use oauth::secret::Secret;
use oauth::signed_answer::{INTROSPECTION_TYPE, introspection_claims};
use serde_json::Value;

use super::{no_store, presented, signed, token_error};
use crate::guard::CallerAddress;
use crate::http::form::{BodyError, BodyForm};
use crate::http::headers::single;
use crate::state::Signet;

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Response {
    match introspect(&signet, caller, &headers, body).await {
        Ok((answer, asker)) => {
            signet.metrics.count_introspection(answer.get("active").and_then(Value::as_bool).unwrap_or_default());
            if accepts_jwt(&headers) { sign(&signet, answer, &asker) } else { no_store(answer) }
        }
        Err(error) => {
            activity::refused_by(EventKind::Introspection, &error.0);
            token_error(&error)
        }
    }
}

async fn introspect(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    body: Result<Form, BodyError>,
) -> Result<(Value, Asker), TokenError> {
    let form = body?;
    let asker = Asker::authenticate(signet, caller, headers, &form).await?;
    form.check_unrepeated()?;
    let token = form.find("token")?.ok_or_else(|| missing("token"))?;
    let answer = match signet.idp.find_live_token(&Secret::new(token)).await? {
        Some((token, user)) if asker.may_see(&token) && is_bound_as_it_must(signet, &token).await? => {
            introspection::active(&token, user.as_deref().map(|user| user.username.as_str()), signet.issuer())
        }
        _ => introspection::inactive(),
    };
    Ok((answer, asker))
}

/// False for a token that its client may not use any more as it is bound, because it was given before more was demanded.
async fn is_bound_as_it_must(signet: &Signet, token: &LiveToken) -> Result<bool, TokenError> {
    let LiveToken::Access(access) = token else { return Ok(true) };
    let client = signet.idp.find_client(&access.grant.client_id).await?;
    Ok(client.is_none_or(|client| client.rules().allow_token(&access.cnf)))
}

/// True for whoever asks for a JWT (RFC 9701 §4).
fn accepts_jwt(headers: &HeaderMap) -> bool {
    let accept = single(headers, header::ACCEPT).unwrap_or_default();
    accept.split(',').any(|media| {
        let mut parts = media.split(';').map(str::trim);
        let is_jwt = parts.next().is_some_and(|media| media.eq_ignore_ascii_case(JWT));
        // A weight of nothing says no (RFC 9110 §12.4.2).
        is_jwt && !parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)))
    })
}

fn sign(signet: &Signet, answer: Value, asker: &Asker) -> Response {
    let (alg, name) = match asker {
        Asker::Client(client) => (client.introspection_alg(), client.client_id.as_str()),
        Asker::Resource(resource) => (SigningAlg::default(), resource.identifier.as_str()),
    };
    let claims = introspection_claims(answer, signet.issuer(), name, signet.idp.now());
    match signet.idp.sign_answer(alg, INTROSPECTION_TYPE, &claims) {
        Ok(jwt) => signed(JWT, jwt),
        Err(error) => token_error(&error.into()),
    }
}

/// The media type of a signed answer (RFC 9701 §5).
const JWT: &str = "application/token-introspection+jwt";

/// Whoever asks about a token: a client, or a resource by credentials of its own.
enum Asker {
    Client(Arc<RegisteredClient>),
    Resource(Arc<Resource>),
}

impl Asker {
    async fn authenticate(
        signet: &Signet,
        caller: CallerAddress,
        headers: &HeaderMap,
        form: &Form,
    ) -> Result<Self, TokenError> {
        let shown = presented(signet, headers, form)?;
        activity::about_client(&shown.client_id);
        Ok(match signet.idp.authenticate_resource(&shown, signet.guard.counts(caller)).await? {
            Some(resource) => Self::Resource(resource),
            None => Self::Client(signet.idp.authenticate_client(&shown, signet.guard.counts(caller)).await?),
        })
    }

    fn may_see(&self, token: &LiveToken) -> bool {
        match self {
            Self::Client(client) => token.may_be_seen_by(client),
            Self::Resource(resource) => token.may_be_seen_at(resource),
        }
    }
}
