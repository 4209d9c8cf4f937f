//! A person answers a device: finds it by its user code, and allows or declines what it asks for.

use std::net::IpAddr;

use oauth::consent::{Agreement, Answer};
use oauth::grant::UserCode;
use oauth::id::ClientId;
use oauth::resource::Target;
use oauth::scope::Scope;
use oauth::session::{Session, SignedIn};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, UpdateMany};

use super::super::approve::{Allowed, Answered, Approving, decide_once};
use crate::documents::{VisitError, Visitor};
use crate::entity::device_code;
use crate::error::Error;
use crate::throttle::{Admission, Attempt, Counted};
use crate::{Idp, Scopes, users};

/// A device that waits, and what it asks for.
#[derive(Debug, Clone)]
pub struct DeviceQuestion {
    pub user_code: UserCode,
    /// Its client, as it describes itself now.
    pub visitor: Visitor,
    /// The part of what the device asks for that the client may still have.
    pub scope: Scope,
    /// The resources at which it would act.
    pub target: Target,
    /// The scopes of this server and of the resources, and the meaning of those asked for.
    pub known: Scopes,
    pub agreement: Agreement,
    /// When the device asked.
    pub asked_at: Timestamp,
    expires_at: Timestamp,
}

impl Idp {
    /// The device that shows this code and waits. Each code that is not found counts as a guess, for the account and for the
    /// address `caller`, and delays further ones (RFC 8628 §5.1); without a `caller` nothing is counted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_device(
        &self,
        user_code: &UserCode,
        session: &Session,
        caller: Option<IpAddr>,
    ) -> Result<Admission<DeviceQuestion>, Error> {
        let counters = match caller {
            Some(address) => {
                let account = Counted::UserCodes(users::account_id(&session.subject)?);
                let mut counters = self.counters(Counted::UserCodesAt, address);
                counters.push(self.counter(&account));
                counters
            }
            None => Vec::new(),
        };
        let counted = match self.count_attempt(counters).await? {
            Attempt::Counted(counted) => counted,
            Attempt::Delayed { wait } => return Ok(Admission::Delayed { wait }),
        };
        let Some(question) = self.find_question(user_code).await? else {
            let (subject, wait) = (session.subject.as_str(), counted.delay(self.now()));
            tracing::warn!(address = caller.map(tracing::field::display), subject, wait, "a user code was not found");
            return Ok(Admission::Refused);
        };
        if caller.is_some() {
            self.store.write(move |tx| Box::pin(counted.settle(tx))).await?;
        }
        Ok(Admission::Admitted(question))
    }

    async fn find_question(&self, user_code: &UserCode) -> Result<Option<DeviceQuestion>, Error> {
        let row = device_code::Entity::find()
            .filter(device_code::Column::UserCode.eq(self.user_code_digest(user_code)))
            .filter(device_code::Column::DecidedAt.is_null())
            .filter(device_code::Column::ExpiresAt.gt(self.now().0))
            .one(self.store.read())
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let visitor = match self.find_visitor(&ClientId::new(row.client_id), None).await {
            Ok(visitor) => visitor,
            Err(VisitError::Problem(_)) => return Ok(None),
            Err(VisitError::Failed(error)) => return Err(error),
        };
        let client = visitor.client.clone();
        let Some(target) = self.target_asked_for(row.resources.as_deref(), row.details.as_deref(), &client).await?
        else {
            return Ok(None);
        };
        let (asked, known) = (Scope::parse(&row.scope).map_err(Error::internal)?, self.scopes_at(&target).await?);
        let scope = client.still_allowed(&asked, &known);
        if scope.is_empty() && !asked.is_empty() {
            return Ok(None);
        }
        Ok(Some(DeviceQuestion {
            user_code: user_code.clone(),
            visitor,
            agreement: Agreement::of(&scope, &known).about(&target),
            target,
            known,
            scope,
            asked_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
        }))
    }

    /// Keeps the answer of somebody who was shown the question. Yes makes a grant that stands on its own: the device is elsewhere,
    /// so it goes on when the person signs out of this browser. What was allowed is remembered, and can be withdrawn.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn answer_device(
        &self,
        question: &DeviceQuestion,
        signed_in: &SignedIn,
        answer: Answer,
    ) -> Result<Answered, Error> {
        let now = self.now();
        let decide = self.decide(question, now);
        let answered = match answer {
            Answer::No => {
                let answered = self.store.write(move |tx| Box::pin(decide_once(tx, decide))).await;
                answered.map(|decided| if decided { Answered::Kept } else { Answered::Gone })
            }
            Answer::Yes => {
                let approval = self.approval(question, &signed_in.session, decide, now)?;
                self.store.write(move |tx| Box::pin(approval.keep(tx, now))).await
            }
        };
        if question.visitor.document.is_some() || matches!(answered, Ok(Answered::Changed)) {
            // This node may be the last to know.
            self.catalog.clear();
        }
        answered
    }

    /// Marks the device as answered, if it still waits.
    fn decide(&self, question: &DeviceQuestion, now: Timestamp) -> UpdateMany<device_code::Entity> {
        device_code::Entity::update_many()
            .col_expr(device_code::Column::DecidedAt, Expr::value(now.0))
            .filter(device_code::Column::UserCode.eq(self.user_code_digest(&question.user_code)))
            .filter(device_code::Column::ClientId.eq(question.visitor.client.client_id.as_str()))
            .filter(device_code::Column::CreatedAt.eq(question.asked_at.0))
            .filter(device_code::Column::DecidedAt.is_null())
            .filter(device_code::Column::ExpiresAt.gt(now.0))
    }

    fn approval(
        &self,
        question: &DeviceQuestion,
        session: &Session,
        decide: UpdateMany<device_code::Entity>,
        now: Timestamp,
    ) -> Result<Approving<device_code::Entity>, Error> {
        let DeviceQuestion { visitor, scope, agreement, target, expires_at, .. } = question;
        let allowed = Allowed { visitor, session, scope, agreement, target, expires_at: *expires_at };
        Approving::of(&allowed, now, decide, |grant| {
            device_code::Entity::update_many()
                .col_expr(device_code::Column::GrantId, Expr::value(grant))
                .filter(device_code::Column::UserCode.eq(self.user_code_digest(&question.user_code)))
        })
    }
}
