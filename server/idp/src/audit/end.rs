//! A look at the end of the chain. It costs a few rows, so a page may take it each time it is opened; [`super::verify`] reads the whole.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::chain::{AuditHead, content_of, digest_of};
use super::erase::{erased_person, is_marked};
use super::verify::AuditFault;
use crate::Idp;
use crate::entity::audit_event::{Column, Entity, Model};
use crate::error::Error;

impl Idp {
    /// The fault that the last two changes and the head show.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look_at_audit_end(&self) -> Result<Option<AuditFault>, Error> {
        match self.read_audit_end().await? {
            None => Ok(None),
            // A change that was swept while it was read is none.
            Some(_) => self.read_audit_end().await,
        }
    }

    async fn read_audit_end(&self) -> Result<Option<AuditFault>, Error> {
        let rows = || Entity::find().filter(Column::Number.is_not_null()).order_by_desc(Column::Number);
        let newest = rows().one(self.store.read()).await?;
        // Others go on meanwhile, so the head is read after the last change.
        let head = self.audit_head().await?;
        if let Some(row) = newest.filter(|row| row.number > Some(head.number)) {
            return Ok(Some(AuditFault::PutIn(row.id.to_string())));
        }
        let last = rows().filter(Column::Number.lte(head.number)).limit(2).all(self.store.read()).await?;
        Ok(fault(&head, &last))
    }
}

/// The fault of the head, the last change and the one before it.
fn fault(head: &AuditHead, last: &[Model]) -> Option<AuditFault> {
    let Some(row) = last.first() else {
        return (head.number > 0).then_some(AuditFault::Cut { head: head.number, last: 0 });
    };
    let number = row.number.unwrap_or_default();
    if number != head.number {
        return Some(AuditFault::Cut { head: head.number, last: number });
    }
    if AuditHead::of(row).as_ref() != Some(head) {
        return Some(AuditFault::Head(number));
    }
    let altered = || AuditFault::Altered { number, id: row.id.to_string() };
    let has_words = row.content.as_deref() == Some(content_of(row).as_slice());
    if !has_words && !is_marked(&[&row.before, &row.after]) && erased_person(row).is_none() {
        return Some(altered());
    }
    // The first that is kept follows one that was swept.
    let before = AuditHead::of(last.get(1)?)?;
    if before.number != number - 1 {
        return Some(AuditFault::Missing(number - 1));
    }
    (row.digest.as_deref() != Some(digest_of(row, &before).as_slice())).then(altered)
}
