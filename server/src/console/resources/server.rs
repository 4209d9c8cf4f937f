//! `/admin/ui/resources/{id}/server`: what to copy into the server behind a resource, and whether it answers as it should.

use app::console::resources::server::ResourceServerPage;
use axum::extract::{Path, State};
use axum::response::Response;
use idp::ResourceRecord;
use oauth::id::ResourceId;

use crate::console::admin::Admin;
use crate::http::failure::Failure;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let page = page(&signet, signet.idp.get_resource(&ResourceId::new(id)).await?)?;
    Ok(admin.ok(|console| page.render(console)))
}

/// Asks the server. It changes nothing, and its answer is shown to whoever asked.
pub(super) async fn check(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    admin.actor()?;
    let record = signet.idp.get_resource(&ResourceId::new(id)).await?;
    let differences = signet.idp.check_resource_server(&record.resource).await;
    let differences = differences.iter().map(ToString::to_string).collect();
    let page = ResourceServerPage { differences: Some(differences), ..page(&signet, record)? };
    Ok(admin.ok(|console| page.render(console)))
}

fn page(signet: &Signet, record: ResourceRecord) -> Result<ResourceServerPage, Failure> {
    let resource = record.resource;
    let metadata = resource.metadata(signet.issuer());
    Ok(ResourceServerPage {
        issuer: signet.issuer().to_string(),
        addresses: resource.identifier.metadata_urls(),
        metadata: serde_json::to_string_pretty(&metadata).map_err(Failure::internal)?,
        unauthorized: format!("WWW-Authenticate: {}", resource.unauthorized()),
        forbidden: format!("WWW-Authenticate: {}", resource.forbidden()),
        differences: None,
        is_default: record.is_default,
        resource,
    })
}
