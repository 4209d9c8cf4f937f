//! A look at the record of changes: it is as it was written, or not.

use std::collections::BTreeMap;

use oauth::id::Subject;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait as _, QueryFilter, QueryOrder, QuerySelect};

use super::chain::{self, AuditHead, HEAD, beginning, content_of, digest_of};
use crate::entity::audit_event::{Column, Entity, Model};
use crate::error::Error;
use crate::{Idp, settings};

/// Changes that are read at once.
const BATCH: u64 = 500;

/// A look at the whole chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// Changes in the chain, from the first that is kept to the head.
    pub changes: u64,
    /// The number of the last change that was swept; 0: none was.
    pub swept: i64,
    /// Changes from before there was a chain.
    pub unchained: u64,
    /// Changes whose words were erased with a person, and are known by their digests alone.
    pub erased: u64,
    pub head: AuditHead,
    pub fault: Option<AuditFault>,
}

/// The first place at which the record of changes is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    #[error("change {0} is missing")]
    Missing(i64),
    #[error("change {number} ({id}) is not as it was written")]
    Altered { number: i64, id: String },
    #[error("change {number} ({id}) was emptied, and no erasure of a person is recorded that did it")]
    Emptied { number: i64, id: String },
    #[error("the last changes are missing: the head is change {head}, the last one there is {last}")]
    Cut { head: i64, last: i64 },
    #[error("the head is not the digest of change {0}")]
    Head(i64),
    #[error("a change that was put in is not part of the chain: {0}")]
    PutIn(String),
    #[error("change {0} is not the one that was seen: the record was written anew")]
    Rewritten(i64),
    #[error("change {0} was swept, so nobody can say whether it is the one that was seen: name a later head")]
    Swept(i64),
}

/// A reading under way.
struct Reading {
    last: AuditHead,
    first_at: Option<i64>,
    changes: u64,
    erased: u64,
    /// Changes that were emptied, by the person whose erasure must come later.
    emptied: BTreeMap<String, (i64, String)>,
}

impl Idp {
    /// The newest change, as the chain has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_head(&self) -> Result<AuditHead, Error> {
        let head = settings::find(self.store.read(), HEAD).await?;
        Ok(head.as_deref().and_then(AuditHead::parse).unwrap_or_else(AuditHead::start))
    }

    /// Reads the chain from its beginning to its head, a batch at a time. `seen` is a head that the log or the metrics showed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify_audit(&self, seen: Option<&AuditHead>) -> Result<AuditReport, Error> {
        loop {
            let begins = beginning(self.store.read()).await?;
            let report = self.read_chain(begins.clone(), seen).await?;
            // Changes that were swept meanwhile are missing, and no fault.
            if report.fault.is_none() || beginning(self.store.read()).await? == begins {
                return Ok(report);
            }
        }
    }

    async fn read_chain(&self, begins: AuditHead, seen: Option<&AuditHead>) -> Result<AuditReport, Error> {
        let (db, head) = (self.store.read(), self.audit_head().await?);
        let mut fault = seen.and_then(|seen| match seen.number {
            number if number > head.number => Some(AuditFault::Rewritten(number)),
            number if number < begins.number => Some(AuditFault::Swept(number)),
            number => (number == begins.number && *seen != begins).then_some(AuditFault::Rewritten(number)),
        });
        let swept = begins.number;
        let mut reading = Reading { last: begins, first_at: None, changes: 0, erased: 0, emptied: BTreeMap::new() };
        while fault.is_none() && reading.last.number < head.number {
            let rows = Entity::find()
                .filter(Column::Number.gt(reading.last.number))
                .filter(Column::Number.lte(head.number))
                .order_by_asc(Column::Number)
                .limit(BATCH)
                .all(db)
                .await?;
            if rows.is_empty() {
                fault = Some(AuditFault::Cut { head: head.number, last: reading.last.number });
            }
            fault = fault.or_else(|| rows.iter().find_map(|row| reading.take(row, seen)));
        }
        let fault = match fault {
            None => reading.look_at_the_end(self, &head).await?,
            fault => fault,
        };
        let unchained = Entity::find().filter(Column::Number.is_null()).count(db).await?;
        let Reading { changes, erased, .. } = reading;
        Ok(AuditReport { changes, swept, unchained, erased, head, fault })
    }
}

impl Reading {
    /// Looks at the next change.
    fn take(&mut self, row: &Model, seen: Option<&AuditHead>) -> Option<AuditFault> {
        let (number, id) = (row.number.unwrap_or_default(), row.id.to_string());
        if number != self.last.number + 1 {
            return Some(AuditFault::Missing(self.last.number + 1));
        }
        if row.digest.as_deref() != Some(digest_of(row, &self.last).as_slice()) {
            return Some(AuditFault::Altered { number, id });
        }
        if row.content.as_deref() != Some(content_of(row).as_slice()) {
            let Some(subject) = erased_person(row) else {
                return Some(AuditFault::Altered { number, id });
            };
            self.erased += 1;
            self.emptied.entry(subject).or_insert((number, id));
        }
        if row.action == super::ERASURE {
            self.emptied.remove(&row.target_id);
        }
        self.last = AuditHead::of(row)?;
        self.first_at = self.first_at.or(Some(row.at));
        self.changes += 1;
        seen.filter(|seen| seen.number == number && seen.digest != self.last.digest)
            .map(|seen| AuditFault::Rewritten(seen.number))
    }

    /// Looks at what nothing may follow.
    async fn look_at_the_end(&self, idp: &Idp, head: &AuditHead) -> Result<Option<AuditFault>, Error> {
        if self.last != *head {
            return Ok(Some(AuditFault::Head(head.number)));
        }
        // Others go on meanwhile, so the head is read after the last change.
        let last = Entity::find().filter(Column::Number.is_not_null()).order_by_desc(Column::Number);
        if let Some(row) = last.one(idp.store.read()).await?
            && row.number > Some(idp.audit_head().await?.number)
        {
            return Ok(Some(AuditFault::PutIn(row.id.to_string())));
        }
        for (subject, (number, id)) in &self.emptied {
            // Somebody may have been erased meanwhile.
            let erasure = Entity::find()
                .filter(Column::Number.gt(head.number))
                .filter(Column::Action.eq(super::ERASURE))
                .filter(Column::TargetId.eq(subject.as_str()));
            if erasure.one(idp.store.read()).await?.is_none() {
                return Ok(Some(AuditFault::Emptied { number: *number, id: id.clone() }));
            }
        }
        let Some(first_at) = self.first_at else { return Ok(None) };
        let put_in = Entity::find().filter(Column::Number.is_null()).filter(Column::At.gt(first_at));
        let put_in = put_in.order_by_asc(Column::Id).one(idp.store.read()).await?;
        Ok(put_in.map(|row| AuditFault::PutIn(row.id.to_string())))
    }
}

/// The person of whom all that a change said was erased. Of other changes nothing ever is.
fn erased_person(row: &Model) -> Option<String> {
    let texts: Vec<&String> = row.before.iter().chain(row.after.iter()).collect();
    let marker: serde_json::Value = serde_json::from_str(texts.first()?).ok()?;
    let subject = marker.get("erased")?.as_str()?;
    let whole = chain::erased(&Subject::new(subject));
    let is_theirs =
        row.target_kind == "user" && row.target_id == subject || chain::NAMING.contains(&row.action.as_str());
    (is_theirs && texts.iter().all(|text| **text == whole)).then(|| subject.to_owned())
}
