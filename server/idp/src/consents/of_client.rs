//! The consents that people gave one client.

use std::collections::BTreeSet;

use oauth::count::Count;
use oauth::details::GrantedDetails;
use oauth::id::{ClientId, Subject};
use oauth::listing::Cursor;
use oauth::scope::ScopeDefinition;
use oauth::time::Timestamp;
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait as _, Order, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait as _,
};
use serde_json::json;
use uuid::Uuid;

use super::read_consent;
use crate::Idp;
use crate::audit::{self, Actor, Change};
use crate::entity::{bin, bin_consent, consent, grants};
use crate::error::Error;
use crate::grants::revoke_grants;
use crate::page::{MOST_LISTED, Stretch, count};
use crate::users::{lock_all_exclusive, subject_of};

/// Consents withdrawn in one transaction.
const BATCH: u64 = 500;

/// A consent of somebody.
#[derive(Debug, Clone)]
pub struct ClientConsentRow {
    pub user: Subject,
    pub username: String,
    /// The scopes that are still what was agreed to.
    pub scopes: Vec<ScopeDefinition>,
    /// The authorization details that were agreed to (RFC 9396).
    pub details: GrantedDetails,
    /// When they last agreed.
    pub granted_at: Timestamp,
}

impl ClientConsentRow {
    /// The place in the list behind this row.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}.{}", self.granted_at.0, self.user)
    }
}

impl Idp {
    /// The consents of a client, the newest first, beside a place in the list or from its beginning; at most `limit` and at most
    /// [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when there is no such place; or when the database does not answer.
    pub async fn list_consents_of_client(
        &self,
        client_id: &ClientId,
        place: Option<&Cursor>,
        limit: u64,
    ) -> Result<Stretch<ClientConsentRow>, Error> {
        use consent::Column as C;
        let limit = Ord::min(limit, MOST_LISTED);
        let mut which = Condition::all().add(C::ClientId.eq(client_id.as_str()));
        let falls = !place.is_some_and(Cursor::is_backward);
        if let Some(place) = place {
            let (at, account) = read_place(place.place()).ok_or(Error::NotFound)?;
            // Said twice, so that the index leads to the place.
            let (bound, past, last) = if falls {
                (C::GrantedAt.lte(at), C::GrantedAt.lt(at), C::AccountId.lt(account))
            } else {
                (C::GrantedAt.gte(at), C::GrantedAt.gt(at), C::AccountId.gt(account))
            };
            which = which.add(bound).add(Condition::any().add(past).add(last));
        }
        let direction = if falls { Order::Desc } else { Order::Asc };
        let rows = consent::Entity::find().filter(which).order_by(C::GrantedAt, direction.clone());
        let rows = rows.order_by(C::AccountId, direction).limit(limit + 1).all(self.store.read()).await?;
        let found = Stretch::beside(place, rows, limit);
        let names = self.usernames(found.rows.iter().map(|row| row.account_id).collect()).await?;
        let known = self.scopes_everywhere().await?;
        let mut rows = Vec::with_capacity(found.rows.len());
        for row in &found.rows {
            // An account that was deleted meanwhile took its consents with it.
            let Some(username) = names.get(&row.account_id).cloned() else { continue };
            let agreement = read_consent(row)?;
            rows.push(ClientConsentRow {
                user: subject_of(row.account_id),
                username,
                scopes: agreement.definitions(&known).cloned().collect(),
                details: agreement.details().clone(),
                granted_at: Timestamp(row.granted_at),
            });
        }
        Ok(found.with_rows(|_| rows))
    }

    /// The number of consents that people gave a client.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_consents_of_client(&self, client_id: &ClientId) -> Result<Count, Error> {
        let given = consent::Entity::find().filter(consent::Column::ClientId.eq(client_id.as_str()));
        count(self.store.read(), given.into_query()).await
    }

    /// Withdraws all consents that people gave a client, 500 in each transaction: with each go the codes and tokens that the client has
    /// of that user. Returns how many there were.
    ///
    /// # Errors
    /// `Unauthorized`, or when the database does not answer. What was withdrawn before stays so.
    pub async fn withdraw_consents_of_client(&self, actor: &Actor, client_id: &ClientId) -> Result<u64, Error> {
        let change = Change {
            actor: actor.clone(),
            action: "client.withdraw_consents",
            target: client_id.to_string(),
            before: None,
            after: None,
        };
        let (now, mut last, mut total) = (self.now(), Uuid::nil(), 0);
        loop {
            let (change, after) = (change.clone(), last);
            let batch = self.store.write(move |tx| Box::pin(withdraw_batch(tx, after, change, now)));
            let (withdrawn, end) = batch.await?;
            total += withdrawn;
            let Some(end) = end else { return Ok(total) };
            last = end;
        }
    }
}

/// A time and an account.
fn read_place(text: &str) -> Option<(i64, Uuid)> {
    let (at, subject) = text.split_once('.')?;
    Some((at.parse().ok()?, crate::users::account_id(&Subject::new(subject)).ok()?))
}

/// Withdraws the consents of the accounts behind `after`, up to 500. Returns how many there were, and the last account if there may be
/// more.
///
/// The accounts first: whoever stands on a consent to issue a code waits there, or is found below.
async fn withdraw_batch(
    tx: &DatabaseTransaction,
    after: Uuid,
    change: Change,
    now: Timestamp,
) -> Result<(u64, Option<Uuid>), Error> {
    use consent::Column as C;
    let accounts: Vec<Uuid> = consent::Entity::find()
        .select_only()
        .column(C::AccountId)
        .filter(C::ClientId.eq(change.target.as_str()))
        .filter(C::AccountId.gt(after))
        .order_by_asc(C::AccountId)
        .limit(BATCH)
        .into_tuple()
        .all(tx)
        .await?;
    let last = accounts.last().copied();
    let is_full = accounts.len() as u64 == BATCH;
    lock_all_exclusive(tx, accounts.iter().copied().collect::<BTreeSet<_>>()).await?;
    // Whoever comes back from the bin must not bring back what was withdrawn.
    let in_bin = withdraw_in_bin(tx, &change.target).await?;
    let given = C::ClientId.eq(change.target.as_str()).and(C::AccountId.is_in(accounts.iter().copied()));
    let deleted = in_bin + consent::Entity::delete_many().filter(given).exec(tx).await?.rows_affected;
    let held = grants::Column::ClientId.eq(change.target.as_str()).and(grants::Column::AccountId.is_in(accounts));
    revoke_grants(tx, held, now).await?;
    if deleted > 0 {
        audit::record(tx, Change { after: Some(json!({ "withdrawn": deleted })), ..change }, now).await?;
    }
    Ok((deleted, last.filter(|_| is_full)))
}

/// Deletes the consents that users in the bin gave a client; returns how many there were.
pub(crate) async fn withdraw_in_bin(tx: &DatabaseTransaction, client_id: &str) -> Result<u64, Error> {
    let users =
        Query::select().column(bin::Column::Id).from(bin::Entity).and_where(bin::Column::Kind.eq("user")).take();
    let given = bin_consent::Column::ClientId.eq(client_id).and(bin_consent::Column::BinId.in_subquery(users));
    Ok(bin_consent::Entity::delete_many().filter(given).exec(tx).await?.rows_affected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_time_and_a_subject() {
        let subject = "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11";
        assert!(read_place(&format!("1800000000.{subject}")).is_some_and(|(at, _)| at == 1_800_000_000));
        for wrong in ["", ".", "1.", "1.x", &format!("x.{subject}"), subject] {
            assert_eq!(read_place(wrong), None, "{wrong}");
        }
    }
}
