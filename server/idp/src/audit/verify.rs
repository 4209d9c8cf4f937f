//! A look at the record of changes: it is as it was written, or not.

use std::collections::{BTreeMap, HashMap};

use oauth::activity::EventKind;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait as _, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::chain::{AuditHead, HEAD, content_of, digest_of, digest_of_origin, origin_of};
use super::erase::{EMPTY, Emptied, erased_person, is_marked};
use super::sweep::{Beginning, beginning};
use super::{about, facts};
use crate::entity::audit_event::{Column, Entity, Model};
use crate::entity::event;
use crate::error::Error;
use crate::setup::SET_UP;
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
    #[error("change {number} ({id}) was emptied, and no change says that it was erased with a person")]
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
    #[error("the activity tells of a change that there is not: event {0}")]
    Invented(String),
    #[error("change {0} is not the one that was seen: the record was written anew")]
    Rewritten(i64),
    #[error("change {0} was swept, so nobody can say whether it is the one that was seen: name a later head")]
    Swept(i64),
}

/// A reading under way.
struct Reading {
    last: AuditHead,
    /// The first change: its time and its ID.
    first: Option<(i64, Uuid)>,
    changes: u64,
    erased: u64,
    /// Changes whose words, or whose origin, were emptied: a later change must say so.
    emptied: BTreeMap<(Part, i64), Uuid>,
    /// The same, as a server of an earlier version did it: by the person whose erasure must come later.
    emptied_of: BTreeMap<String, (i64, Uuid)>,
}

/// A part of a change that is erased by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Words,
    Origin,
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
        let (emptied, emptied_of) = (BTreeMap::new(), BTreeMap::new());
        let mut reading = Reading { last: begins, first: None, changes: 0, erased: 0, emptied, emptied_of };
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
            None => reading.look_at_the_end(self, &head, swept).await?,
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
        if !self.take_emptied(row, number) {
            return Some(AuditFault::Altered { number, id });
        }
        if row.origin.is_some() && !row.event_id.and_then(|id| told.get(&id)).is_some_and(|event| tells(event, row)) {
            return Some(AuditFault::Untold { number, id });
        }
        self.last = AuditHead::of(row)?;
        self.first = self.first.or(Some((row.at, row.id)));
        self.changes += 1;
        seen.filter(|seen| seen.number == number && seen.digest != self.last.digest)
            .map(|seen| AuditFault::Rewritten(seen.number))
    }

    /// Notes what was emptied of a change, and which ones it says were emptied. False where it says something else than it did.
    fn take_emptied(&mut self, row: &Model, number: i64) -> bool {
        let has_words = row.content.as_deref() == Some(content_of(row).as_slice());
        let has_origin = row.origin_digest == digest_of_origin(row);
        self.erased += u64::from(!has_words || !has_origin);
        if !has_words {
            if let Some(subject) = erased_person(row) {
                self.emptied_of.entry(subject).or_insert((number, row.id));
            } else if is_marked(&[&row.before, &row.after]) {
                self.emptied.insert((Part::Words, number), row.id);
            } else {
                return false;
            }
        }
        if !has_origin {
            if row.origin.is_none() || !is_marked(&[&row.origin]) {
                return false;
            }
            self.emptied.insert((Part::Origin, number), row.id);
        }
        if let Some(said) = Emptied::read(row).filter(|_| has_words) {
            self.forgive(&said);
        }
        // A server of this version says which changes it emptied.
        if row.action == super::ERASURE && row.origin_digest.is_none() {
            self.emptied_of.remove(&row.target_id);
        }
        true
    }

    fn forgive(&mut self, said: &Emptied) {
        for (part, numbers) in [(Part::Words, &said.words), (Part::Origin, &said.origins)] {
            for number in numbers {
                self.emptied.remove(&(part, *number));
            }
        }
    }

    /// The first change that was emptied, and of which no change says so. Somebody may have been erased meanwhile.
    async fn find_emptied(&mut self, idp: &Idp, head: &AuditHead) -> Result<Option<AuditFault>, Error> {
        let db = idp.store.read();
        let later = Entity::find().filter(Column::Number.gt(head.number)).filter(Column::Action.eq(EMPTY));
        if !self.emptied.is_empty() {
            for said in later.all(db).await?.iter().filter_map(Emptied::read) {
                self.forgive(&said);
            }
        }
        let left = self.emptied.iter().next().map(|((_, number), id)| (*number, *id));
        let left = left.or_else(|| self.emptied_of.values().next().copied());
        Ok(left.map(|(number, id)| AuditFault::Emptied { number, id: id.to_string() }))
    }

    /// Looks at what nothing may follow, and at what is beside the chain.
    async fn look_at_the_end(&mut self, idp: &Idp, head: &AuditHead, swept: i64) -> Result<Option<AuditFault>, Error> {
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
        let emptied = self.find_emptied(idp, head).await?;
        if emptied.is_some() {
            return Ok(emptied);
        }
        let below = Entity::find().filter(Column::Number.lte(swept)).order_by_asc(Column::Number);
        if let Some(row) = below.one(idp.store.read()).await? {
            return Ok(Some(AuditFault::PutIn(row.id.to_string())));
        }
        let Some((first_at, first_id)) = self.first else { return Ok(None) };
        let mut unchained = Entity::find().filter(Column::Number.is_null());
        // Where the chain has the beginning of the server, there is nothing from before it.
        let begun = Entity::find().filter(Column::Number.is_not_null()).filter(Column::Action.eq(SET_UP));
        if begun.one(idp.store.read()).await?.is_none() {
            unchained = unchained.filter(Condition::any().add(Column::At.gt(first_at)).add(Column::Id.gt(first_id)));
        }
        let put_in = unchained;
        let put_in = put_in.order_by_asc(Column::Id).one(idp.store.read()).await?;
        if let Some(row) = put_in {
            return Ok(Some(AuditFault::PutIn(row.id.to_string())));
        }
        find_invented(idp).await
    }
}

/// An event that tells of a change that there is not. Those from before the oldest event of the chain are of a server of an earlier
/// version, which did not say which change they tell of.
async fn find_invented(idp: &Idp) -> Result<Option<AuditFault>, Error> {
    let db = idp.store.read();
    let oldest = Entity::find().filter(Column::EventId.is_not_null()).order_by_asc(Column::EventId);
    let oldest: Option<Uuid> = oldest.select_only().column(Column::EventId).limit(1).into_tuple().one(db).await?;
    let Some(oldest) = oldest else { return Ok(None) };
    let same = Expr::col((Entity, Column::EventId)).equals((event::Entity, event::Column::Id));
    let told = Query::select().expr(Expr::value(1)).from(Entity).and_where(same).take();
    let invented = event::Entity::find()
        .filter(event::Column::Kind.eq(EventKind::Change.as_str()))
        .filter(event::Column::Id.gt(oldest))
        .filter(Expr::exists(told).not())
        .order_by_asc(event::Column::Id)
        .one(db)
        .await?;
    Ok(invented.map(|event| AuditFault::Invented(event.id.to_string())))
}

/// True for the event that tells of the change as it is written, and of nothing else.
fn tells(event: &event::Model, row: &Model) -> bool {
    let origin = origin_of(row).unwrap_or_default();
    let expected = origin.change(&facts(row), about(row), Timestamp(row.at));
    let facts = |event: &event::Model| serde_json::from_str::<serde_json::Value>(&event.facts).ok();
    facts(event) == facts(&expected) && *event == event::Model { id: event.id, facts: event.facts.clone(), ..expected }
}
