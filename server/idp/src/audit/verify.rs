//! A look at the record of changes: it is as it was written, or not.

use std::collections::{BTreeMap, HashMap};

use oauth::activity::EventKind;
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait as _, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::chain::{AuditHead, HEAD, content_of, digest_of, digest_of_origin, origin_of};
use super::erase::erased_person;
use super::sweep::{Beginning, beginning};
use super::{about, facts};
use crate::entity::audit_event::{Column, Entity, Model};
use crate::entity::event;
use crate::error::Error;
use crate::{Idp, settings};

/// Changes that are read at once.
const BATCH: u64 = 500;

/// Looks at the chain in search of a fault that stays one: a change that is swept or erased while it is read is none.
const LOOKS: usize = 3;

/// A look at the whole chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// Changes in the chain, from the first that is kept to the head.
    pub changes: u64,
    /// The number of the last change that was swept; 0: none was.
    pub swept: i64,
    /// The time at which that was, if a change says so.
    pub swept_at: Option<Timestamp>,
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
    #[error("the activity does not tell of change {number} ({id}) as it was written")]
    Untold { number: i64, id: String },
    #[error("change {0} says that changes were swept that came after it")]
    Sweep(i64),
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
        let mut report = self.read_chain(seen).await?;
        for _ in 1..LOOKS {
            let Some(fault) = report.fault.take() else { break };
            let again = self.read_chain(seen).await?;
            let stays = again.fault.as_ref() == Some(&fault);
            report = again;
            if stays {
                break;
            }
        }
        Ok(report)
    }

    async fn read_chain(&self, seen: Option<&AuditHead>) -> Result<AuditReport, Error> {
        let db = self.store.read();
        let Beginning { head: begins, said } = beginning(db).await?;
        let head = self.audit_head().await?;
        let mut fault = seen.and_then(|seen| match seen.number {
            number if number > head.number => Some(AuditFault::Rewritten(number)),
            number if number < begins.number => Some(AuditFault::Swept(number)),
            number => (number == begins.number && *seen != begins).then_some(AuditFault::Rewritten(number)),
        });
        let (swept, swept_at) = (begins.number, said.map(|(_, at)| at));
        if let Some((number, _)) = said.filter(|(number, _)| *number <= swept) {
            fault = fault.or(Some(AuditFault::Sweep(number)));
        }
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
            let told = self.told(&rows).await?;
            fault = fault.or_else(|| rows.iter().find_map(|row| reading.take(row, seen, &told)));
        }
        let fault = match fault {
            None => reading.look_at_the_end(self, &head).await?,
            fault => fault,
        };
        let unchained = Entity::find().filter(Column::Number.is_null()).count(db).await?;
        let Reading { changes, erased, .. } = reading;
        Ok(AuditReport { changes, swept, swept_at, unchained, erased, head, fault })
    }

    /// The events that tell of these changes.
    async fn told(&self, rows: &[Model]) -> Result<HashMap<Uuid, event::Model>, Error> {
        let ids = rows.iter().filter_map(|row| row.event_id);
        let events = event::Entity::find().filter(event::Column::Id.is_in(ids)).all(self.store.read()).await?;
        Ok(events.into_iter().map(|event| (event.id, event)).collect())
    }
}

impl Reading {
    /// Looks at the next change.
    fn take(
        &mut self,
        row: &Model,
        seen: Option<&AuditHead>,
        told: &HashMap<Uuid, event::Model>,
    ) -> Option<AuditFault> {
        let (number, id) = (row.number.unwrap_or_default(), row.id.to_string());
        if number != self.last.number + 1 {
            return Some(AuditFault::Missing(self.last.number + 1));
        }
        if row.digest.as_deref() != Some(digest_of(row, &self.last).as_slice()) {
            return Some(AuditFault::Altered { number, id });
        }
        let mut is_erased = false;
        for (is_there, texts) in [
            (row.content.as_deref() == Some(content_of(row).as_slice()), &[&row.before, &row.after][..]),
            (row.origin_digest == digest_of_origin(row), &[&row.origin]),
        ] {
            if !is_there {
                let Some(subject) = erased_person(row, texts) else {
                    return Some(AuditFault::Altered { number, id });
                };
                is_erased = true;
                self.emptied.entry(subject).or_insert((number, id.clone()));
            }
        }
        self.erased += u64::from(is_erased);
        if row.origin.is_some() && !row.event_id.and_then(|id| told.get(&id)).is_some_and(|event| tells(event, row)) {
            return Some(AuditFault::Untold { number, id });
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

/// True for the event that tells of the change as it was written, but for what was erased with a person.
fn tells(event: &event::Model, row: &Model) -> bool {
    let origin = origin_of(row).unwrap_or_default();
    let came = (&event.request_id, &event.address, &event.agent);
    let (client_id, account_id) = about(row);
    // Without the words of the change nobody knows whom else it named.
    let are_words_erased = row.salt.is_none();
    event.kind == EventKind::Change.as_str()
        && event.at == row.at
        && came == (&origin.request_id, &origin.address, &origin.agent)
        && (are_words_erased || (event.client_id == client_id && event.account_id == account_id))
        && serde_json::from_str(&event.facts).is_ok_and(|told: serde_json::Value| told == facts(row))
}
