//! The accounts of people whom an issuer elsewhere vouches for.

use oauth::count::Count;
use oauth::field::FieldProblem;
use oauth::id::{Subject, TrustId};
use oauth::listing::Cursor;
use oauth::time::Timestamp;
use oauth::trust::{AccountRule, IdJag, LinkDraft, Trust, TrustRole};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _,
};
use serde_json::json;
use sha2::Digest as _;
use uuid::Uuid;

use super::{KnownTrust, read_trust, row_id};
use crate::audit::{self, Actor, Change};
use crate::entity::{account, account_link, trust};
use crate::error::Error;
use crate::page::{MOST_LISTED, Stretch, count};
use crate::save::SaveError;
use crate::users::{account_id, lock_shared, read_user, subject_of};
use crate::{Idp, random};

/// Somebody whom an issuer vouches for, and their account.
#[derive(Debug, Clone)]
pub struct LinkRow {
    pub id: String,
    /// The person, as the issuer calls them.
    pub subject: String,
    pub user: Subject,
    pub username: String,
    pub created_at: Timestamp,
}

/// The account that an assertion speaks of.
#[derive(Debug, Clone)]
pub(crate) struct Vouched {
    pub(crate) account: Uuid,
    /// The link that is to be made: it is the first assertion about this person.
    pub(crate) link: Option<account_link::Model>,
}

impl Idp {
    /// The account that an assertion speaks of; `None`: nobody knows.
    pub(crate) async fn find_vouched(&self, trust: &KnownTrust, said: &IdJag) -> Result<Option<Vouched>, Error> {
        let db = self.store.read();
        let digest = digest(&trust.trust, &said.subject);
        let linked = account_link::Entity::find().filter(account_link::Column::Digest.eq(digest)).one(db).await?;
        if let Some(row) = linked {
            return Ok(Some(Vouched { account: row.account_id, link: None }));
        }
        let TrustRole::IdentityProvider { accounts, .. } = &trust.role else { return Ok(None) };
        let found = match (accounts, &said.verified_email, &said.aud_sub) {
            (AccountRule::VerifiedEmail, Some(email), _) => self.find_account_by_verified_email(email).await?,
            (AccountRule::AudienceSubject, _, Some(subject)) => match account_id(&Subject::new(subject.as_str())) {
                Ok(id) => account::Entity::find_by_id(id).one(db).await?,
                Err(_) => None,
            },
            _ => None,
        };
        let Some(row) = found else { return Ok(None) };
        let link = new_link(&trust.trust, row.id, &said.subject, self.now())?;
        Ok(Some(Vouched { account: row.id, link: Some(link) }))
    }

