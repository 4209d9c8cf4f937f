//! Telling clients that there is an answer (CIBA §10.2).
//!
//! The row of a request becomes the message in the transaction that writes the answer, and is sent by [turns](crate::turns). It is tried
//! until the `auth_req_id` expires: the client gets its tokens by a poll, too. What it is told with lies sealed under `APP_SECRET`, and
//! goes when it was told, or cannot be any more.

use oauth::activity::EventKind;
use oauth::id::ClientId;
use oauth::refusal::Reason;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;

use crate::activity::{self, Story};
use crate::entity::ciba_request::{Column as C, Entity, Model};
use crate::error::Error;
use crate::outbound::FetchError;
use crate::turns::{CLAIM, MessageTable, Turns};
use crate::{Idp, jose, users};

/// The label of the key that messages are sealed under.
const LABEL: &str = "backchannel pings";

/// Seconds for which a client that cannot be reached is left alone.
const FIRST_PAUSE: i64 = 5;

/// Seconds before a message that the door had no place for is looked at again.
const BUSY_PAUSE: i64 = 2;

/// Seconds after each try before the next one; then the last of them again.
const PAUSES: [i64; 5] = [FIRST_PAUSE, 10, 30, 60, 120];

/// An outcome of a try.
enum Told {
    /// The client took it, or nobody is to be told any more.
    Done,
    /// It did not; with what it answered, in words.
    NotTaken { answer: String, is_reached: bool },
    /// Nothing was sent: the door was busy.
    Busy,
}

impl MessageTable for Entity {
    const CLIENT_ID: C = C::ClientId;
    const DUE_AT: C = C::DueAt;
    const REST: i64 = FIRST_PAUSE;

    fn too_old(now: Timestamp) -> SimpleExpr {
        C::ExpiresAt.lte(now.0)
    }

    fn turns(idp: &Idp) -> &Turns {
        &idp.pings
    }

    async fn claim_and_send(idp: &Idp, row: Model) -> Result<Option<bool>, Error> {
        idp.claim_and_ping(row).await
    }
}

impl Idp {
    /// A message as it is stored until it is sent.
    pub(super) fn seal_ping(&self, auth_req_id: &Secret, token: &Secret) -> Result<String, Error> {
        let text = json!([auth_req_id.expose(), token.expose()]).to_string();
        let sealed = jose::seal_text(self.options.app_secret.derive(LABEL).as_slice(), &text);
        sealed.ok_or_else(|| Error::internal("a message to a client cannot be sealed"))
    }

    /// Sends what is due, and what becomes due. Runs until it is dropped.
    pub async fn keep_sending_pings(&self) {
        self.keep_sending::<Entity>().await;
    }

