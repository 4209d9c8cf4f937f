//! `/admin/rotate_jwk` and `/admin/keys`.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use oauth::jose::{EncryptionAlg, SigningAlg};
use oauth::jwk::KeyUse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{ApiError, ok};
use super::refusals::{Guarded, Missing};
use super::schema::{Rotated, Withdrawn};
use super::segment::Segment;
use super::token::AdminToken;
use crate::state::Signet;

pub(super) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new()
        .routes(routes!(rotate))
        .routes(routes!(list))
        .routes(routes!(rotate_named))
        .routes(routes!(withdraw))
}

/// A key, without its private half.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
struct KeyAnswer {
    kid: String,
    /// `RS256`, `ES256` or `EdDSA`; `ECDH-ES` of a key to decrypt by, which is for that with a wrapped key, too.
    #[schema(example = "RS256")]
    alg: &'static str,
    /// `next`, `active`, `retiring`, `retired` or `withdrawn`. Only an active one signs, one of each algorithm. A key to decrypt by is
    /// `active` while it is published, and then `retiring` until it is deleted.
    #[schema(example = "active")]
    state: &'static str,
    /// Seconds since 1970.
    #[schema(example = 1_800_000_000)]
    created_at: i64,
    /// When it comes into its next state by itself, in seconds since 1970. Absent: it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step_at: Option<i64>,
    /// `sig`, or `enc` of a key to decrypt by.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    purpose: &'static str,
}

/// List keys
///
/// Those that sign first, those that are only remembered, too; then those to decrypt by.
#[utoipa::path(
    get, path = "/admin/keys", tag = "Keys", operation_id = "listKeys",
    responses((status = 200, description = "The keys", body = Vec<KeyAnswer>), Guarded),
)]
async fn list(State(signet): State<Signet>, _: AdminToken) -> Response {
    let keyring = signet.idp.keyring();
    let answer = |key: &idp::KeyInfo| KeyAnswer {
        kid: key.kid.clone(),
        alg: key.alg.as_str(),
        state: key.state.as_str(),
        created_at: key.created_at.0,
        next_step_at: signet.idp.next_step(key).map(|at| at.0),
        purpose: KeyUse::Signature.as_str(),
    };
    let decrypts = |key: &idp::EncryptionKeyInfo| KeyAnswer {
        kid: key.kid.clone(),
        alg: EncryptionAlg::EcdhEs.as_str(),
        state: key.state().as_str(),
        created_at: key.created_at.0,
        next_step_at: signet.idp.next_encryption_step(key).map(|at| at.0),
        purpose: KeyUse::Encryption.as_str(),
    };
    let keys = keyring.keys().iter().map(answer);
    ok(keys.chain(keyring.encryption_keys().iter().map(decrypts)).collect::<Vec<_>>())
}

/// Replace a key of any algorithm
///
/// Another key signs with its algorithm from now on. The one before stays published for as long as what it signed is valid. A key that does
/// not sign is left as it is, so a call that comes twice replaces one key; the answer has the ID of the one that signs. A key to decrypt by
/// is published no more, and decrypts for two more days.
#[utoipa::path(
    post, path = "/admin/keys/{kid}/rotate", tag = "Keys", operation_id = "rotateNamedKey",
    params(("kid" = String, Path, description = "The ID of the key that is to sign no more")),
    responses((status = 200, description = "Replaced", body = Rotated), Missing, Guarded),
)]
async fn rotate_named(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(kid): Segment,
) -> Result<Response, ApiError> {
    signet.idp.reload_keyring().await?;
    let keyring = signet.idp.keyring();
    if keyring.encryption_keys().iter().any(|key| key.kid == kid) {
        let published = signet.idp.replace_encryption_key(&admin.actor, Some(&kid)).await?;
        return Ok(ok(Rotated { rotated: published != kid, kid: published }));
    }
    let alg = keyring.keys().iter().find(|key| key.kid == kid).map(|key| key.alg).ok_or(ApiError::NotFound)?;
    let signing = signet.idp.rotate_key(&admin.actor, alg, &kid).await?;
    Ok(ok(Rotated { rotated: signing != kid, kid: signing }))
}

/// The key that signs with RS256 when a call comes in: the one that it wants replaced. Taken before anything is waited for, so
/// that calls at the same time mean the same key.
struct InUse(Option<String>);

impl FromRequestParts<Signet> for InUse {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        Ok(Self(signet.idp.signing_kid(SigningAlg::RS256).ok()))
    }
}

/// Replace the signing key
///
/// Another key signs with RS256 from now on. The one before stays published for as long as what it signed is valid. Of many calls
/// at once, one makes a key, and all are told its ID.
#[utoipa::path(
    post, path = "/admin/rotate_jwk", tag = "Keys", operation_id = "rotateKey",
    responses((status = 200, description = "Replaced", body = Rotated), Guarded),
)]
async fn rotate(State(signet): State<Signet>, in_use: InUse, admin: AdminToken) -> Result<Response, ApiError> {
    let replaced = in_use.0.ok_or(idp::Error::NotFound)?;
    let kid = signet.idp.rotate_key(&admin.actor, SigningAlg::RS256, &replaced).await?;
    Ok(ok(Rotated { rotated: true, kid }))
}

/// Withdraw a key
///
/// For a key that became known to others. It is published no more, and whatever it signed is refused here at once; applications
/// that keep a copy of the public keys believe it until they fetch them again. If it signs, a new key does from now on. A key to decrypt by
/// is deleted: what is encrypted to it is refused.
#[utoipa::path(
    post, path = "/admin/keys/{kid}/withdraw", tag = "Keys", operation_id = "withdrawKey",
    params(("kid" = String, Path, description = "The ID of the key, as in the public keys and in the header of what it signed")),
    responses((status = 200, description = "Withdrawn", body = Withdrawn), Missing, Guarded),
)]
async fn withdraw(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(kid): Segment,
) -> Result<Response, ApiError> {
    signet.idp.withdraw_key(&admin.actor, &kid).await?;
    Ok(ok(Withdrawn { withdrawn: true, kid }))
}
