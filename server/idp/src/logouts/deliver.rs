//! Sending logout tokens, by [turns](crate::turns).

use oauth::activity::EventKind;
use oauth::client::Encrypted;
use oauth::form::Form;
use oauth::id::{ClientId, SessionId};
use oauth::logout_token::{JWT_TYPE, LogoutTokenClaims};
use oauth::refusal::Reason;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::list::Delivery;
use crate::activity::{self, Story};
use crate::entity::session_client;
use crate::error::Error;
use crate::outbound::FetchError;
use crate::recycle::is_erased;
use crate::sessions::is_sid;
use crate::turns::{CLAIM, MessageTable, Turns};
use crate::{Idp, random, users};

/// Seconds after the first try, and for which a client that cannot be reached is left alone.
const FIRST_PAUSE: i64 = 60;

/// Seconds before a message that the door had no place for is looked at again.
const BUSY_PAUSE: i64 = 5;

/// Seconds after each try before the next one. Each is longer than a claim.
const PAUSES: [i64; 7] = [FIRST_PAUSE, 300, 900, 3_600, 10_800, 21_600, 43_200];

/// Seconds after the end of the session after which nothing is tried again.
const MOST_AGE: i64 = 86_400;

/// One try.
struct Try {
    delivery: Delivery,
    /// False: there was no answer at all.
    is_reached: bool,
}

impl MessageTable for session_client::Entity {
    const CLIENT_ID: session_client::Column = session_client::Column::ClientId;
    const DUE_AT: session_client::Column = session_client::Column::DueAt;
    const REST: i64 = FIRST_PAUSE;

    fn too_old(now: Timestamp) -> SimpleExpr {
        session_client::Column::EndedAt.lt(now.plus(-MOST_AGE).0)
    }

    fn turns(idp: &Idp) -> &Turns {
        &idp.logouts
    }

    async fn claim_and_send(idp: &Idp, row: session_client::Model) -> Result<Option<bool>, Error> {
        use session_client::Column as C;
        let as_read = C::DueAt.eq(row.due_at).and(C::Attempts.eq(row.attempts));
        match idp.claim_message(row, as_read, false).await? {
            Some(claimed) => Ok(Some(idp.send_message(claimed).await?.is_reached)),
            None => Ok(None),
        }
    }
}

impl Idp {
    /// Sends what is due, and what becomes due. Runs until it is dropped.
    pub async fn keep_delivering_logouts(&self) {
        self.keep_sending::<session_client::Entity>().await;
    }

