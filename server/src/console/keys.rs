//! `/admin/ui/keys`: the keys.

use app::console::keys::{KeyListPage, KeyRotationPage, KeyRow, KeyWithdrawalPage, seen};
use app::console::{Flash, path};
use axum::extract::State;
use axum::response::Response;
use oauth::error::Problem;
use oauth::jose::{EncryptionAlg, KeyState, SigningAlg};
use oauth::refusal::Reason;

use super::admin::{Admin, done};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, admin: Admin) -> Response {
    let page = KeyListPage { keys: rows(&signet), now: signet.idp.now() };
    admin.ok(|console| page.render(console))
}

/// Rotates the key of `alg`: the one that the page showed, if the form says which one that was.
pub(crate) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let alg = SigningAlg::find(&form.text("alg"))
        .ok_or_else(|| Problem::Malformed(Reason::Malformed, "alg is not RS256, ES256 or EdDSA".to_owned()))?;
    let shown = form.text(&seen(alg));
    let shown = if shown.is_empty() { signet.idp.signing_kid(alg)? } else { shown };
    signet.idp.rotate_key(admin.actor()?, alg, &shown).await?;
    Ok(done(path::KEYS, Flash::Rotated))
}

/// Asks whether to rotate the key of `?alg=`.
pub(crate) async fn ask_rotation(
    State(signet): State<Signet>,
    admin: Admin,
    Query(query): Query,
) -> Result<Response, Failure> {
    let alg = SigningAlg::find(&query.unwrap_or_default().text("alg")).ok_or(idp::Error::NotFound)?;
    let find = |state| rows(&signet).into_iter().find(|key| key.alg == alg.as_str() && key.state == state);
    let active = find(KeyState::Active).ok_or(idp::Error::NotFound)?;
    let page = KeyRotationPage { alg, active, next: find(KeyState::Next), now: signet.idp.now() };
    Ok(admin.ok(|console| page.render(console)))
}

/// Asks whether to withdraw a key.
pub(crate) async fn ask_withdrawal(
    State(signet): State<Signet>,
    admin: Admin,
    Query(query): Query,
) -> Result<Response, Failure> {
    let kid = query.unwrap_or_default().text("kid");
    let is_meant = |key: &KeyRow| key.kid == kid && key.state.is_published();
    let key = rows(&signet).into_iter().find(is_meant).ok_or(idp::Error::NotFound)?;
    Ok(admin.ok(|console| KeyWithdrawalPage { key }.render(console)))
}

/// Withdraws a key.
pub(crate) async fn withdraw(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    signet.idp.withdraw_key(admin.actor()?, &form.text("kid")).await?;
    Ok(done(path::KEYS, Flash::Withdrawn))
}

/// The keys: those that sign, those that will, those that did; then those to decrypt by.
pub(crate) fn rows(signet: &Signet) -> Vec<KeyRow> {
    let row = |key: &idp::KeyInfo| KeyRow {
        kid: key.kid.clone(),
        alg: key.alg.as_str(),
        decrypts: false,
        state: key.state,
        created_at: key.created_at,
        step_at: signet.idp.next_step(key).or(key.retired_at.filter(|_| key.state == KeyState::Withdrawn)),
    };
    let decrypts = |key: &idp::EncryptionKeyInfo| KeyRow {
        kid: key.kid.clone(),
        alg: EncryptionAlg::EcdhEs.as_str(),
        decrypts: true,
        state: key.state(),
        created_at: key.created_at,
        step_at: signet.idp.next_encryption_step(key),
    };
    let keyring = signet.idp.keyring();
    keyring.keys().iter().map(row).chain(keyring.encryption_keys().iter().map(decrypts)).collect()
}
