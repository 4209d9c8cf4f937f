//! The redemption of a code or token: the one way that all grant types share.
//!
//! The thing presented is read and judged first, and everything that can refuse is asked, up to the signatures. Then one
//! transaction claims it and writes what it is worth. A claim is an UPDATE that finds the row as it was judged: of any number of
//! requests at once, one touches it. The same transaction repeats what the verdict stands on: the client is as it was judged
//! ([`hold`](crate::clients::hold)), and the grant was not revoked. Whatever ends a person's permission (a password that is
//! set, an account that is disabled or deleted, a sign-out, a consent that is withdrawn) revokes their grants or deletes them,
//! so the grant's row stands for all of it.

use oauth::client::Client;
use oauth::details::AuthorizationDetails;
use oauth::error::{ErrorCode, OAuthError, TokenError};
use oauth::grant::{Grant, TokenRequest, TokenResponse, Verdict};
use oauth::holder::Holder;
use oauth::id::Nonce;
use oauth::resource::{ResourceIdentifier, Target};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, UpdateMany};

use super::issue::{NextRefreshToken, Rows, insert_tokens, renew_grant};
use super::refresh::Caller;
use super::revoke::revoke_grants;
use super::row::grant_id;
use crate::catalog::{RegisteredClient, Scopes};
use crate::clients::hold::Judged;
use crate::entity::{ciba_request, device_code, grants};
use crate::error::Error;
use crate::{Idp, activity};

/// A code or token that a client presented, as it was found.
pub(super) struct Presented<E: EntityTrait> {
    /// The grant that it belongs to.
    pub(super) grant: Grant,
    /// For the first ID token of a grant.
    pub(super) nonce: Option<Nonce>,
    /// The resources that it is presented for, unless it may not be.
    pub(super) target: Result<Target, OAuthError>,
    /// Mark it as used. Each touches one row, if that is as it was judged.
    pub(super) claims: Vec<UpdateMany<E>>,
    /// The refresh token that it is worth.
    pub(super) refresh: Option<NextRefreshToken>,
    /// Whoever presents it.
    pub(super) holder: Holder,
}

/// An outcome of a redemption.
pub(super) enum Redeemed {
    Tokens(TokenResponse),
    /// Judged to be a replay. Nothing was done.
    Replayed {
        grant: Grant,
    },
    /// Somebody else claimed it since it was read. Nothing was done.
    Lost {
        grant: Grant,
    },
    /// The grant was revoked since it was read, or its session is over.
    Revoked,
    /// The client was changed since it was read, or a scope of the grant was taken back. Nothing was done.
    Changed,
}

/// An outcome of a claim in the database.
enum Claim {
    Won,
    Lost,
    Revoked,
    Changed,
}

impl Idp {
    /// Answers a token request of a client that has authenticated. `None`: the client was changed since it was read, or lost a
    /// secret, or a scope of the grant was taken back. Nothing was spent, and it has to authenticate again.
    ///
    /// # Errors
    /// `invalid_grant`, `invalid_scope`, `invalid_target` or `invalid_dpop_proof`; `temporarily_unavailable` while the database is away.
    pub async fn grant_tokens(
        &self,
        client: &RegisteredClient,
        request: &TokenRequest,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        client.check_holder(&caller.holder)?;
        let response = match request {
            TokenRequest::AuthorizationCode(request) => self.exchange_code(client, request, caller).await?,
            TokenRequest::RefreshToken(request) => self.refresh(client, request, caller).await?,
            TokenRequest::ClientCredentials(request) => self.grant_client(client, request, caller).await?,
            TokenRequest::DeviceCode(request) => {
                self.poll::<device_code::Entity>(
                    client,
                    &request.device_code,
                    &request.resources,
                    &request.details,
                    caller,
                )
                .await?
            }
            TokenRequest::Ciba(request) => {
                self.poll::<ciba_request::Entity>(
                    client,
                    &request.auth_req_id,
                    &request.resources,
                    &request.details,
                    caller,
                )
                .await?
            }
            TokenRequest::JwtBearer(request) => self.grant_by_assertion(client, request, caller).await?,
            TokenRequest::TokenExchange(request) => self.exchange_token(client, request, caller).await?,
        };
        match response {
            Some(_) => self.note_use(&client.client_id).await,
            // Another node made the change, and this one has not heard of it.
            None => self.catalog.clear(),
        }
        Ok(response)
    }

    /// The resources that a code or token of `grant` is presented for, and what may be done there in detail, with the scopes that there
    /// are for them.
    pub(super) async fn aim(
        &self,
        grant: &Grant,
        asked: &[ResourceIdentifier],
        details: &AuthorizationDetails,
        client: &Client,
    ) -> Result<(Result<Target, OAuthError>, Scopes), Error> {
        let target = self.resources().await?.of_grant(&grant.resources, asked, client);
        let target = target.and_then(|target| target.narrowed(grant.agreement.details(), details, client));
        let known = self.scopes_at(target.as_ref().unwrap_or(&Target::default())).await?;
        Ok((target, known))
    }

    /// Gives what was presented the verdict's due.
    pub(super) async fn redeem<E: EntityTrait + Clone>(
        &self,
        client: &RegisteredClient,
        presented: Presented<E>,
        verdict: Verdict,
    ) -> Result<Redeemed, TokenError> {
        let Presented { grant, nonce, target, claims, refresh, holder } = presented;
        activity::about_giver(&grant);
        let scope = match verdict {
            Verdict::Issue(scope) => scope,
            // Nothing is left of the scope where the resource is not there.
            Verdict::Refuse(error) if error.0.code == ErrorCode::InvalidScope => {
                return Err(target.err().map_or(error, TokenError));
            }
            Verdict::Refuse(error) => return Err(error),
            Verdict::Replay => return Ok(Redeemed::Replayed { grant }),
        };
        // Only now: who presents something that is not theirs, or was used, must not be told of anything else first.
        let target = target?;
        let issued = self.prepare(client, &grant, &scope, &target, refresh, &holder)?;
        let rows = issued.rows.clone();
        let response = self.sign(client, &grant, nonce.as_ref(), issued).await?;
        Ok(match self.claim(Judged::from(client), claims, rows).await? {
            Claim::Won => Redeemed::Tokens(response),
            Claim::Lost => Redeemed::Lost { grant },
            Claim::Revoked => Redeemed::Revoked,
            Claim::Changed => Redeemed::Changed,
        })
    }

    /// Claims what was presented and writes what it is worth. Of several claims the first one decides who is first.
    async fn claim<E: EntityTrait + Clone>(
        &self,
        client: Judged,
        claims: Vec<UpdateMany<E>>,
        rows: Rows,
    ) -> Result<Claim, Error> {
        let now = self.now();
        let claimed = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    client.lock(tx).await?;
                    for claim in claims {
                        if claim.filter(client.is_unchanged()).exec(tx).await?.rows_affected == 0 {
                            let unchanged = client.check_unchanged(tx).await?;
                            return Ok::<_, Error>(if unchanged { Claim::Lost } else { Claim::Changed });
                        }
                    }
                    if !renew_grant(tx, &rows, now).await? {
                        return Ok(Claim::Revoked);
                    }
                    insert_tokens(tx, rows).await?;
                    Ok(Claim::Won)
                })
            })
            .await;
        match claimed {
            Err(Error::Stale) => Ok(Claim::Changed),
            claimed => claimed,
        }
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
