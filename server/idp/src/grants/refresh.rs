//! Refresh tokens, exchanged for the next ones. The rule for those that come back is [`oauth::grant::Rule`]; here its answer is acted
//! on, once for each row that it stands on, whoever else does so at the same moment.

use std::net::IpAddr;

use oauth::access_token::Confirmation;
use oauth::client::Client;
use oauth::error::TokenError;
use oauth::grant::{
    Family, FamilyKey, Grant, GrantLifetimes, RefreshRequest, RefreshToken, Retry, Reuse, Rule, Spent, TokenResponse,
};
use oauth::holder::Holder;
use oauth::jwk::Thumbprint;
use oauth::refusal::Reason;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait as _, QueryFilter, QueryOrder as _, UpdateMany};

use super::issue::NextRefreshToken;
use super::redeem::{Presented, Redeemed};
use super::row::read_grant;
use crate::Idp;
use crate::catalog::RegisteredClient;
use crate::entity::{grants, refresh_token};
use crate::error::Error;

/// The number of times that a token is judged that others use at the same moment. Each time somebody else got on.
const TRIES: u32 = 64;

/// The number of times that a refresh token is given again.
const MOST_REPEATS: i64 = 10_000;

/// The refreshes of a family in a minute, and the repeats of one answer, that no limit of the caller's address stands against.
const UNLIMITED: i64 = 30;

/// The longest part of a `User-Agent` that is kept, in characters.
const MAX_AGENT: usize = 200;

/// Whoever sends a request to the token endpoint, as far as is known.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    pub address: Option<IpAddr>,
    /// `User-Agent`.
    pub agent: Option<String>,
    /// The keys that it proves to have.
    pub holder: Holder,
}

impl Caller {
    pub(super) fn jkt(&self) -> Option<&Thumbprint> {
        self.holder.key.as_ref().map(|key| &key.jkt)
    }

    pub(super) fn address(&self) -> Option<String> {
        self.address.map(|address| address.to_string())
    }

    pub(super) fn agent(&self) -> Option<String> {
        self.agent.as_deref().map(|agent| agent.chars().take(MAX_AGENT).collect())
    }
}

/// A spent token with its family.
struct Found {
    token: RefreshToken,
    row: refresh_token::Model,
    /// The head and the retries. Nothing for a head.
    family: Option<(refresh_token::Model, Family)>,
}

impl Idp {
    pub(super) async fn refresh(
        &self,
        client: &RegisteredClient,
        request: &RefreshRequest,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        for _ in 0..TRIES {
            let now = self.now();
            let found = self
                .find_family(&request.refresh_token)
                .await?
                .ok_or_else(|| TokenError::new(Reason::RefreshUnknown))?;
            let (bound, shown) = (!client.is_public() || !found.token.cnf.is_empty(), caller.holder.shown());
            let rules = client.rules();
            let lasting = rules.demands.lasting_refresh_tokens;
            let rule = Rule { window: rules.refresh_reuse_window, bound, lasting };
            let reuse = found.judge(rule, &shown, now);
            let grant = &found.token.grant;
            let (target, known) = self.aim(grant, &request.resources, &request.details, client).await?;
            let verdict = found.token.judge(reuse, request, &shown, client, &known, now);
            let turned = match reuse {
                Some(Reuse::Keep) => Some(found.keep(&request.refresh_token, client, now)),
                _ => self.turn(&found, &request.refresh_token, reuse, caller, now),
            };
            let Some((claims, refresh)) = turned else {
                return Err(TokenError::new(Reason::FamilyLost));
            };
            // The access token belongs to the generation of the refresh token that comes with it.
            let generation = Ord::max(found.token.grant.generation, found.next_generation(reuse));
            let grant = Grant { generation, ..found.token.grant.clone() };
            let holder = caller.holder.clone();
            let presented = Presented { grant, nonce: None, target, claims, refresh: Some(refresh), holder };
            match self.redeem(client, presented, verdict).await? {
                Redeemed::Tokens(tokens) => {
                    if reuse == Some(Reuse::Retry) {
                        tracing::info!(client = ?client.client_id.as_str(), "a lost answer to a refresh was given again");
                    }
                    return Ok(Some(tokens));
                }
                Redeemed::Changed => return Ok(None),
                Redeemed::Revoked => return Err(TokenError::new(Reason::RefreshRevoked)),
                Redeemed::Replayed { grant } => {
                    self.end_replayed(&grant, &found.row, caller).await?;
                    return Err(TokenError::new(Reason::RefreshReplayed));
                }
                // Somebody else used a token of the family since. What that means is judged again.
                Redeemed::Lost { .. } => {}
            }
        }
        Err(TokenError::new(Reason::RefreshBusy))
    }

