//! `GET /admin/ui/clients/{client_id}/quickstart`.

use app::console::clients::quickstart::ClientQuickStartPage;
use app::console::path;
use axum::extract::{Path, State};
use axum::response::Response;
use oauth::client::Client;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::secret::Secret;

use crate::console::admin::{Admin, Resumed, done};
use crate::console::handover::{Handover, hand_over};
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    Query(query): Query,
    handover: Handover,
) -> Result<Response, Failure> {
    let page = ClientQuickStartPage {
        issuer: signet.issuer().to_string(),
        client: signet.idp.get_client(&ClientId::new(client_id)).await?.client,
        secret: handover.secret(&signet, &admin),
        code: query.unwrap_or_default().text("code"),
        now: signet.idp.now(),
    };
    Ok(handover.close(&signet, admin.ok(|console| page.render(console))))
}

/// To the page of a client that was just made, with the sample `code` opened. It shows the secret, this once.
pub(super) fn begin(
    signet: &Signet,
    admin: &Admin,
    client: &Client,
    secret: Option<&Secret>,
    code: &str,
) -> Result<Response, Resumed> {
    let place = path::client_part(client.client_id.as_str(), "quickstart");
    let query = if code.is_empty() { Form::default() } else { Form::default().with("code", code) };
    match secret {
        Some(secret) => hand_over(signet, admin, &place, query, secret),
        None => {
            let query = query.encode();
            let before = if query.is_empty() { "" } else { "?" };
            Ok(done(&format!("{place}{before}{query}"), app::console::Flash::Created))
        }
    }
}
