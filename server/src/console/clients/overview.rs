//! `GET /admin/ui/clients/{client_id}`.

use app::console::clients::overview::ClientOverviewPage;
use axum::extract::{Path, State};
use axum::response::Response;
use oauth::id::ClientId;

use crate::console::admin::Admin;
use crate::console::replays;
use crate::http::failure::Failure;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
) -> Result<Response, Failure> {
    let client_id = ClientId::new(client_id);
    let record = signet.idp.get_client(&client_id).await?;
    let page = ClientOverviewPage {
        secrets: record.secrets.len() as u64,
        keys_fetched_at: signet.idp.keys_fetched_at(&record.client),
        client: record.client,
        issuer: signet.issuer().to_string(),
        created_at: record.created_at,
        updated_at: record.updated_at,
        last_used_at: record.last_used_at,
        replays: replays::of_client(&signet, &client_id).await?,
        legacy_is_on: signet.idp.legacy_response_types(),
        now: signet.idp.now(),
    };
    Ok(admin.ok(|console| page.render(console)))
}
