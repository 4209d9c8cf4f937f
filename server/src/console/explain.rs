//! `/admin/ui/explain/{request_id}`.

use app::console::explain::{ExplainPage, Found};
use axum::extract::{Path, State};
use axum::response::Response;

use super::activity::row;
use super::admin::Admin;
use crate::explain;
use crate::http::failure::Failure;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(request_id): Path<String>,
) -> Result<Response, Failure> {
    let found = match explain::find_event(&signet.idp, &request_id).await? {
        Some(event) => {
            let explained = explain::of_event(&signet.idp, &event).await?;
            Ok(Found { row: row(&signet, event).await?, explained })
        }
        None => Err(explain::nothing_kept(&signet.idp, &request_id)),
    };
    let page = ExplainPage { request_id, found, now: signet.idp.now() };
    Ok(admin.ok(|console| page.render(console)))
}
