//! A person finds the requests that wait for them, and allows or declines what one asks for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::consent::{Agreement, Answer};
use oauth::id::ClientId;
use oauth::resource::Target;
use oauth::scope::Scope;
use oauth::session::Session;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, UpdateMany};

use super::super::approve::{Allowed, Answered, Approving, decide_once};
use super::MOST_OF_PERSON;
use crate::documents::{VisitError, Visitor};
use crate::entity::ciba_request;
use crate::error::Error;
use crate::{Idp, Scopes, users};

/// A request that waits for somebody, and what it asks for.
#[derive(Debug, Clone)]
pub struct BackchannelQuestion {
    /// Tells it from the others. It is no secret.
    pub id: String,
    /// Its client, as it is registered now.
    pub visitor: Visitor,
    /// The part of what the client asks for that it may still have.
    pub scope: Scope,
    /// The resources at which it would act.
    pub target: Target,
    /// The scopes of this server and of the resources, and the meaning of those asked for.
    pub known: Scopes,
    pub agreement: Agreement,
    /// The message that the person sees where they started, too.
    pub binding_message: Option<String>,
    /// The address from which the client asked.
    pub address: Option<String>,
    /// When the client asked.
    pub asked_at: Timestamp,
    expires_at: Timestamp,
    digest: Vec<u8>,
    is_pinged: bool,
}

impl Idp {
    /// The requests that wait for whoever is signed in, the latest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_backchannel(&self, session: &Session) -> Result<Vec<BackchannelQuestion>, Error> {
        let rows = self.waiting(session)?.order_by_desc(ciba_request::Column::CreatedAt).limit(MOST_OF_PERSON);
        let rows = rows.order_by_asc(ciba_request::Column::Digest).all(self.store.read()).await?;
        let mut questions = Vec::with_capacity(rows.len());
        for row in rows {
            questions.extend(self.question(row).await?);
        }
        Ok(questions)
    }

    /// The request of this ID, if it waits for whoever is signed in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_backchannel(&self, id: &str, session: &Session) -> Result<Option<BackchannelQuestion>, Error> {
        let mut digest = [0; 32];
        let Ok(32) = URL_SAFE_NO_PAD.decode_slice(id, &mut digest) else { return Ok(None) };
        let found = self.waiting(session)?.filter(ciba_request::Column::Digest.eq(digest.to_vec()));
        match found.one(self.store.read()).await? {
            Some(row) => self.question(row).await,
            None => Ok(None),
        }
    }

    fn waiting(&self, session: &Session) -> Result<Select<ciba_request::Entity>, Error> {
        Ok(ciba_request::Entity::find()
            .filter(ciba_request::Column::AccountId.eq(users::account_id(&session.subject)?))
            .filter(ciba_request::Column::DecidedAt.is_null())
            .filter(ciba_request::Column::ExpiresAt.gt(self.now().0)))
    }

    /// The question of a row. `None`: its client may not ask for it any more.
    async fn question(&self, row: ciba_request::Model) -> Result<Option<BackchannelQuestion>, Error> {
        let visitor = match self.find_visitor(&ClientId::new(row.client_id), None).await {
            Ok(visitor) => visitor,
            Err(VisitError::Problem(_)) => return Ok(None),
            Err(VisitError::Failed(error)) => return Err(error),
        };
        let client = visitor.client.clone();
        if !client.may_use(oauth::client::GrantType::Ciba) {
            return Ok(None);
        }
        let Some(target) = self.target_asked_for(row.resources.as_deref(), row.details.as_deref(), &client).await?
        else {
            return Ok(None);
        };
        let (asked, known) = (Scope::parse(&row.scope).map_err(Error::internal)?, self.scopes_at(&target).await?);
        let scope = client.still_allowed(&asked, &known);
        if !scope.contains("openid") {
            return Ok(None);
        }
        Ok(Some(BackchannelQuestion {
            id: URL_SAFE_NO_PAD.encode(&row.digest),
            visitor,
            agreement: Agreement::of(&scope, &known).about(&target),
            target,
            known,
            scope,
            binding_message: row.binding_message,
            address: row.address,
            asked_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
            digest: row.digest,
            is_pinged: row.ping.is_some(),
        }))
    }

    /// Keeps the answer of somebody who was shown the question. Yes makes a grant that stands on its own, as for a device: the client is
    /// elsewhere, so it goes on when the person signs out of this browser. What was allowed is remembered, and can be withdrawn.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn answer_backchannel(
        &self,
        question: &BackchannelQuestion,
        session: &Session,
        answer: Answer,
    ) -> Result<Answered, Error> {
        let now = self.now();
        let decide = decide(question, session, now)?;
        let answered = match answer {
            Answer::No => {
                let decided = self.store.write(move |tx| Box::pin(decide_once(tx, decide))).await;
                decided.map(|decided| if decided { Answered::Kept } else { Answered::Gone })
            }
            Answer::Yes => {
                let approving = approving(question, session, decide, now)?;
                self.store.write(move |tx| Box::pin(approving.keep(tx, now))).await
            }
        };
        match answered {
            Ok(Answered::Kept) if question.is_pinged => self.pings.wake(),
            // This node may be the last to know.
            Ok(Answered::Changed) => self.catalog.clear(),
            _ => {}
        }
        answered
    }
}

/// Marks the request as answered, if it still waits for this person. Whoever is to be told is told from then on.
fn decide(
    question: &BackchannelQuestion,
    session: &Session,
    now: Timestamp,
) -> Result<UpdateMany<ciba_request::Entity>, Error> {
    Ok(ciba_request::Entity::update_many()
        .col_expr(ciba_request::Column::DecidedAt, Expr::value(now.0))
        .col_expr(ciba_request::Column::DueAt, Expr::value(question.is_pinged.then_some(now.0)))
        .filter(ciba_request::Column::Digest.eq(question.digest.clone()))
        .filter(ciba_request::Column::AccountId.eq(users::account_id(&session.subject)?))
        .filter(ciba_request::Column::DecidedAt.is_null())
        .filter(ciba_request::Column::ExpiresAt.gt(now.0)))
}

fn approving(
    question: &BackchannelQuestion,
    session: &Session,
    decide: UpdateMany<ciba_request::Entity>,
    now: Timestamp,
) -> Result<Approving<ciba_request::Entity>, Error> {
    let BackchannelQuestion { visitor, scope, agreement, target, expires_at, .. } = question;
    let allowed = Allowed { visitor, session, scope, agreement, target, expires_at: *expires_at };
    Approving::of(&allowed, now, decide, |grant| {
        ciba_request::Entity::update_many()
            .col_expr(ciba_request::Column::GrantId, Expr::value(grant))
            .filter(ciba_request::Column::Digest.eq(question.digest.clone()))
    })
}
