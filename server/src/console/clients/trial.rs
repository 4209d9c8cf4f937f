//! `GET /admin/ui/trial`: signs in to a client as an application would, and shows what comes of it. With `client_id` a trial begins;
//! with `state` it comes back.

use app::console::clients::trial::{ClientTrialPage, Trial};
use axum::extract::State;
use axum::response::Response;
use idp::activity;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::metadata::path;
use oauth::secret::Secret;
use serde_json::Value;

use crate::console::admin::Admin;
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::http::see_other;
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    if !query.is_set("state") {
        return begin(&signet, &admin, &ClientId::new(query.text("client_id"))).await;
    }
    // Another session began it, or nobody did.
    let client_id = signet.idp.find_trial(admin.actor()?, &query.text("state")).ok_or(idp::Error::NotFound)?;
    let client = signet.idp.get_client(&client_id).await?.client;
    activity::about_registered(&client_id);
    let page = ClientTrialPage { outcome: finish(&signet, &admin, &client_id, &query).await?, client };
    Ok(admin.ok(|console| page.render(console)))
}

/// To the authorization endpoint, with the request that an application of the client makes by itself.
async fn begin(signet: &Signet, admin: &Admin, client_id: &ClientId) -> Result<Response, Failure> {
    let client = signet.idp.get_client(client_id).await?.client;
    if !client.may_ask_for_codes() {
        return Err(idp::Error::NotFound.into());
    }
    let trial = signet.idp.begin_trial(admin.actor()?, client_id);
    let request = Form::default()
        .with("client_id", client_id.as_str())
        .with("redirect_uri", &trial.redirect_uri)
        .with("response_type", "code")
        .with("scope", &client.rules().default_scope.to_string())
        .with("state", &trial.state)
        .with("nonce", &trial.nonce)
        .with("code_challenge", trial.challenge.as_str())
        .with("code_challenge_method", "S256");
    Ok(see_other(&format!("{}?{}", path::AUTHORIZE, request.encode())))
}

async fn finish(signet: &Signet, admin: &Admin, client_id: &ClientId, query: &Form) -> Result<Trial, Failure> {
    if query.is_set("error") {
        return Ok(Trial::Refused { error: query.text("error"), description: query.text("error_description") });
    }
    let code = Secret::new(query.text("code"));
    Ok(match signet.idp.finish_trial(admin.actor()?, client_id, &code).await {
        Ok(trial) => Trial::SignedIn {
            scopes: trial.scope.iter().map(ToString::to_string).collect(),
            expires_in: trial.expires_in,
            has_refresh_token: trial.has_refresh_token,
            id_token: trial.id_token.map(|claims| format!("{:#}", Value::Object(claims))),
        },
        Err(error) => {
            Trial::Refused { error: error.0.code.to_string(), description: format!("{}.", error.0.description) }
        }
    })
}
