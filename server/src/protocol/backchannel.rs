//! `POST /bc-authorize`: a client asks for somebody by name (CIBA §7).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use idp::{RegisteredClient, activity};
use oauth::activity::EventKind;
use oauth::client_auth::SingleUse;
use oauth::error::TokenError;
use oauth::form::Form;
use oauth::grant::{BackchannelAnswer, BackchannelRequest, check_unsigned};

use super::{Authenticated, TRIES, always_changing, no_store, token_error};
use crate::guard::CallerAddress;
use crate::http::form::{BodyError, BodyForm};
use crate::state::Signet;

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Response {
    match begin(&signet, caller, &headers, body).await {
        Ok(begun) => no_store(begun.to_json()),
        Err(error) => {
            activity::refused_by(EventKind::Authorization, &error.0);
            token_error(&error)
        }
    }
}

async fn begin(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    body: Result<Form, BodyError>,
) -> Result<BackchannelAnswer, TokenError> {
    let form = body?;
    let mut authenticated = Authenticated::new(signet, caller, headers, &form)?;
    let is_counted = signet.guard.counts(caller).is_some();
    for _ in 0..TRIES {
        let client = authenticated.get().await?;
        let (request, signed) = read(signet, &client, &form).await?;
        activity::about_scope(&request.scope);
        if let Some(begun) = signet.idp.begin_backchannel(&client, &request, signed, is_counted).await? {
            return Ok(begun);
        }
    }
    Err(always_changing())
}

/// The request, and the signed one that it stands in.
async fn read(
    signet: &Signet,
    client: &RegisteredClient,
    form: &Form,
) -> Result<(BackchannelRequest, Option<SingleUse>), TokenError> {
    let Some(object) = check_unsigned(form, client)? else {
        return Ok((BackchannelRequest::read(form, client)?, None));
    };
    let (parameters, once) = signet.idp.read_backchannel_object(client, object).await?;
    Ok((BackchannelRequest::read(&parameters, client)?, Some(once)))
}