    /// The one account with this address, if it is verified here, too.
    async fn find_account_by_verified_email(&self, email: &str) -> Result<Option<account::Model>, Error> {
        let Some(row) = self.find_account_by_login(email).await? else { return Ok(None) };
        // To the letter, but for the case of ASCII: what looks alike may be another mailbox there.
        let is_theirs = row.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(email));
        Ok(if is_theirs && read_user(&row)?.claims.email_verified { Some(row) } else { None })
    }

    /// Links somebody whom an issuer vouches for to an account.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn link_account(&self, actor: &Actor, id: &TrustId, draft: &LinkDraft) -> Result<LinkRow, SaveError> {
        let (subject, typed) = draft.check()?;
        let record = self.get_trust(id).await?;
        if !matches!(record.trust.role, TrustRole::IdentityProvider { .. }) {
            return Err(SaveError::NotFound);
        }
        let user =
            self.find_user_called(&typed).await?.ok_or_else(|| SaveError::field("user", FieldProblem::NoUser))?;
        let now = self.now();
        let row = new_link(&record.trust, account_id(&user.subject)?, &subject, now)?;
        let link =
            LinkRow { id: row.id.to_string(), subject, user: user.subject, username: user.username, created_at: now };
        let change = changed(actor, "trust.link", id, &link);
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                write_link(tx, row).await?;
                audit::append(tx, change, now).await
            })
        });
        match written.await {
            Err(Error::Conflict) => Err(SaveError::field("subject", FieldProblem::Taken)),
            other => {
                self.after_change(other)?;
                Ok(link)
            }
        }
    }

    /// Ends a link, and returns it. Assertions about that person are refused, unless the trust finds the account by itself; tokens that were
    /// given live to their end.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn unlink_account(&self, actor: &Actor, id: &TrustId, link: &str) -> Result<LinkRow, Error> {
        let link = Uuid::parse_str(link).map_err(|_| Error::NotFound)?;
        let (actor, id, owner, now) = (actor.clone(), id.clone(), row_id(id)?, self.now());
        let unlinked = self.store.write(move |tx| {
            Box::pin(async move {
                let found = account_link::Entity::find_by_id(link).find_also_related(account::Entity).one(tx).await?;
                let (row, user) = found.filter(|(row, _)| row.trust_id == owner).ok_or(Error::NotFound)?;
                if account_link::Entity::delete_by_id(link).exec(tx).await?.rows_affected == 0 {
                    return Err(Error::NotFound);
                }
                let link = read_link(row, user);
                audit::append(tx, changed(&actor, "trust.unlink", &id, &link), now).await?;
                Ok(link)
            })
        });
        self.after_change(unlinked.await)
    }

    /// The oldest links of a user, each with the trust in the issuer that vouches for them; at most `limit` and at most
    /// [`MOST_LISTED`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn links_of(&self, user: &Subject, limit: u64) -> Result<Stretch<(LinkRow, Trust)>, Error> {
        let limit = limit.min(MOST_LISTED);
        let query = account_link::Entity::find().filter(account_link::Column::AccountId.eq(account_id(user)?));
        let query = query.find_also_related(trust::Entity).order_by_asc(account_link::Column::Id).limit(limit + 1);
        let found = query.all(self.store.read()).await?.into_iter();
        let links = found.filter_map(|(row, trust)| Some((read_link(row, None), trust?)));
        let links = links.map(|(link, trust)| Ok((link, read_trust(&trust)?))).collect::<Result<_, Error>>()?;
        Ok(Stretch::of(links, limit))
    }

    /// One link of a trust.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn get_link(&self, id: &TrustId, link: &str) -> Result<LinkRow, Error> {
        let link = Uuid::parse_str(link).map_err(|_| Error::NotFound)?;
        let query = account_link::Entity::find_by_id(link).filter(account_link::Column::TrustId.eq(row_id(id)?));
        let found = query.find_also_related(account::Entity).one(self.store.read()).await?;
        found.map(|(row, user)| read_link(row, user)).ok_or(Error::NotFound)
    }

    /// The links of a trust beside one, or the first, in the order in which they were made; at most `limit` and at most
    /// [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when the place is no ID, or when the database does not answer.
    pub async fn list_links(
        &self,
        id: &TrustId,
        place: Option<&Cursor>,
        limit: u64,
    ) -> Result<Stretch<LinkRow>, Error> {
        let (limit, link) = (limit.min(MOST_LISTED), account_link::Column::Id);
        let mut query = account_link::Entity::find().filter(account_link::Column::TrustId.eq(row_id(id)?));
        let falls = place.is_some_and(Cursor::is_backward);
        if let Some(place) = place {
            let last = Uuid::parse_str(place.place()).map_err(|_| Error::NotFound)?;
            query = query.filter(if falls { link.lt(last) } else { link.gt(last) });
        }
        let query = query.order_by(link, if falls { Order::Desc } else { Order::Asc }).limit(limit + 1);
        let rows = query.find_also_related(account::Entity).all(self.store.read()).await?;
        Ok(Stretch::beside(place, rows.into_iter().map(|(row, user)| read_link(row, user)).collect(), limit))
    }

    /// The number of links of a trust.
    ///
    /// # Errors
    /// `NotFound` when nothing can be called so; or when the database does not answer.
    pub async fn count_links(&self, id: &TrustId) -> Result<Count, Error> {
        let links = account_link::Entity::find().filter(account_link::Column::TrustId.eq(row_id(id)?));
        count(self.store.read(), links.into_query()).await
    }
}

/// Writes a link that an assertion made. `actor` is made where the request is known.
pub(crate) async fn write_found(
    tx: &DatabaseTransaction,
    actor: &Actor,
    row: account_link::Model,
    now: Timestamp,
) -> Result<(), Error> {
    let (id, link) = (TrustId::new(row.trust_id.to_string()), read_link(row.clone(), None));
    write_link(tx, row).await?;
    audit::record(tx, changed(actor, "trust.link", &id, &link), now).await
}

/// Writes a link, of an account and a trust that are there. The trust is locked before the account.
async fn write_link(tx: &DatabaseTransaction, row: account_link::Model) -> Result<(), Error> {
    trust::Entity::find_by_id(row.trust_id).one(tx).await?.ok_or(Error::NotFound)?;
    lock_shared(tx, row.account_id).await?;
    account_link::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

fn new_link(trust: &Trust, account: Uuid, subject: &str, now: Timestamp) -> Result<account_link::Model, Error> {
    Ok(account_link::Model {
        id: random::uuid_v7(now),
        trust_id: row_id(&trust.id)?,
        account_id: account,
        digest: digest(trust, subject),
        subject: subject.to_owned(),
        created_at: now.0,
    })
}

fn read_link(row: account_link::Model, user: Option<account::Model>) -> LinkRow {
    LinkRow {
        id: row.id.to_string(),
        subject: row.subject,
        user: subject_of(row.account_id),
        username: user.map(|user| user.username).unwrap_or_default(),
        created_at: Timestamp(row.created_at),
    }
}

/// A subject of one tenant is somebody else in another.
fn digest(trust: &Trust, subject: &str) -> Vec<u8> {
    let tenant = match &trust.role {
        TrustRole::IdentityProvider { tenant, .. } => tenant.as_deref(),
        TrustRole::WorkloadIssuer { .. } | TrustRole::AuthorizationServer { .. } => None,
    };
    sha2::Sha256::digest(json!([trust.id, tenant, subject]).to_string()).to_vec()
}

fn changed(actor: &Actor, action: &'static str, id: &TrustId, link: &LinkRow) -> Change {
    let after = Some(json!({ "subject": link.subject, "user": link.user }));
    Change { actor: actor.clone(), action, target: id.to_string(), before: None, after }
}
