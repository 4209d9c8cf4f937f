//! Polls: the one way in which what was asked for elsewhere is handed out, to devices (RFC 8628 §3.4) and to clients that asked for
//! somebody by name (CIBA §10.1).
//!
//! A person's answer and a client's poll each claim the row by a conditional UPDATE: of many answers at once one counts, and of
//! many polls one gets tokens.

use oauth::details::AuthorizationDetails;
use oauth::error::{ErrorCode, OAuthError, TokenError};
use oauth::grant::{Grant, PollDecision, PollReasons, PollVerdict, Polled, TokenResponse, Verdict, slow_down};
use oauth::id::ClientId;
use oauth::resource::{ResourceIdentifier, Target};
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PrimaryKeyTrait, QueryFilter, Related};

use super::issue::NextRefreshToken;
use super::redeem::{Presented, Redeemed};
use super::refresh::Caller;
use super::row::read_grant;
use crate::Idp;
use crate::catalog::RegisteredClient;
use crate::entity::grants;
use crate::error::Error;

/// The number of times that a poll is judged whose row another one changed meanwhile.
const TRIES: u32 = 3;

/// A table of what is polled for, by digest.
pub(super) trait PolledTable:
    EntityTrait<PrimaryKey: PrimaryKeyTrait<ValueType = Vec<u8>>> + Related<grants::Entity> + Clone
{
    const REASONS: &'static PollReasons;
    const DIGEST: Self::Column;
    const POLL_INTERVAL: Self::Column;
    const POLLED_AT: Self::Column;
    const DECIDED_AT: Self::Column;
    const CONSUMED_AT: Self::Column;

    fn state(row: Self::Model) -> PollState;
}

/// The part of a row that polls look at.
pub(super) struct PollState {
    pub(super) client_id: String,
    pub(super) poll_interval: i64,
    pub(super) polled_at: i64,
    pub(super) expires_at: i64,
    pub(super) decided_at: Option<i64>,
    pub(super) consumed_at: Option<i64>,
}

impl Idp {
    /// Answers a poll (RFC 8628 §3.4, CIBA §10.1).
    pub(super) async fn poll<E: PolledTable>(
        &self,
        client: &RegisteredClient,
        presented: &Secret,
        resources: &[ResourceIdentifier],
        details: &AuthorizationDetails,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let mut interval = 0;
        for _ in 0..TRIES {
            let now = self.now();
            let found = self.find_polled::<E>(presented).await?;
            let found = found.ok_or_else(|| TokenError::new(E::REASONS.unknown))?;
            let (target, known) = match &found.decision {
                PollDecision::Approved(grant) => self.aim(grant, resources, details, client).await?,
                PollDecision::Pending | PollDecision::Denied => (Ok(Target::default()), self.scopes().await?),
            };
            match found.judge(client, &known, now) {
                PollVerdict::Answer(Verdict::Refuse(error)) if error.0.code == ErrorCode::InvalidScope => {
                    return Err(target.err().map_or(error, TokenError));
                }
                PollVerdict::Answer(verdict) => {
                    return self.redeem_polled::<E>(client, presented, caller, found, (target, verdict)).await;
                }
                PollVerdict::Wait { error, interval: next } => {
                    if self.note_poll::<E>(presented, &found, next, now).await? {
                        return Err(error);
                    }
                    interval = next;
                }
            }
        }
        // So many at once come too soon, all but one of them.
        Err(slow_down(E::REASONS, interval))
    }

    async fn redeem_polled<E: PolledTable>(
        &self,
        client: &RegisteredClient,
        presented: &Secret,
        caller: &Caller,
        found: Polled,
        (target, verdict): (Result<Target, OAuthError>, Verdict),
    ) -> Result<Option<TokenResponse>, TokenError> {
        match (found.decision, verdict) {
            (PollDecision::Approved(grant), verdict @ Verdict::Issue(_)) => {
                let claim = E::update_many()
                    .col_expr(E::CONSUMED_AT, Expr::value(self.now().0))
                    .filter(E::DIGEST.eq(presented.digest().as_bytes().to_vec()))
                    .filter(E::CONSUMED_AT.is_null());
                let refresh = NextRefreshToken::first(&grant, client);
                let holder = caller.holder.clone();
                let presented = Presented { grant: *grant, nonce: None, target, claims: vec![claim], refresh, holder };
                match self.redeem(client, presented, verdict).await? {
                    Redeemed::Tokens(tokens) => Ok(Some(tokens)),
                    Redeemed::Changed => Ok(None),
                    Redeemed::Revoked => Err(TokenError::new(E::REASONS.revoked)),
                    // The same program asked again: it is refused, and nothing else.
                    Redeemed::Replayed { .. } | Redeemed::Lost { .. } => Err(TokenError::new(E::REASONS.used)),
                }
            }
            (_, Verdict::Refuse(error)) => Err(error),
            // Without a decision nothing is issued, and what was used before is refused.
            (_, Verdict::Issue(_) | Verdict::Replay) => Err(TokenError::new(E::REASONS.unknown)),
        }
    }

    /// Writes down a poll and the interval from now on. False: somebody decided or polled since the row was read.
    async fn note_poll<E: PolledTable>(
        &self,
        presented: &Secret,
        found: &Polled,
        interval: i64,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let noted = E::update_many()
            .col_expr(E::POLLED_AT, Expr::value(now.0))
            .col_expr(E::POLL_INTERVAL, Expr::value(interval))
            .filter(E::DIGEST.eq(presented.digest().as_bytes().to_vec()))
            .filter(E::POLLED_AT.eq(found.polled_at.0))
            .filter(E::POLL_INTERVAL.eq(found.interval))
            .filter(E::DECIDED_AT.is_null());
        self.store.write(move |tx| Box::pin(async move { Ok(noted.exec(tx).await?.rows_affected == 1) })).await
    }

    async fn find_polled<E: PolledTable>(&self, presented: &Secret) -> Result<Option<Polled>, Error> {
        let found = E::find_by_id(presented.digest().as_bytes().to_vec())
            .find_also_related(grants::Entity)
            .one(self.store.read())
            .await?;
        let Some((row, grant)) = found else { return Ok(None) };
        let state = E::state(row);
        let approved: Option<Grant> = grant.map(read_grant).transpose()?;
        Ok(Some(Polled {
            client_id: ClientId::new(state.client_id),
            decision: match (state.decided_at, approved) {
                (None, _) => PollDecision::Pending,
                (Some(_), None) => PollDecision::Denied,
                (Some(_), Some(grant)) => PollDecision::Approved(Box::new(grant)),
            },
            interval: state.poll_interval,
            polled_at: Timestamp(state.polled_at),
            expires_at: Timestamp(state.expires_at),
            consumed: state.consumed_at.is_some(),
            reasons: E::REASONS,
        }))
    }
}
