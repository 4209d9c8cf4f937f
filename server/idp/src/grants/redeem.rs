//! The redemption of a code or token: the one way that all grant types share.
//!
//! The thing presented is read and judged first, and everything that can refuse is asked, up to the signatures. Then one
//! transaction claims it and writes what it is worth. The claim is an UPDATE that finds the row unconsumed: of any number of
//! requests at once, one touches a row. All others are replays. The same transaction repeats what the verdict stands on: the
//! client is as it was judged ([`hold`](crate::clients::hold)), and the grant was not revoked. Whatever ends a person's
//! permission (a password that is set, an account that is disabled or deleted, a sign-out, a consent that is withdrawn)
//! revokes their grants or deletes them, so the grant's row stands for all of it.

use oauth::error::{ErrorCode, TokenError};
use oauth::grant::{Grant, GrantLifetimes, TokenRequest, TokenResponse, Verdict};
use oauth::id::Nonce;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, UpdateMany};

use super::issue::{Rows, insert_tokens, renew_grant};
use super::revoke::revoke_grants;
use super::row::grant_id;
use crate::Idp;
use crate::catalog::RegisteredClient;
use crate::clients::hold::Judged;
use crate::entity::grants;
use crate::error::Error;

/// A code or token that a client presented, as it was found.
pub(super) struct Presented<E: EntityTrait> {
    /// The grant that it belongs to, with the generation of the tokens to come.
    pub(super) grant: Grant,
    /// For the first ID token of a grant.
    pub(super) nonce: Option<Nonce>,
    /// Marks it as used, if it was not.
    pub(super) claim: UpdateMany<E>,
    /// Its name in descriptions of errors.
    pub(super) name: &'static str,
    pub(super) replay: Replay,
}

/// The meaning of a second use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replay {
    /// Somebody else may have it: what was issued for it is revoked, too.
    Revokes,
    /// The same program asked again: it is refused, and nothing else.
    Refused,
}

/// An outcome of a claim in the database.
enum Claim {
    Won,
    /// Somebody presented the same thing before.
    Replayed,
    /// The grant was revoked since it was read.
    Revoked,
    /// The client was changed since it was read. Nothing was claimed.
    ClientChanged,
}

impl Idp {
    /// Answers a token request of a client that has authenticated. `None`: the client was changed since it was read, or lost a
    /// secret. Nothing was spent, and it has to authenticate again.
    ///
    /// # Errors
    /// `invalid_grant` or `invalid_scope`; `temporarily_unavailable` while the database is away.
    pub async fn grant_tokens(
        &self,
        client: &RegisteredClient,
        request: &TokenRequest,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let response = match request {
            TokenRequest::AuthorizationCode(request) => self.exchange_code(client, request).await?,
            TokenRequest::RefreshToken(request) => self.refresh(client, request).await?,
            TokenRequest::ClientCredentials(request) => self.grant_client(client, request).await?,
            TokenRequest::DeviceCode(request) => self.poll_device(client, request).await?,
        };
        match response {
            Some(_) => self.note_use(&client.client_id).await,
            // Another node made the change, and this one has not heard of it.
            None => self.catalog.clear(),
        }
        Ok(response)
    }

    /// Gives what was presented the verdict's due.
    pub(super) async fn redeem<E: EntityTrait + Clone>(
        &self,
        client: &RegisteredClient,
        presented: Presented<E>,
        verdict: Verdict,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let Presented { grant, nonce, claim, name, replay } = presented;
        let scope = match verdict {
            Verdict::Issue(scope) => scope,
            Verdict::Refuse(error) => return Err(error),
            Verdict::Replay => {
                self.revoke_family(&grant).await?;
                return Err(replayed(name));
            }
        };
        let issued = self.prepare(client, &grant, &scope, GrantLifetimes::of(client))?;
        let rows = issued.rows.clone();
        let response = self.sign(client, &grant, nonce.as_ref(), issued).await?;
        match self.claim(Judged::from(client), claim, rows, replay).await? {
            Claim::Won => Ok(Some(response)),
            Claim::ClientChanged => Ok(None),
            Claim::Replayed if replay == Replay::Refused => Err(invalid_grant(format!("the {name} was used before"))),
            Claim::Replayed => Err(replayed(name)),
            Claim::Revoked => Err(invalid_grant(format!("the {name} was revoked"))),
        }
    }

    /// Claims what was presented and writes what it is worth, or revokes the grant when somebody was faster.
    async fn claim<E: EntityTrait + Clone>(
        &self,
        client: Judged,
        claim: UpdateMany<E>,
        rows: Rows,
        replay: Replay,
    ) -> Result<Claim, Error> {
        let now = self.now();
        let claim = claim.filter(client.is_unchanged());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    client.lock(tx).await?;
                    if claim.exec(tx).await?.rows_affected == 0 {
                        if !client.check_unchanged(tx).await? {
                            return Ok(Claim::ClientChanged);
                        }
                        if replay == Replay::Revokes {
                            revoke_grants(tx, grants::Column::Id.eq(rows.grant_id), now).await?;
                        }
                        return Ok::<_, Error>(Claim::Replayed);
                    }
                    if !renew_grant(tx, &rows, now).await? {
                        return Ok(Claim::Revoked);
                    }
                    insert_tokens(tx, rows).await?;
                    Ok(Claim::Won)
                })
            })
            .await
    }

    /// Revokes a grant with all that came from it.
    pub(super) async fn revoke_family(&self, grant: &Grant) -> Result<(), Error> {
        let (id, now) = (grant_id(&grant.id)?, self.now());
        self.store
            .write(move |tx: &DatabaseTransaction| Box::pin(revoke_grants(tx, grants::Column::Id.eq(id), now)))
            .await
            .map(drop)
    }
}

/// The answer about something that is not there; the same as about something of another client.
pub(super) fn unknown(name: &str) -> TokenError {
    invalid_grant(format!("the {name} is not known, or belongs to another client"))
}

fn replayed(name: &str) -> TokenError {
    invalid_grant(format!("the {name} was used before; everything issued for it is revoked now"))
}

pub(super) fn invalid_grant(description: impl Into<std::borrow::Cow<'static, str>>) -> TokenError {
    TokenError::new(ErrorCode::InvalidGrant, description)
}
