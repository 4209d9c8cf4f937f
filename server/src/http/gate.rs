//! The gate: everything that the row of an endpoint ([`crate::endpoints`]) decides about a request, in one layer, so that the row is
//! looked up once. It refuses what no page may send, what no browser meant, and who asks too often; and it says which pages may
//! read the answer, a refusal too.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::{cors, navigation, same_origin};
use crate::endpoints::Endpoint;
use crate::state::Signet;

/// The layer.
pub(crate) async fn admit(State(signet): State<Signet>, mut request: Request, next: Next) -> Response {
    let endpoint = Endpoint::of(request.extensions());
    let reading = cors::Reading::of(&signet, endpoint, request.method(), request.headers()).await;
    let mut response = match reading.preflight().or_else(|| refusal(&signet, endpoint, &mut request)) {
        Some(answer) => answer,
        None => next.run(request).await,
    };
    reading.write(response.headers_mut());
    response
}

fn refusal(signet: &Signet, endpoint: &Endpoint, request: &mut Request) -> Option<Response> {
    let (method, headers) = (request.method(), request.headers());
    let unwanted = navigation::refusal(endpoint, method, headers)
        .or_else(|| same_origin::refusal(endpoint, method, headers, signet.issuer()));
    if unwanted.is_some() {
        return unwanted;
    }
    let too_soon = signet.guard.check(endpoint, request).err()?;
    if endpoint.lenient {
        request.extensions_mut().insert(too_soon);
        return None;
    }
    Some(too_soon.into_answer())
}
