//! `GET /admin/ui/trial`: signs in to a client as an application would, and shows what comes of it. With `client_id` a trial begins;
//! with `state` it comes back, and leads to its result.

use app::console::clients::trial::{ClientTrialPage, Trial};
use axum::extract::State;
use axum::response::Response;
use idp::activity;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::metadata::path;
use oauth::secret::Secret;
use serde_json::{Map, Value, json};

use crate::console::admin::Admin;
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::http::see_other;
use crate::state::Signet;

/// The parameter with a result.
const RESULT: &str = "result";

/// Seconds for which the result is shown again. It is sealed in its address, for the session of the console that made it.
const KEPT: i64 = 3_600;

/// Bytes of a result. An address is part of the head of an answer, for which proxies have 4 KiB.
const MOST: usize = 2_048;

/// Bytes of a claim that is shown where all of them are too long.
const MOST_OF_A_CLAIM: usize = 100;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    if query.is_set("state") {
        return come_back(&signet, &admin, &query).await;
    }
    let client_id = ClientId::new(query.text("client_id"));
    if !query.is_set(RESULT) {
        return begin(&signet, &admin, &client_id).await;
    }
    let client = signet.idp.get_client(&client_id).await?.client;
    let sealed = Secret::new(query.text(RESULT));
    let kept = signet.idp.take_over(admin.actor()?, &place_of(&client_id), &sealed);
    let outcome = kept.and_then(|kept| read(kept.expose())).unwrap_or(Trial::Over);
    let page = ClientTrialPage { client, outcome };
    Ok(admin.ok(|console| page.render(console)))
}

/// From the authorization endpoint. The code is redeemed here, once; the page that it leads to can be opened again.
async fn come_back(signet: &Signet, admin: &Admin, query: &Form) -> Result<Response, Failure> {
    // Another session began it, or nobody did.
    let client_id = signet.idp.find_trial(admin.actor()?, &query.text("state")).ok_or(idp::Error::NotFound)?;
    let client = signet.idp.get_client(&client_id).await?.client;
    activity::about_registered(&client_id);
    let outcome = finish(signet, admin, &client_id, query).await?;
    // A refusal of the request stands in this address; only what came of a code cannot be seen twice.
    let kept = (!query.is_set("error")).then(|| write(&outcome)).filter(|kept| kept.len() <= MOST).map(Secret::new);
    let actor = admin.actor()?;
    match kept.and_then(|kept| signet.idp.hand_over_for(actor, &place_of(&client_id), &kept, KEPT)) {
        Some(sealed) => {
            let query = Form::default().with("client_id", client_id.as_str()).with(RESULT, sealed.expose());
            Ok(see_other(&format!("{}?{}", path::TRIAL, query.encode())))
        }
        None => {
            let page = ClientTrialPage { client, outcome };
            Ok(admin.ok(|console| page.render(console)))
        }
    }
}

/// The page of the results of a client, for which they are sealed.
fn place_of(client_id: &ClientId) -> String {
    format!("{} {client_id}", path::TRIAL)
}

/// A result as text.
fn write(outcome: &Trial) -> String {
    let whole = json!(outcome).to_string();
    let Trial::SignedIn { scopes, expires_in, has_refresh_token, id_token: Some(claims) } = outcome else {
        return whole;
    };
    if whole.len() <= MOST {
        return whole;
    }
    let with_claims = |claims: Map<String, Value>| {
        let (scopes, id_token) = (scopes.clone(), Some(claims));
        let (expires_in, has_refresh_token) = (*expires_in, *has_refresh_token);
        json!(Trial::SignedIn { scopes, expires_in, has_refresh_token, id_token }).to_string()
    };
    let shortened = claims.iter().map(|(name, value)| {
        let is_long = value.to_string().len() > MOST_OF_A_CLAIM;
        (name.clone(), if is_long { Value::from("… too long to be shown here") } else { value.clone() })
    });
    let shortened = with_claims(shortened.collect());
    if shortened.len() <= MOST {
        return shortened;
    }
    with_claims(Map::from_iter([("…".to_owned(), Value::from("too many claims to be shown here"))]))
}

fn read(text: &str) -> Option<Trial> {
    serde_json::from_str(text).ok()
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
            id_token: trial.id_token,
        },
        Err(error) => {
            Trial::Refused { error: error.0.code.to_string(), description: format!("{}.", error.0.description) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_fits_into_an_address() {
        let signed_in = |claims: Map<String, Value>| Trial::SignedIn {
            scopes: vec!["openid".to_owned()],
            expires_in: 60,
            has_refresh_token: false,
            id_token: Some(claims),
        };
        let claim = |number: usize, length: usize| (format!("claim-{number}"), Value::from("x".repeat(length)));
        for (claims, said) in [
            (Map::from_iter([claim(0, 300)]), "xxx"),
            (Map::from_iter([claim(0, 3_000), claim(1, 3)]), "too long to be shown"),
            ((0..500).map(|number| claim(number, 3)).collect(), "too many claims"),
        ] {
            let text = write(&signed_in(claims));
            assert!(text.len() <= MOST && text.contains(said), "{text}");
            assert!(matches!(read(&text), Some(Trial::SignedIn { id_token: Some(_), .. })));
        }
        let refused = Trial::Refused { error: "access_denied".to_owned(), description: String::new() };
        assert!(matches!(read(&write(&refused)), Some(Trial::Refused { .. })));
        assert!(read("").is_none());
    }
}