    /// Sends what is due, to each of some clients for a few seconds. Returns how many messages were sent or given up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deliver_logouts(&self) -> Result<u64, Error> {
        self.send_due::<session_client::Entity>().await
    }

    /// Sends a message that was settled, or waits for its next try, again, and at once; what became of it.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is being sent at this moment; or when the database does not answer.
    pub async fn send_logout_again(&self, client_id: &ClientId, sid: &SessionId) -> Result<Delivery, Error> {
        use session_client::Column as C;
        if !is_sid(sid.as_str()) {
            return Err(Error::NotFound);
        }
        let key = (sid.to_string(), client_id.to_string());
        let row = session_client::Entity::find_by_id(key).one(self.store.read()).await?.ok_or(Error::NotFound)?;
        let is_idle = C::DueAt.is_null().or(Expr::col(C::DueAt).gt(Expr::col(C::TriedAt).add(CLAIM)));
        let as_read = C::EndedAt.is_not_null().and(C::Attempts.eq(row.attempts)).and(is_idle);
        let claimed = self.claim_message(row, as_read, true).await?.ok_or(Error::NotFound)?;
        Ok(self.send_message(claimed).await?.delivery)
    }

    /// Sends a logout token about nobody, and no session, to a client; what became of it. It is kept among the messages, and not tried
    /// again.
    ///
    /// # Errors
    /// `NotFound` when there is no such client, or it has no address for that; or when the database does not answer.
    pub async fn test_logout(&self, client_id: &ClientId) -> Result<Delivery, Error> {
        self.logout_uri(client_id).await?.ok_or(Error::NotFound)?;
        let now = self.now();
        let row = session_client::Model {
            sid: random::token(),
            client_id: client_id.to_string(),
            account_id: None,
            joined_at: now.0,
            ended_at: Some(now.0),
            due_at: Some(now.0 + CLAIM),
            attempts: 1,
            tried_at: Some(now.0),
            delivered_at: None,
            answer: None,
        };
        let inserted = row.clone().into_active_model();
        let inserted = self.store.write(move |tx| {
            Box::pin(async move {
                session_client::Entity::insert(inserted).exec_without_returning(tx).await?;
                Ok::<_, Error>(())
            })
        });
        inserted.await?;
        Ok(self.send_message(row).await?.delivery)
    }

    /// The row with one more try, unless somebody else claimed it since it was read. `anew`: tries are counted from the beginning.
    async fn claim_message(
        &self,
        row: session_client::Model,
        as_read: SimpleExpr,
        anew: bool,
    ) -> Result<Option<session_client::Model>, Error> {
        use session_client::Column as C;
        let now = self.now();
        // Another number than before, so that whoever sent it before settles nothing now.
        let attempts = if anew && row.attempts != 1 { 1 } else { row.attempts + 1 };
        let claimed = session_client::Model {
            due_at: Some(now.0 + CLAIM),
            attempts,
            tried_at: Some(now.0),
            delivered_at: None,
            ..row
        };
        let update = session_client::Entity::update_many()
            .col_expr(C::DueAt, Expr::value(claimed.due_at))
            .col_expr(C::Attempts, Expr::value(claimed.attempts))
            .col_expr(C::TriedAt, Expr::value(claimed.tried_at))
            .col_expr(C::DeliveredAt, Expr::value(claimed.delivered_at))
            .filter(C::Sid.eq(claimed.sid.as_str()))
            .filter(C::ClientId.eq(claimed.client_id.as_str()))
            .filter(as_read);
        let written = self.store.write(move |tx| Box::pin(async move { Ok::<_, Error>(update.exec(tx).await?) }));
        Ok((written.await?.rows_affected == 1).then_some(claimed))
    }

    /// Sends a claimed message, and writes what became of it.
    async fn send_message(&self, row: session_client::Model) -> Result<Try, Error> {
        let client_id = ClientId::new(&row.client_id);
        let Some(uri) = self.logout_uri(&client_id).await? else {
            // It is told in the browser, or in no way any more.
            self.drop_message(row).await?;
            return Ok(Try { delivery: Delivery::Done, is_reached: true });
        };
        let (answer, is_taken, is_reached) = match self.logout_token(&client_id, &row).await {
            Ok(token) => match self.outbound.post(&uri, &Form::default().with("logout_token", &token)).await {
                Ok(status @ (200 | 204)) => (format!("the answer was {status}"), true, true),
                Ok(status) => (format!("the answer was {status}, not 200"), false, true),
                // Nothing was sent, so it is no try.
                Err(FetchError::Busy) => {
                    let next = self.now().plus(BUSY_PAUSE);
                    self.put_back(row, next).await?;
                    return Ok(Try { delivery: Delivery::Waiting(next), is_reached: true });
                }
                Err(error) => (error.to_string(), false, false),
            },
            Err(error) => (error.to_string(), false, false),
        };
        let delivery = if is_taken { Delivery::Done } else { after_failure(&row, self.now()) };
        // Of somebody who was erased meanwhile nothing is told or kept.
        let account = match row.account_id {
            Some(account) if !is_erased(self.store.read(), account).await? => Some(account),
            _ => None,
        };
        let is_forgotten = account != row.account_id;
        if !is_taken {
            self.tell_failure(&client_id, account, row.attempts, &uri, &answer).await;
        }
        if is_forgotten && !matches!(delivery, Delivery::Waiting(_)) {
            self.drop_message(row).await?;
        } else {
            self.settle_message(row, delivery, answer).await?;
        }
        Ok(Try { delivery, is_reached })
    }

    /// The address of an enabled client that takes logout tokens.
    async fn logout_uri(&self, client_id: &ClientId) -> Result<Option<String>, Error> {
        let client = self.find_client(client_id).await?;
        Ok(client.and_then(|client| client.logout.backchannel_logout_uri.clone()))
    }

    async fn logout_token(&self, client_id: &ClientId, row: &session_client::Model) -> Result<String, Error> {
        let client = self.find_client(client_id).await?.ok_or(Error::NotFound)?;
        let subject = row.account_id.map(|account| client.known_subject(&users::subject_of(account), self.pairwise()));
        let (sid, jti) = (client.known_sid(&SessionId::new(&row.sid), self.pairwise()), random::token());
        let claims = LogoutTokenClaims::new(self.issuer(), client_id, subject.as_ref(), &sid, &jti, self.now());
        let claims = serde_json::to_vec(&claims).map_err(Error::internal)?;
        // As ID tokens are (Back-Channel Logout 1.0 §2.6).
        let envelope = self.envelope(&client, Encrypted::IdToken).await?;
        envelope.seal(self.keyring().sign(client.id_token_signed_response_alg, Some(JWT_TYPE), &claims)?)
    }

    /// Takes back the claim of a message that was not sent.
    async fn put_back(&self, row: session_client::Model, next: Timestamp) -> Result<(), Error> {
        use session_client::Column as C;
        let update = session_client::Entity::update_many()
            .col_expr(C::DueAt, Expr::value(next.0))
            .col_expr(C::Attempts, Expr::value(row.attempts - 1))
            .filter(C::Sid.eq(row.sid))
            .filter(C::ClientId.eq(row.client_id))
            .filter(C::Attempts.eq(row.attempts));
        self.store.write(move |tx| Box::pin(async move { Ok::<_, Error>(update.exec(tx).await.map(drop)?) })).await
    }

    async fn drop_message(&self, row: session_client::Model) -> Result<(), Error> {
        let gone = session_client::Entity::delete_by_id((row.sid, row.client_id));
        let gone = gone.filter(session_client::Column::Attempts.eq(row.attempts));
        self.store.write(move |tx| Box::pin(async move { Ok::<_, Error>(gone.exec(tx).await.map(drop)?) })).await
    }

    async fn settle_message(
        &self,
        row: session_client::Model,
        delivery: Delivery,
        answer: String,
    ) -> Result<(), Error> {
        use session_client::Column as C;
        let (due_at, delivered_at) = match delivery {
            Delivery::Done => (None, Some(self.now().0)),
            Delivery::Waiting(next) => (Some(next.0), None),
            Delivery::GivenUp => (None, None),
        };
        let update = session_client::Entity::update_many()
            .col_expr(C::DueAt, Expr::value(due_at))
            .col_expr(C::DeliveredAt, Expr::value(delivered_at))
            .col_expr(C::Answer, Expr::value(Some(oauth::activity::clip(&answer))))
            .filter(C::Sid.eq(row.sid))
            .filter(C::ClientId.eq(row.client_id))
            .filter(C::Attempts.eq(row.attempts));
        self.store.write(move |tx| Box::pin(async move { Ok::<_, Error>(update.exec(tx).await.map(drop)?) })).await
    }

    /// Tells the activity of a message that was not taken.
    async fn tell_failure(&self, client_id: &ClientId, account: Option<Uuid>, attempts: i64, uri: &str, answer: &str) {
        let story = Story::new(None, None);
        let told = async {
            activity::about_registered(client_id);
            if let Some(account) = account {
                activity::about_user(&users::subject_of(account));
            }
            activity::refused(EventKind::SignOut, Reason::LogoutUndelivered);
            activity::fact("backchannel_logout_uri", uri);
            activity::fact("answer", answer);
            activity::fact("attempts", attempts);
        };
        story.clone().scope(told).await;
        self.keep(&story);
    }
}

