//! The list of users, searched and in pages.

use oauth::time::Timestamp;
use oauth::user::{User, fold};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::read_user;
use crate::Idp;
use crate::entity::account;
use crate::error::Error;
use crate::page::{Page, PageRequest, contains_pattern};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub user: User,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
}

impl Idp {
    /// One page of the users whose name or address contains `text`, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_users(&self, text: &str, page: PageRequest) -> Result<Page<UserRow>, Error> {
        let mut condition = Condition::all();
        if !text.trim().is_empty() {
            let like = |column: account::Column| Expr::col(column).like(contains_pattern(&fold(text)));
            condition = condition
                .add(Condition::any().add(like(account::Column::UsernameKey)).add(like(account::Column::EmailKey)));
        }
        let query = account::Entity::find().filter(condition).order_by_asc(account::Column::UsernameKey);
        let pages = query.paginate(self.store.read(), page.size);
        let total = pages.num_items().await?;
        let rows = pages.fetch_page(page.index()).await?;
        let rows = rows.iter().map(|row| {
            Ok(UserRow {
                user: read_user(row)?,
                created_at: Timestamp(row.created_at),
                last_sign_in_at: row.last_sign_in_at.map(Timestamp),
            })
        });
        Ok(Page { rows: rows.collect::<Result<_, Error>>()?, total, request: page })
    }

    /// The number of users.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_users(&self) -> Result<u64, Error> {
        Ok(account::Entity::find().count(self.store.read()).await?)
    }
}
