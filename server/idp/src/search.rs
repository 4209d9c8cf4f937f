//! Finding users and clients by the beginning of a word.
//!
//! A term is the rest of a name, of an ID or of an address from the beginning of a word on, in small letters. What is searched for is the
//! beginning of a term, which is a range of an index: a search costs the same among a thousand and among a million.

use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;

use oauth::user::search_key;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, TryGetable, Value};

use crate::error::Error;
use crate::page::contains_pattern;

/// Terms that are read for one search. Whoever has not found something among so many types more of it.
const MOST: u64 = 1_000;

/// Terms among which is looked for something that no word begins with.
const LOOKED_THROUGH: u64 = 20_000;

/// Characters of a term.
const LENGTH: usize = 64;

/// Terms of one text.
const WORDS: usize = 16;

/// A kind of thing that is searched.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Index {
    Accounts,
    Clients,
}

impl Index {
    fn table(self) -> &'static str {
        match self {
            Self::Accounts => "account_term",
            Self::Clients => "client_term",
        }
    }

    /// The terms, from the first one on.
    fn terms(self) -> SelectStatement {
        Query::select().columns(["term", "owner"]).from(self.table()).take()
    }
}

/// Writes what something is found by, in place of what it was found by.
pub(crate) async fn replace(
    tx: &DatabaseTransaction,
    index: Index,
    owner: impl Into<Value>,
    texts: &[&str],
) -> Result<(), Error> {
    let owner = owner.into();
    let forget = Query::delete().from_table(index.table()).and_where(Expr::col("owner").eq(owner.clone())).take();
    tx.execute(&forget).await?;
    let terms: BTreeSet<String> = texts.iter().flat_map(|text| terms(text)).collect();
    if terms.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert().into_table(index.table()).columns(["term", "owner"]).take();
    for term in terms {
        insert.values([term.into(), owner.clone().into()]).map_err(Error::internal)?;
    }
    tx.execute(&insert).await?;
    Ok(())
}

/// The things found, each once, in the order of the terms: a thing called exactly so comes first.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) owners: Vec<T>,
    /// There is more than was read.
    pub(crate) is_more: bool,
}

/// Finds what `text` is the beginning of a word of, or else, among a bounded number, what contains it.
pub(crate) async fn find<T>(db: &DatabaseConnection, index: Index, text: &str) -> Result<Found<T>, Error>
where
    T: TryGetable + Eq + Hash + Clone,
{
    let beginning = beginning(text);
    let end = format!("{beginning}{}", char::MAX);
    let begins = index.terms().and_where(Expr::col("term").gte(beginning)).and_where(Expr::col("term").lt(end)).take();
    let found = owners(db, begins).await?;
    if !found.owners.is_empty() {
        return Ok(found);
    }
    // In an order, because PostgreSQL begins a walk through a table anywhere: a search would find something now and then.
    let first = |column| (column, Order::Asc);
    let some = index.terms().order_by_columns([first("term"), first("owner")]).limit(LOOKED_THROUGH).take();
    let within = Query::select()
        .columns(["term", "owner"])
        .from_subquery(some, "some")
        .and_where(Expr::col("term").like(contains_pattern(&search_key(text))))
        .take();
    owners(db, within).await
}

async fn owners<T>(db: &DatabaseConnection, mut query: SelectStatement) -> Result<Found<T>, Error>
where
    T: TryGetable + Eq + Hash + Clone,
{
    query.order_by("term", Order::Asc).order_by("owner", Order::Asc).limit(MOST);
    let rows = db.query_all(&query).await?;
    let mut seen = HashSet::new();
    let mut owners = Vec::new();
    for row in &rows {
        let owner: T = row.try_get("", "owner")?;
        if seen.insert(owner.clone()) {
            owners.push(owner);
        }
    }
    Ok(Found { owners, is_more: rows.len() as u64 >= MOST })
}

/// The beginnings that a text is found by: every word of it, and of an address the words before the domain and the domain.
fn terms(text: &str) -> Vec<String> {
    let text = search_key(text);
    let last = text.rfind('@').map_or(text.len(), |at| at + 1);
    let mut terms = Vec::new();
    let mut in_word = false;
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= last) {
        let begins = c.is_alphanumeric() && !in_word;
        in_word = c.is_alphanumeric();
        if (at == 0 || begins) && terms.len() < WORDS {
            terms.push(text.chars().skip(text.get(..at).unwrap_or_default().chars().count()).take(LENGTH).collect());
        }
    }
    terms
}

/// The beginning of the terms that a search is for.
fn beginning(text: &str) -> String {
    let text = search_key(text);
    let text = text.strip_prefix('@').unwrap_or(&text);
    text.chars().take(LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_by_each_of_its_words() {
        assert_eq!(terms("alice"), ["alice"]);
        assert_eq!(terms("Ada Lovelace"), ["ada lovelace", "lovelace"]);
        assert_eq!(terms("Ärzte e.V. 100%"), ["ärzte e.v. 100%", "e.v. 100%", "v. 100%", "100%"]);
        assert_eq!(
            terms("j.smith@mail.Example.com"),
            ["j.smith@mail.example.com", "smith@mail.example.com", "mail.example.com"]
        );
        assert_eq!(terms("<b>"), ["<b>", "b>"]);
        assert!(terms("").is_empty());
        assert_eq!(terms(&"a ".repeat(500)).len(), WORDS);
        assert_eq!(terms(&"ä".repeat(200)), ["ä".repeat(LENGTH)]);
        assert_eq!(beginning(" @Example "), "example");
    }
}
