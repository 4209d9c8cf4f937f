//! Every address of the server.

use std::sync::Arc;

use app::path as page;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use oauth::metadata::path;
use tower_http::catch_panic::CatchPanicLayer;

use crate::http::compress::{self, Kept};
use crate::http::form::MAX_BODY;
use crate::http::mount::mount;
use crate::http::{access, failure, gate, see_other};
use crate::people::{
    account, approve, authorize, check_session, device as device_page, explain, home, login, logo, logout, setup,
};
use crate::protocol::{backchannel, device, discovery, introspect, par, register, revoke, token, userinfo};
use crate::state::Signet;
use crate::{admin_api, assets, console, dev, docs, metrics};

/// The whole server as one service, below the path of the issuer.
pub fn router(signet: Signet) -> Router {
    let (issuer, is_stripped) = (signet.issuer().clone(), signet.proxy_strips_path);
    let kept = Arc::<Kept>::default();
    mount(routes(signet), &issuer, is_stripped).layer(from_fn_with_state(kept, compress::compress))
}

/// All routes with their layers, at the root.
pub(crate) fn routes(signet: Signet) -> Router {
    Router::new()
        .merge(pages())
        .merge(console::routes(&signet))
        .merge(Router::from(admin_api::routes()))
        .merge(Router::from(dev::routes()))
        .layer(from_fn_with_state(signet.clone(), require_setup))
        .merge(open())
        .layer(from_fn_with_state(signet.clone(), gate::admit))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| failure::internal_page()))
        .layer(from_fn_with_state(signet.clone(), access::observe))
        .with_state(signet)
}

/// The routes that work only once the server is set up.
fn pages() -> Router<Signet> {
    Router::new()
        .route(path::AUTHORIZE, get(authorize::get).post(authorize::post))
        .route(page::ACCOUNT, get(account::get).post(account::post))
        .route(page::CLIENT_LOGO, get(logo::get))
        .route(&page::explanation("{request_id}"), get(explain::get))
        .route(path::LOGIN, get(login::get).post(login::post))
        .route(path::TOKEN, post(token::post))
        .route(path::PUSHED_AUTHORIZATION, post(par::post))
        .route(path::DEVICE_AUTHORIZATION, post(device::post))
        .route(path::BACKCHANNEL_AUTHENTICATION, post(backchannel::post))
        .route(app::path::APPROVE, get(approve::get).post(approve::post))
        .route(path::DEVICE, get(device_page::get).post(device_page::post))
        .route(path::DEVICE_QR, get(device::qr))
        .route(path::USERINFO, get(userinfo::get).post(userinfo::post))
        .route(path::REVOKE, post(revoke::post))
        .route(path::INTROSPECT, post(introspect::post))
        .route(path::REGISTER, post(register::post))
        .route(path::REGISTRATION, get(register::get).put(register::put).delete(register::delete))
        .route(path::CHECK_SESSION, get(check_session::get))
        .route(path::LOGOUT, get(logout::get_logout).post(logout::post_logout))
        .route(path::END_SESSION, get(logout::get_end_session).post(logout::post_end_session))
        .route(path::METRICS, get(metrics::serve::closed))
        .fallback(async || failure::not_found())
}

/// The routes that work from the first moment.
fn open() -> Router<Signet> {
    Router::new()
        .route(page::HOME, get(home::get))
        .route(page::SETUP, get(setup::get).post(setup::post))
        .route(app::console::path::OPENAPI, get(admin_api::openapi::get))
        .merge(Router::from(admin_api::openapi::health()))
        .route(path::OPENID_CONFIGURATION, get(discovery::metadata))
        .route(path::OAUTH_AUTHORIZATION_SERVER, get(discovery::metadata))
        .route(path::JWKS, get(discovery::jwks))
        .merge(docs::routes())
        .merge(assets::router())
}

async fn require_setup(State(signet): State<Signet>, request: Request, next: Next) -> Response {
    match signet.idp.is_set_up().await {
        Ok(true) => next.run(request).await,
        Ok(false) => see_other(page::SETUP),
        Err(error) => failure::Failure::from(error).into_response(),
    }
}
