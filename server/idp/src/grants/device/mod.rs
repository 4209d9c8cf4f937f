//! Device codes (RFC 8628): asked for by devices, answered by people, exchanged for tokens.
//!
//! A person's answer and a device's poll each claim the row by a conditional UPDATE: of many answers at once one counts, and of
//! many polls one gets tokens.

mod answer;
mod begin;
#[cfg(test)]
mod tests;

pub use answer::{DeviceAnswered, DeviceQuestion};

use oauth::error::{ErrorCode, OAuthError, TokenError};
use oauth::grant::{
    DeviceCode, DeviceCodeRequest, DeviceDecision, DeviceVerdict, Grant, TokenResponse, Verdict, slow_down,
};
use oauth::id::ClientId;
use oauth::refusal::Reason;
use oauth::resource::Target;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::issue::NextRefreshToken;
use super::redeem::{Presented, Redeemed};
use super::refresh::Caller;
use super::row::read_grant;
use crate::Idp;
use crate::catalog::RegisteredClient;
use crate::entity::{device_code, grants};
use crate::error::Error;

/// The number of times that a poll is judged whose row another one changed meanwhile.
const TRIES: u32 = 3;

impl Idp {
    /// Answers a poll (RFC 8628 §3.4).
    pub(in crate::grants) async fn poll_device(
        &self,
        client: &RegisteredClient,
        request: &DeviceCodeRequest,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let mut interval = 0;
        for _ in 0..TRIES {
            let now = self.now();
            let found = self
                .find_device_code(&request.device_code)
                .await?
                .ok_or_else(|| TokenError::new(Reason::DeviceCodeUnknown))?;
            let (target, known) = match &found.decision {
                DeviceDecision::Approved(grant) => self.aim(grant, &request.resources, client).await?,
                DeviceDecision::Pending | DeviceDecision::Denied => (Ok(Target::default()), self.scopes().await?),
            };
            match found.judge(client, &known, now) {
                DeviceVerdict::Answer(Verdict::Refuse(error)) if error.0.code == ErrorCode::InvalidScope => {
                    return Err(target.err().map_or(error, TokenError));
                }
                DeviceVerdict::Answer(verdict) => {
                    return self.redeem_device(client, request, caller, found, (target, verdict)).await;
                }
                DeviceVerdict::Wait { error, interval: next } => {
                    if self.note_poll(&request.device_code, &found, next, now).await? {
                        return Err(error);
                    }
                    interval = next;
                }
            }
        }
        // So many at once come too soon, all but one of them.
        Err(slow_down(interval))
    }

    async fn redeem_device(
        &self,
        client: &RegisteredClient,
        request: &DeviceCodeRequest,
        caller: &Caller,
        found: DeviceCode,
        (target, verdict): (Result<Target, OAuthError>, Verdict),
    ) -> Result<Option<TokenResponse>, TokenError> {
        match (found.decision, verdict) {
            (DeviceDecision::Approved(grant), verdict @ Verdict::Issue(_)) => {
                let claim = device_code::Entity::update_many()
                    .col_expr(device_code::Column::ConsumedAt, Expr::value(self.now().0))
                    .filter(device_code::Column::Digest.eq(request.device_code.digest().as_bytes().to_vec()))
                    .filter(device_code::Column::ConsumedAt.is_null());
                let refresh = NextRefreshToken::first(&grant, client);
                let holder = caller.holder.clone();
                let presented = Presented { grant: *grant, nonce: None, target, claims: vec![claim], refresh, holder };
                match self.redeem(client, presented, verdict).await? {
                    Redeemed::Tokens(tokens) => Ok(Some(tokens)),
                    Redeemed::Changed => Ok(None),
                    Redeemed::Revoked => Err(TokenError::new(Reason::DeviceCodeRevoked)),
                    // The same program asked again: it is refused, and nothing else.
                    Redeemed::Replayed { .. } | Redeemed::Lost { .. } => Err(TokenError::new(Reason::DeviceCodeUsed)),
                }
            }
            (_, Verdict::Refuse(error)) => Err(error),
            // Without a decision nothing is issued, and a device code that was used before is refused.
            (_, Verdict::Issue(_) | Verdict::Replay) => Err(TokenError::new(Reason::DeviceCodeUnknown)),
        }
    }

    /// Writes down a poll and the interval from now on. False: somebody decided or polled since the row was read.
    async fn note_poll(
        &self,
        device_code: &Secret,
        found: &DeviceCode,
        interval: i64,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let noted = device_code::Entity::update_many()
            .col_expr(device_code::Column::PolledAt, Expr::value(now.0))
            .col_expr(device_code::Column::PollInterval, Expr::value(interval))
            .filter(device_code::Column::Digest.eq(device_code.digest().as_bytes().to_vec()))
            .filter(device_code::Column::PolledAt.eq(found.polled_at.0))
            .filter(device_code::Column::PollInterval.eq(found.interval))
            .filter(device_code::Column::DecidedAt.is_null());
        self.store.write(move |tx| Box::pin(async move { Ok(noted.exec(tx).await?.rows_affected == 1) })).await
    }

    async fn find_device_code(&self, code: &Secret) -> Result<Option<DeviceCode>, Error> {
        let found = device_code::Entity::find_by_id(code.digest().as_bytes().to_vec())
            .find_also_related(grants::Entity)
            .one(self.store.read())
            .await?;
        found.map(|(row, grant)| read(row, grant)).transpose()
    }
}

fn read(row: device_code::Model, grant: Option<grants::Model>) -> Result<DeviceCode, Error> {
    let approved: Option<Grant> = grant.map(read_grant).transpose()?;
    Ok(DeviceCode {
        client_id: ClientId::new(row.client_id),
        decision: match (row.decided_at, approved) {
            (None, _) => DeviceDecision::Pending,
            (Some(_), None) => DeviceDecision::Denied,
            (Some(_), Some(grant)) => DeviceDecision::Approved(Box::new(grant)),
        },
        interval: row.poll_interval,
        polled_at: Timestamp(row.polled_at),
        expires_at: Timestamp(row.expires_at),
        consumed: row.consumed_at.is_some(),
    })
}