    /// The changes that the use of a token makes, and the token that is given for it. `None`: that cannot be made any more, as after
    /// `APP_SECRET` was changed.
    fn turn(
        &self,
        found: &Found,
        presented: &Secret,
        reuse: Option<Reuse>,
        caller: &Caller,
        now: Timestamp,
    ) -> Option<(Vec<UpdateMany<refresh_token::Entity>>, NextRefreshToken)> {
        let key = FamilyKey::of(&found.token.grant, &self.seal);
        let Some((head, _)) = found.family.as_ref().filter(|_| reuse != Some(Reuse::Replay)) else {
            let next =
                NextRefreshToken::New { token: key.successor(presented), generation: found.next_generation(reuse) };
            return Some((vec![spend(&found.row, caller, now)], next));
        };
        let token = key.advance(presented, head.generation - found.row.generation);
        if token.digest().as_bytes() != head.digest {
            return None;
        }
        let mut claims = vec![give_again(head)];
        if reuse == Some(Reuse::Retry) {
            claims.push(note_retry(&found.row, now));
        }
        Some((claims, NextRefreshToken::Again { token, expires_at: Timestamp(head.expires_at) }))
    }

    /// True for a refresh token, spent or not, of a living family that is not used more often than any honest client would.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_due_refresh(&self, token: &Secret) -> Result<bool, Error> {
        use refresh_token::Column;
        let (Some(found), now) = (self.find_family(token).await?, self.now()) else { return Ok(false) };
        let head = found.head();
        if found.token.grant.revoked || found.token.expires_at <= now || head.repeats >= UNLIMITED {
            return Ok(false);
        }
        let too_many = refresh_token::Entity::find()
            .filter(Column::GrantId.eq(head.grant_id))
            .filter(Column::Generation.eq(head.generation - UNLIMITED))
            .filter(Column::CreatedAt.gt(now.0 - 60));
        Ok(too_many.one(self.store.read()).await?.is_none())
    }

    /// The refresh token, by itself.
    pub(super) async fn find_refresh_token(&self, token: &Secret) -> Result<Option<RefreshToken>, Error> {
        self.find_row(token).await?.map(|(row, grant)| read(&row, grant)).transpose()
    }

    async fn find_row(&self, token: &Secret) -> Result<Option<(refresh_token::Model, grants::Model)>, Error> {
        let found = refresh_token::Entity::find_by_id(token.digest().as_bytes().to_vec())
            .find_also_related(grants::Entity)
            .one(self.store.read())
            .await?;
        Ok(found.and_then(|(row, grant)| Some((row, grant?))))
    }

    async fn find_family(&self, token: &Secret) -> Result<Option<Found>, Error> {
        let Some((row, grant)) = self.find_row(token).await? else {
            return Ok(None);
        };
        let mut token = read(&row, grant)?;
        let family = if row.consumed_at.is_some() { Some(self.read_family(&row).await?) } else { None };
        if let Some((head, _)) = &family {
            // It was used before its end. From then on the family lives as long as its head.
            token.expires_at = Timestamp(head.expires_at);
        }
        Ok(Some(Found { token, row, family }))
    }

    /// The head of the chain that a spent token belongs to, the token after this one, and the late retries.
    async fn read_family(&self, row: &refresh_token::Model) -> Result<(refresh_token::Model, Family), Error> {
        use refresh_token::Column;
        let rows = refresh_token::Entity::find()
            .filter(Column::GrantId.eq(row.grant_id))
            .filter(
                Condition::any()
                    .add(Column::ConsumedAt.is_null())
                    .add(Column::RetriedAt.is_not_null())
                    .add(Column::Generation.eq(row.generation + 1)),
            )
            .order_by_desc(Column::Generation)
            .all(self.store.read())
            .await?;
        let retries = rows
            .iter()
            .filter_map(|row| row.retried_at.map(|at| Retry { generation: row.generation, at: Timestamp(at) }));
        let retries = retries.collect();
        let successor = rows.iter().find(|other| other.generation == row.generation + 1);
        let successor_used_at = successor.and_then(|successor| successor.consumed_at).map(Timestamp);
        let head = rows.into_iter().find(|row| row.consumed_at.is_none()).unwrap_or_else(|| row.clone());
        let family = Family { head: head.generation, successor_used_at, retries };
        Ok((head, family))
    }
}

