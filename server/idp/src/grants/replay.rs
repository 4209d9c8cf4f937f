//! Replays of refresh tokens: the end of a family, and a note for administrators of the two parties that used one token.

use oauth::activity::EventKind;
use oauth::grant::Grant;
use oauth::id::{ClientId, Subject};
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder as _, QuerySelect as _};

use super::refresh::Caller;
use super::revoke::revoke_grants;
use super::row::grant_id;
use crate::entity::{grants, refresh_replay, refresh_token};
use crate::error::Error;
use crate::{Idp, activity, random, users};

/// The replays that a page shows.
const SHOWN: u64 = 20;

/// A use of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    pub at: Timestamp,
    /// An IP address.
    pub address: Option<String>,
    /// The beginning of `User-Agent`.
    pub agent: Option<String>,
}

/// A refresh token that two parties used. Its grant was revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    pub client_id: ClientId,
    pub subject: Option<Subject>,
    pub first: TokenUse,
    pub last: TokenUse,
}

impl Idp {
    /// Revokes a family of which a token came back, and writes down who used it.
    pub(super) async fn end_replayed(
        &self,
        grant: &Grant,
        row: &refresh_token::Model,
        caller: &Caller,
    ) -> Result<(), Error> {
        let (id, now) = (grant_id(&grant.id)?, self.now());
        activity::happened(EventKind::RefreshReplay);
        let replay = refresh_replay::Model {
            id: random::uuid_v7(now),
            client_id: grant.client_id.to_string(),
            account_id: grant.subject.as_ref().map(users::account_id).transpose()?,
            at: now.0,
            address: caller.address(),
            agent: caller.agent(),
            used_at: row.consumed_at.unwrap_or(now.0),
            used_address: row.used_address.clone(),
            used_agent: row.used_agent.clone(),
        };
        tracing::warn!(
            client = ?replay.client_id,
            user = ?grant.subject.as_ref().map(Subject::as_str),
            address = ?replay.address,
            agent = ?replay.agent,
            first_used = replay.used_at,
            first_address = ?replay.used_address,
            first_agent = ?replay.used_agent,
            "a refresh token came back that somebody else went on from: all tokens of its grant are revoked"
        );
        let write = self.store.write(move |tx| {
            Box::pin(async move {
                // Who comes after the revocation ends nothing any more, so there is one row for each grant.
                if revoke_grants(tx, grants::Column::Id.eq(id), now).await? > 0 {
                    refresh_replay::Entity::insert(replay.into_active_model()).exec_without_returning(tx).await?;
                }
                Ok::<_, Error>(())
            })
        });
        write.await
    }

    /// The latest replays of tokens of a client.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replays_of_client(&self, client_id: &ClientId) -> Result<Vec<Replay>, Error> {
        self.replays(refresh_replay::Column::ClientId.eq(client_id.as_str())).await
    }

    /// The latest replays of tokens of a user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replays_of_user(&self, subject: &Subject) -> Result<Vec<Replay>, Error> {
        self.replays(refresh_replay::Column::AccountId.eq(users::account_id(subject)?)).await
    }

    async fn replays(&self, which: sea_orm::sea_query::SimpleExpr) -> Result<Vec<Replay>, Error> {
        let rows = refresh_replay::Entity::find()
            .filter(which)
            .order_by_desc(refresh_replay::Column::At)
            .limit(SHOWN)
            .all(self.store.read())
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }
}

fn read(row: refresh_replay::Model) -> Replay {
    Replay {
        client_id: ClientId::new(row.client_id),
        subject: row.account_id.map(users::subject_of),
        first: TokenUse { at: Timestamp(row.used_at), address: row.used_address, agent: row.used_agent },
        last: TokenUse { at: Timestamp(row.at), address: row.address, agent: row.agent },
    }
}
