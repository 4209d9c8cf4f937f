//! The clients, consents and grants that a scope is part of.

use oauth::claims::likely_meant;
use oauth::client::{Client, ClientOrigin};
use oauth::count::Count;
use oauth::scope::ScopeDefinition;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder as _, QuerySelect as _, QueryTrait as _};

use crate::Idp;
use crate::clients::read_client;
use crate::entity::{account, client, consent, grants};
use crate::error::Error;
use crate::grants::is_live;
use crate::page::{MOST_LISTED, contains_pattern, count, pattern};

/// Clients that a page names.
const NAMED: usize = 10;

/// Everything that a scope is part of.
#[derive(Debug, Clone, Default)]
pub struct ScopeUsage {
    /// Clients that may ask for it.
    pub clients: Count,
    /// The first of them, by ID.
    pub first: Vec<Client>,
    /// Agreements of people that hold it.
    pub consents: Count,
    /// Grants that hold it and live.
    pub grants: Count,
}

impl Idp {
    /// Everything that `scope` is part of, counted as far as anybody wants to know.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scope_usage(&self, scope: &ScopeDefinition) -> Result<ScopeUsage, Error> {
        let (clients, first) = self.clients_that_may_ask_for(scope).await?;
        let db = self.store.read();
        let consents = holds(scope, consent::Column::Scope, consent::Column::Agreement);
        let held = holds(scope, grants::Column::Scope, grants::Column::Agreement);
        Ok(ScopeUsage {
            clients,
            first,
            consents: count(db, consent::Entity::find().filter(consents).into_query()).await?,
            grants: count(db, grants::Entity::find().filter(held).filter(is_live(self.now())).into_query()).await?,
        })
    }

    /// The documents that hold the word, as part of another perhaps, and those of clients that came by themselves and may ask for all
    /// there is are read in the order of their IDs, a stretch at a time.
    async fn clients_that_may_ask_for(&self, scope: &ScopeDefinition) -> Result<(Count, Vec<Client>), Error> {
        let (word, mut found, mut first, mut after) = (scope.name.as_str(), 0, Vec::new(), String::new());
        let document = client::Column::Document;
        let mut perhaps = Condition::any().add(document.like(contains_pattern(word)));
        for origin in ClientOrigin::ALL.iter().filter(|origin| origin.is_dynamic()) {
            perhaps = perhaps.add(document.like(contains_pattern(&format!("\"origin\":\"{origin}\""))));
        }
        loop {
            let rows = client::Entity::find()
                .filter(client::Column::ClientId.gt(after.as_str()))
                .filter(perhaps.clone())
                .order_by_asc(client::Column::ClientId)
                .limit(MOST_LISTED)
                .all(self.store.read())
                .await?;
            for row in &rows {
                let client = read_client(row)?;
                if client.may_ask_for(&scope.name) {
                    found += 1;
                    if first.len() < NAMED {
                        first.push(client);
                    }
                }
            }
            match rows.last() {
                Some(last) if rows.len() as u64 == MOST_LISTED && found <= Count::MOST => {
                    after.clone_from(&last.client_id);
                }
                _ => return Ok((Count::new(found), first)),
            }
        }
    }

    /// Those of `claims` that are probably misspelled, each with the standard claim that is probably meant: no user has one of
    /// that name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn misspelled_claims(&self, claims: &[String]) -> Result<Vec<(String, &'static str)>, Error> {
        let mut misspelled = Vec::new();
        for claim in claims {
            let Some(meant) = likely_meant(claim) else { continue };
            let having = account::Column::Claims.like(contains_pattern(&format!("\"{claim}\":")));
            let user = account::Entity::find().filter(having).one(self.store.read()).await?;
            if user.is_none() {
                misspelled.push((claim.clone(), meant));
            }
        }
        Ok(misspelled)
    }
}

/// True for rows whose agreement holds the scope. Rows from before meanings were recorded only name it.
fn holds<C: ColumnTrait>(scope: &ScopeDefinition, words: C, agreement: C) -> Condition {
    let (name, id) = (scope.name.as_str(), scope.id.as_str());
    // As an agreement is written: see `oauth::consent::Agreement`.
    let meaning = agreement.like(contains_pattern(&format!("\"scope\":\"{name}\",\"id\":\"{id}\"")));
    let unrecorded = (id.is_empty()).then(|| {
        let named = Condition::any()
            .add(words.eq(name))
            .add(words.like(pattern("", &format!("{name} "), "%")))
            .add(words.like(pattern("%", &format!(" {name}"), "")))
            .add(words.like(pattern("%", &format!(" {name} "), "%")));
        Condition::all().add(agreement.is_null()).add(named)
    });
    Condition::any().add(meaning).add_option(unrecorded)
}