impl Found {
    /// The token of the family that is not spent, as far as there is one.
    fn head(&self) -> &refresh_token::Model {
        self.family.as_ref().map_or(&self.row, |(head, _)| head)
    }

    /// The generation of the refresh token that is given for this one.
    fn next_generation(&self, reuse: Option<Reuse>) -> i64 {
        let next = self.row.generation + i64::from(reuse != Some(Reuse::Keep));
        self.family.as_ref().map_or(next, |(head, _)| head.generation)
    }

    /// The head as it was presented, which lives anew from its last use.
    fn keep(
        &self,
        presented: &Secret,
        client: &Client,
        now: Timestamp,
    ) -> (Vec<UpdateMany<refresh_token::Entity>>, NextRefreshToken) {
        let expires_at = now.plus(GrantLifetimes::of(client).refresh_token);
        let kept = give_again(&self.row).col_expr(refresh_token::Column::ExpiresAt, Expr::value(expires_at.0));
        (vec![kept], NextRefreshToken::Again { token: presented.clone(), expires_at })
    }

    /// The use of the token by whoever has the keys `shown`, if it is not spent by it.
    fn judge(&self, rule: Rule, shown: &Confirmation, now: Timestamp) -> Option<Reuse> {
        let (Some(spent), Some((head, family))) = (self.token.spent, self.family.as_ref()) else {
            return rule.judge_head();
        };
        if head.repeats >= MOST_REPEATS || head.consumed_at.is_some() {
            return Some(Reuse::Replay);
        }
        // It was bound to no key, and whoever used it first bound what came of it: this is somebody else.
        if !bound_to(head).is_met_by(shown) {
            return Some(Reuse::Replay);
        }
        Some(rule.judge(&spent, family, now))
    }
}

/// The keys that a refresh token is bound to.
fn bound_to(row: &refresh_token::Model) -> Confirmation {
    Confirmation::kept(row.jkt.clone(), row.x5t.clone())
}

fn read(row: &refresh_token::Model, grant: grants::Model) -> Result<RefreshToken, Error> {
    let spent = row.consumed_at.map(|used_at| Spent {
        generation: row.generation,
        used_at: Timestamp(used_at),
        retried_at: row.retried_at.map(Timestamp),
    });
    Ok(RefreshToken {
        grant: read_grant(grant)?,
        issued_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
        spent,
        cnf: bound_to(row),
    })
}

/// Spends the head of a family.
fn spend(row: &refresh_token::Model, caller: &Caller, now: Timestamp) -> UpdateMany<refresh_token::Entity> {
    use refresh_token::Column;
    refresh_token::Entity::update_many()
        .col_expr(Column::ConsumedAt, Expr::value(now.0))
        .col_expr(Column::UsedAddress, Expr::value(caller.address()))
        .col_expr(Column::UsedAgent, Expr::value(caller.agent()))
        .filter(Column::Digest.eq(row.digest.clone()))
        .filter(Column::ConsumedAt.is_null())
}

/// Counts that the head is given again, while it is the head.
fn give_again(head: &refresh_token::Model) -> UpdateMany<refresh_token::Entity> {
    use refresh_token::Column;
    refresh_token::Entity::update_many()
        .col_expr(Column::Repeats, Expr::col(Column::Repeats).add(1))
        .filter(Column::Digest.eq(head.digest.clone()))
        .filter(Column::ConsumedAt.is_null())
}

/// Notes a late retry of a spent token, if there was none since it was read.
fn note_retry(row: &refresh_token::Model, now: Timestamp) -> UpdateMany<refresh_token::Entity> {
    use refresh_token::Column;
    let since = match row.retried_at {
        Some(at) => Column::RetriedAt.eq(at),
        None => Column::RetriedAt.is_null(),
    };
    refresh_token::Entity::update_many()
        .col_expr(Column::RetriedAt, Expr::value(now.0))
        .filter(Column::Digest.eq(row.digest.clone()))
        .filter(since)
}
