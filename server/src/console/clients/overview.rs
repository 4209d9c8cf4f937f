//! `GET /admin/ui/clients/{client_id}`.

use app::console::clients::overview::ClientOverviewPage;
use axum::extract::{Path, State};
use axum::response::Response;
use oauth::id::ClientId;

use crate::console::admin::Admin;
use crate::http::failure::Failure;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
) -> Result<Response, Failure> {
    let record = signet.idp.get_client(&ClientId::new(client_id)).await?;
    let page = ClientOverviewPage {
        secrets: record.secrets.len() as u64,
        client: record.client,
        issuer: signet.issuer().to_string(),
        created_at: record.created_at,
        updated_at: record.updated_at,
        last_used_at: record.last_used_at,
        now: signet.idp.now(),
    };
    Ok(admin.ok(|console| page.render(console)))
}
