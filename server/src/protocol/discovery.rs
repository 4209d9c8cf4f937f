//! The metadata and the keys that the server publishes. Bytes with an `ETag`, made again only when they change.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oauth::metadata::{Offers, ProviderMetadata};
use oauth::registration::HostMode;
use oauth::trust::TrustKind;

use crate::http::failure::Failure;
use crate::http::headers::is_known;
use crate::state::Signet;

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
pub(crate) async fn metadata(State(signet): State<Signet>, headers: HeaderMap) -> Result<Response, Failure> {
    let scopes = signet.idp.scopes().await?;
    let keyring = signet.idp.keyring();
    let offers = offers(&signet).await?;
    let resources = signet.idp.resources().await?;
    let document = signet.metadata.find(&scopes, &resources, &keyring, offers);
    let document = match document {
        Some(document) => document,
        None => {
            let metadata = ProviderMetadata::new(
                signet.issuer(),
                &scopes,
                &resources.details_types(),
                &keyring.active_algs(),
                offers,
                signet.idp.hosts().mtls,
            );
            let bytes = serde_json::to_vec(&metadata).map_err(Failure::internal)?;
            signet.metadata.keep((scopes, resources, keyring), offers, Bytes::from(bytes))
        }
    };
    Ok(serve(&headers, &document.bytes, &document.etag))
}

/// The offers that administrators let this server make.
async fn offers(signet: &Signet) -> Result<Offers, idp::Error> {
    let (idp, kinds) = (&signet.idp, signet.idp.trusted_kinds().await?);
    Ok(Offers {
        registration: idp.takes_registrations().await?,
        documents: idp.host_rules().await?.policy.mode != HostMode::Blocked,
        identity_assertions: kinds.contains(&TrustKind::IdentityProvider),
        workloads: kinds.contains(&TrustKind::WorkloadIssuer),
        gives_assertions: kinds.contains(&TrustKind::AuthorizationServer),
        session_management: signet.session_management,
        legacy_response_types: idp.legacy_response_types(),
        certificates: idp.certificates(),
        delegation: idp.resources().await?.iter().any(|resource| !resource.exchanged_by.is_empty()),
    })
}

/// `GET /.well-known/jwks.json`.
pub(crate) async fn jwks(State(signet): State<Signet>, headers: HeaderMap) -> Response {
    let keyring = signet.idp.keyring();
    let (bytes, etag) = keyring.jwks();
    serve(&headers, bytes, etag)
}

fn serve(headers: &HeaderMap, bytes: &Bytes, etag: &str) -> Response {
    let etag_value = HeaderValue::from_str(etag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    let common = [(header::ETAG, etag_value), (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))];
    if is_known(headers, etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, "application/json")], bytes.clone()).into_response()
}
