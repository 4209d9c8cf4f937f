//! `POST /introspect` (RFC 7662).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use idp::{Envelope, RegisteredClient, activity};
use oauth::activity::EventKind;
use oauth::client::{Client, Encrypted};
use oauth::error::TokenError;
use oauth::form::Form;
use oauth::grant::missing;
use oauth::introspection::{self, LiveToken};
use oauth::jose::SigningAlg;
use oauth::resource::Resource;
use oauth::secret::Secret;
use oauth::signed_answer::{INTROSPECTION_TYPE, introspection_claims};
use oauth::user::User;
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
            if accepts_jwt(&headers) { sign(&signet, answer, &asker).await } else { no_store(answer) }
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
        Some((token, user)) if asker.may_see(&token) => {
            let client = signet.idp.find_client(&token.grant().client_id).await?;
            match client.filter(|client| is_bound_as_it_must(client, &token)) {
                Some(client) => describe(signet, &token, &client, user.as_deref(), asker.resource()),
                None => introspection::inactive(),
            }
        }
        _ => introspection::inactive(),
    };
    Ok((answer, asker))
}

/// False for a token that its client may not use any more as it is bound, because it was given before more was demanded.
fn is_bound_as_it_must(client: &Client, token: &LiveToken) -> bool {
    match token {
        LiveToken::Access(access) => client.rules().allow_token(&access.cnf),
        LiveToken::Refresh(_) => true,
    }
}

/// The answer about a token of `client`. Whoever asks knows the person as the client does; a name that one has everywhere would say
/// more.
fn describe(
    signet: &Signet,
    token: &LiveToken,
    client: &Client,
    user: Option<&User>,
    resource: Option<&Resource>,
) -> Value {
    let subject = token.grant().subject.as_ref();
    let known = subject.map(|subject| client.known_subject(subject, signet.idp.pairwise()));
    let username = user.filter(|_| !client.subjects.is_pairwise()).map(|user| user.username.as_str());
    introspection::active(token, known.as_ref(), username, resource, signet.issuer())
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

async fn sign(signet: &Signet, answer: Value, asker: &Asker) -> Response {
    let (alg, name) = match asker {
        Asker::Client(client) => (client.introspection_alg(), client.client_id.as_str()),
        Asker::Resource(resource) => (SigningAlg::default(), resource.identifier.as_str()),
    };
    let claims = introspection_claims(answer, signet.issuer(), name, signet.idp.now());
    let sealed = async {
        let envelope = match asker {
            Asker::Client(client) => signet.idp.envelope(client, Encrypted::Introspection).await?,
            Asker::Resource(_) => Envelope::default(),
        };
        envelope.seal(signet.idp.sign_answer(alg, INTROSPECTION_TYPE, &claims)?)
    };
    match sealed.await {
        Ok(jwt) => signed(JWT, jwt),
        Err(error) => {
            let error = TokenError::from(error);
            activity::refused_by(EventKind::Introspection, &error.0);
            token_error(&error)
        }
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

    fn resource(&self) -> Option<&Resource> {
        match self {
            Self::Client(_) => None,
            Self::Resource(resource) => Some(resource),
        }
    }

    fn may_see(&self, token: &LiveToken) -> bool {
        match self {
            Self::Client(client) => token.may_be_seen_by(client),
            Self::Resource(resource) => token.may_be_seen_at(resource),
        }
    }
}
