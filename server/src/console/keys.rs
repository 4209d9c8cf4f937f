//! `/admin/ui/keys`: the signing keys.

use app::console::keys::{KeyListPage, KeyRow, KeyState};
use app::console::{Flash, path};
use axum::extract::State;
use axum::response::Response;
use oauth::error::Problem;
use oauth::jose::SigningAlg;

use super::admin::{Admin, done};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, admin: Admin) -> Response {
    let page = KeyListPage { keys: rows(&signet), now: signet.idp.now() };
    admin.ok(|console| page.render(console))
}

/// Rotates the key of `alg`.
pub(crate) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let alg = SigningAlg::find(&form.text("alg"))
        .ok_or_else(|| Problem::Malformed("alg is not RS256, ES256 or EdDSA".to_owned()))?;
    signet.idp.rotate_key(admin.actor()?, alg).await?;
    Ok(done(path::KEYS, Flash::Rotated))
}

/// The keys: those that sign, those that will, those that did.
pub(crate) fn rows(signet: &Signet) -> Vec<KeyRow> {
    let row = |key: &idp::KeyInfo| KeyRow {
        kid: key.kid.clone(),
        alg: key.alg,
        state: match key.state {
            idp::KeyState::Active => KeyState::Active,
            idp::KeyState::Next => KeyState::Next,
            idp::KeyState::Retiring => KeyState::Retiring,
            idp::KeyState::Retired => KeyState::Retired,
        },
        created_at: key.created_at,
        step_at: signet.idp.next_step(key),
    };
    signet.idp.keyring().keys().iter().map(row).collect()
}