    /// Sends what is due, to each of some clients for a few seconds. Returns how many messages were sent or given up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn send_pings(&self) -> Result<u64, Error> {
        self.send_due::<Entity>().await
    }

    /// Sends a message; true when the client was reached. `None`: another node has it.
    async fn claim_and_ping(&self, row: Model) -> Result<Option<bool>, Error> {
        let now = self.now();
        let claim = Entity::update_many()
            .col_expr(C::DueAt, Expr::value(now.0 + CLAIM))
            .col_expr(C::Attempts, Expr::value(row.attempts + 1))
            .filter(C::Digest.eq(row.digest.clone()))
            .filter(C::DueAt.eq(row.due_at))
            .filter(C::Attempts.eq(row.attempts));
        let claimed =
            self.store.write(move |tx| Box::pin(async move { Ok::<_, Error>(claim.exec(tx).await?) })).await?;
        if claimed.rows_affected != 1 {
            return Ok(None);
        }
        let row = Model { attempts: row.attempts + 1, ..row };
        let (client_id, now) = (ClientId::new(&row.client_id), self.now());
        let (next, is_reached) = match self.send_ping(&client_id, &row, now).await? {
            Told::Done => (None, true),
            // Nothing was sent, so it is no try.
            Told::Busy => return self.put_back_ping(row, now.plus(BUSY_PAUSE)).await.map(|()| Some(true)),
            Told::NotTaken { answer, is_reached } => {
                self.tell_unpinged(&client_id, &row, &answer).await;
                (after_failure(&row, now), is_reached)
            }
        };
        self.settle_ping(row, next).await?;
        Ok(Some(is_reached))
    }

    async fn send_ping(&self, client_id: &ClientId, row: &Model, now: Timestamp) -> Result<Told, Error> {
        // The client asked by itself meanwhile, or nothing is left to ask for.
        if row.consumed_at.is_some() || now.0 >= row.expires_at {
            return Ok(Told::Done);
        }
        let client = self.find_client(client_id).await?;
        let endpoint = client.as_ref().and_then(|client| client.ciba.ping_endpoint());
        let (Some(endpoint), Some(sealed)) = (endpoint, row.ping.as_deref()) else { return Ok(Told::Done) };
        let text = jose::unseal_text(self.options.app_secret.derive(LABEL).as_slice(), sealed);
        let message = text.and_then(|text| serde_json::from_str::<(String, String)>(&text).ok());
        let Some((auth_req_id, token)) = message else {
            let answer = "APP_SECRET was changed since the client asked".to_owned();
            return Ok(Told::NotTaken { answer, is_reached: true });
        };
        let body = json!({ "auth_req_id": auth_req_id }).to_string();
        Ok(match self.outbound.post_json(endpoint, &Secret::new(token), body).await {
            Ok(200 | 204) => Told::Done,
            Ok(status) => Told::NotTaken { answer: format!("the answer was {status}, not 204"), is_reached: true },
            Err(FetchError::Busy) => Told::Busy,
            Err(error) => Told::NotTaken { answer: error.to_string(), is_reached: false },
        })
    }

    /// Writes what became of a try, unless another node has the message by now. Without a next one the message goes.
    async fn settle_ping(&self, row: Model, next: Option<Timestamp>) -> Result<(), Error> {
        let mut update = Entity::update_many().col_expr(C::DueAt, Expr::value(next.map(|next| next.0)));
        if next.is_none() {
            update = update.col_expr(C::Ping, Expr::value(None::<String>));
        }
        let update = update.filter(C::Digest.eq(row.digest)).filter(C::Attempts.eq(row.attempts));
        self.store.write(move |tx| Box::pin(async move { Ok::<_, Error>(update.exec(tx).await.map(drop)?) })).await
    }

    /// Takes back the claim of a message that was not sent.
    async fn put_back_ping(&self, row: Model, next: Timestamp) -> Result<(), Error> {
        let update = Entity::update_many()
            .col_expr(C::DueAt, Expr::value(next.0))
            .col_expr(C::Attempts, Expr::value(row.attempts - 1))
            .filter(C::Digest.eq(row.digest))
            .filter(C::Attempts.eq(row.attempts));
        self.store.write(move |tx| Box::pin(async move { Ok::<_, Error>(update.exec(tx).await.map(drop)?) })).await
    }

    /// Tells the activity of a message that was not taken.
    async fn tell_unpinged(&self, client_id: &ClientId, row: &Model, answer: &str) {
        let story = Story::new(None, None);
        let told = async {
            activity::about_registered(client_id);
            activity::about_user(&users::subject_of(row.account_id));
            activity::refused(EventKind::Token, Reason::PingUndelivered);
            activity::fact("answer", answer);
            activity::fact("attempts", row.attempts);
        };
        story.clone().scope(told).await;
        self.keep(&story);
    }
}

/// The next try after one that failed; none when the `auth_req_id` has expired by then.
fn after_failure(row: &Model, now: Timestamp) -> Option<Timestamp> {
    let tried = usize::try_from(row.attempts - 1).unwrap_or(usize::MAX);
    let pause = PAUSES.get(tried).or(PAUSES.last())?;
    Some(now.plus(*pause)).filter(|next| next.0 < row.expires_at)
}

/// Deletes what nobody needs to be told any more.
pub(crate) async fn forget_pings(tx: &DatabaseTransaction, now: Timestamp) -> Result<(), Error> {
    Entity::update_many()
        .col_expr(C::Ping, Expr::value(None::<String>))
        .col_expr(C::DueAt, Expr::value(None::<i64>))
        .filter(C::ExpiresAt.lte(now.0))
        .filter(C::Ping.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_at_longer_and_longer_intervals_until_there_is_nothing_to_ask_for() {
        let row = |attempts| Model {
            digest: Vec::new(),
            client_id: "c".to_owned(),
            account_id: uuid::Uuid::nil(),
            scope: String::new(),
            resources: None,
            details: None,
            binding_message: None,
            address: None,
            poll_interval: 5,
            polled_at: 0,
            created_at: 0,
            expires_at: 900,
            decided_at: Some(100),
            grant_id: None,
            consumed_at: None,
            ping: None,
            due_at: None,
            attempts,
        };
        let (mut now, mut tries) = (Timestamp(100), vec![]);
        while let Some(next) = after_failure(&row(tries.len() as i64 + 1), now) {
            now = next;
            tries.push(now.0);
        }
        assert_eq!(tries, [105, 115, 145, 205, 325, 445, 565, 685, 805]);
    }
}