/// The rest after a try that failed.
fn after_failure(row: &session_client::Model, now: Timestamp) -> Delivery {
    let tried = usize::try_from(row.attempts - 1).unwrap_or(usize::MAX);
    let pause = PAUSES.get(tried).filter(|_| row.account_id.is_some());
    let next = pause.map(|pause| now.plus(*pause));
    match next.filter(|next| row.ended_at.is_some_and(|ended_at| next.0 <= ended_at + MOST_AGE)) {
        Some(next) => Delivery::Waiting(next),
        None => Delivery::GivenUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_for_a_day_at_longer_and_longer_intervals() {
        let row = |attempts, account_id| session_client::Model {
            sid: "s".to_owned(),
            client_id: "c".to_owned(),
            account_id,
            joined_at: 0,
            ended_at: Some(1_000),
            due_at: None,
            attempts,
            tried_at: None,
            delivered_at: None,
            answer: None,
        };
        let somebody = Some(uuid::Uuid::nil());
        let (mut now, mut tries) = (Timestamp(1_000), 1);
        while let Delivery::Waiting(next) = after_failure(&row(tries, somebody), now) {
            assert!(next.0 - now.0 > CLAIM);
            (now, tries) = (next, tries + 1);
        }
        assert_eq!((tries, now.0 - 1_000), (8, 80_460));
        assert_eq!(after_failure(&row(1, somebody), Timestamp(1_000 + MOST_AGE)), Delivery::GivenUp);
        assert_eq!(after_failure(&row(1, None), Timestamp(1_000)), Delivery::GivenUp, "a test is tried once");
    }
}
