//! Creating, changing and deleting users.

use oauth::field::FieldErrors;
use oauth::id::Subject;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use oauth::user::{Password, Profile, User, UserDraft};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::list::write_terms;
use super::names::{self, Names};
use super::{account_id, read_user};
use crate::audit::{self, Actor, Change};
use crate::entity::{account, account_link};
use crate::error::{Error, taken};
use crate::recycle::{self, Contents, is_gone};
use crate::save::SaveError;
use crate::sessions::sign_out_everywhere;
use crate::throttle::{self, Counted, Counter};
use crate::{Idp, password, random};

/// A change of a user. Members that are not there stay as they are.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// Everything but the password.
    pub profile: Option<UserDraft>,
    /// A new one ends every session and token of the user: whoever knew the old one is out, and wrong passwords of the past delay
    /// nobody any more.
    pub password: Option<Secret>,
}

/// A new profile, and the one it takes the place of.
#[derive(Clone)]
struct NewProfile {
    before: User,
    names_before: Names,
    names: Names,
    after: User,
    claims: String,
    /// The version that `before` was read in.
    read: i64,
}

/// A new password as it is stored, with the counter of wrong ones.
#[derive(Clone)]
struct NewPassword {
    hash: String,
    counter: Counter,
}

impl Idp {
    /// Creates a user with a password.
    ///
    /// # Errors
    /// See [`SaveError`]; a user name or an address that another user has is the problem `Taken` of its field.
    pub async fn create_user(&self, actor: &Actor, draft: &UserDraft, password: &str) -> Result<User, SaveError> {
        let mut errors = FieldErrors::default();
        let profile = draft.check().map_err(|problems| errors = problems).ok();
        let password = errors.take("password", Password::parse(password));
        let (Some(profile), Some(password)) = (profile, password) else {
            return Err(errors.into());
        };
        let id = random::uuid_v7(self.now());
        self.insert_user(actor.clone(), id, profile, Some(password::hash(&password).await?)).await
    }

    pub(crate) async fn insert_user(
        &self,
        actor: Actor,
        id: Uuid,
        profile: Profile,
        password_hash: Option<String>,
    ) -> Result<User, SaveError> {
        let now = self.now();
        let names = Names::from(&profile);
        let row = account::Model {
            id,
            username_key: names.username.clone(),
            email_key: names.email.clone(),
            username: profile.username.as_str().to_owned(),
            email: profile.email.map(|email| email.as_str().to_owned()),
            password_hash,
            claims: serde_json::to_string(&profile.claims).map_err(Error::internal)?,
            enabled: profile.enabled,
            version: 1,
            created_at: now.0,
            updated_at: now.0,
            last_sign_in_at: None,
        };
        let user = read_user(&row)?;
        let inserted_user = user.clone();
        let change = Change {
            actor,
            action: "user.create",
            target: user.subject.to_string(),
            before: None,
            after: Some(describe(&user)),
        };
        let inserted = self.store.write(move |tx| {
            Box::pin(async move {
                insert(tx, row, &names, &inserted_user).await?;
                // An import gives subjects, and nobody gets one that somebody had. Behind the insert, which waits for whoever deletes them.
                if is_gone(tx, id).await? {
                    return Err(Error::Taken("username"));
                }
                audit::append_version(tx, change, 1, now).await
            })
        });
        self.after_change(inserted.await)?;
        Ok(user)
    }

    /// Changes a user, all of it or nothing. `version` is the one the change was made from; `None` changes whatever is there. A user
    /// who is disabled is signed out everywhere.
    ///
    /// # Errors
    /// See [`SaveError`]; a user name or an address that another user has is the problem `Taken` of its field.
    pub async fn update_user(
        &self,
        actor: &Actor,
        subject: &Subject,
        version: Option<i64>,
        change: &UserChange,
    ) -> Result<(), SaveError> {
        let id = account_id(subject)?;
        let row = account::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound)?;
        let mut errors = FieldErrors::default();
        let profile = change.profile.as_ref().map(|draft| self.new_profile(&row, draft)).transpose();
        let profile = match profile {
            Ok(profile) => profile,
            Err(SaveError::Invalid(problems)) => {
                errors = problems;
                None
            }
            Err(error) => return Err(error),
        };
        let password = change.password.as_ref().map(|text| Password::parse(text.expose())).transpose();
        let password = errors.take("password", password).flatten();
        if !errors.is_empty() {
            return Err(errors.into());
        }
        if version.is_some_and(|version| version != row.version) {
            return Err(SaveError::Stale);
        }
        let password = match password {
            Some(password) => Some(NewPassword {
                hash: password::hash(&password).await?,
                counter: self.counter(&Counted::Account(id)),
            }),
            None => None,
        };
        let (actor, subject, now) = (actor.clone(), subject.clone(), self.now());
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                if let Some(profile) = profile {
                    write_profile(tx, &actor, id, profile, now).await?;
                }
                if let Some(password) = password {
                    write_password(tx, &actor, &subject, password, now).await?;
                }
                Ok(())
            })
        });
        Ok(self.after_change(written.await)?)
    }

    /// The profile that a draft makes of a row.
    fn new_profile(&self, row: &account::Model, draft: &UserDraft) -> Result<NewProfile, SaveError> {
        let before = read_user(row)?;
        let profile = draft.check_change(&before)?;
        let names = Names::from(&profile);
        Ok(NewProfile {
            names_before: Names::of_row(row),
            names,
            claims: serde_json::to_string(&profile.claims).map_err(Error::internal)?,
            read: row.version,
            after: User {
                username: profile.username.as_str().to_owned(),
                email: profile.email.map(|email| email.as_str().to_owned()),
                enabled: profile.enabled,
                claims: profile.claims,
                updated_at: self.now(),
                subject: before.subject.clone(),
            },
            before,
        })
    }

    /// Sets a new password; see [`UserChange::password`].
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn set_password(&self, actor: &Actor, subject: &Subject, new_password: &str) -> Result<(), SaveError> {
        let change = UserChange { password: Some(Secret::new(new_password)), ..UserChange::default() };
        self.update_user(actor, subject, None, &change).await
    }

    /// Ends every session of the user and revokes every token.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn revoke_user_tokens(&self, actor: &Actor, subject: &Subject) -> Result<(), Error> {
        let (id, now) = (account_id(subject)?, self.now());
        let change = plain_change(actor, "user.revoke_tokens", subject);
        let revoked = self.store.write(move |tx| {
            Box::pin(async move {
                account::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)?;
                sign_out_everywhere(tx, id, now).await?;
                audit::append(tx, change, now).await
            })
        });
        self.after_change(revoked.await)
    }

    /// Deletes a user with their sessions, grants and tokens. They lie in the bin with their consents, or are erased at once.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn delete_user(&self, actor: &Actor, subject: &Subject) -> Result<(), Error> {
        self.remove_user(actor, subject, None).await
    }

    /// Deletes a user who is as somebody saw them.
    ///
    /// # Errors
    /// `Stale` when they were changed since that version; as of [`Idp::delete_user`].
    pub async fn delete_user_at(&self, actor: &Actor, subject: &Subject, version: i64) -> Result<(), Error> {
        self.remove_user(actor, subject, Some(version)).await
    }

    async fn remove_user(&self, actor: &Actor, subject: &Subject, version: Option<i64>) -> Result<(), Error> {
        let (id, now, actor) = (account_id(subject)?, self.now(), actor.clone());
        let (change, is_kept) = (plain_change(&actor, "user.delete", subject), self.bin_retention() > 0);
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                // Locked, so that the names given up are those that the account has at its end.
                let row = account::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)?;
                if version.is_some_and(|version| version != row.version) {
                    return Err(Error::Stale);
                }
                if is_kept {
                    let links =
                        account_link::Entity::find().filter(account_link::Column::AccountId.eq(id)).all(tx).await?;
                    recycle::put(tx, &actor, &Contents::User { account: row.clone(), links }, now).await?;
                }
                let name = json!({ "username": row.username });
                sign_out_everywhere(tx, id, now).await?;
                names::delete(tx, &row).await?;
                audit::append(tx, Change { before: Some(name), ..change }, now).await?;
                if is_kept { Ok(()) } else { recycle::erase_person(tx, &actor, id, now).await }
            })
        });
        self.after_change(deleted.await)
    }
}

/// Writes an account that was deleted; what the record of changes says of it.
///
/// # Errors
/// `Taken` when another account has one of its names by now.
pub(crate) async fn insert_again(tx: &DatabaseTransaction, row: account::Model) -> Result<Value, Error> {
    let (user, names) = (read_user(&row)?, Names::of_row(&row));
    insert(tx, row, &names, &user).await?;
    Ok(describe(&user))
}

async fn insert(tx: &DatabaseTransaction, row: account::Model, names: &Names, user: &User) -> Result<(), Error> {
    let id = row.id;
    let inserted = account::Entity::insert(row.into_active_model()).exec_without_returning(tx).await;
    inserted.map(drop).map_err(|error| taken(error, "username"))?;
    names::claim(tx, id, names).await?;
    write_terms(tx, id, user).await
}

async fn write_profile(
    tx: &DatabaseTransaction,
    actor: &Actor,
    id: Uuid,
    profile: NewProfile,
    now: Timestamp,
) -> Result<(), Error> {
    let NewProfile { before, names_before, names, after, claims, read } = profile;
    let updated = account::Entity::update_many()
        .col_expr(account::Column::Username, Expr::value(after.username.clone()))
        .col_expr(account::Column::UsernameKey, Expr::value(names.username.clone()))
        .col_expr(account::Column::Email, Expr::value(after.email.clone()))
        .col_expr(account::Column::EmailKey, Expr::value(names.email.clone()))
        .col_expr(account::Column::Claims, Expr::value(claims))
        .col_expr(account::Column::Enabled, Expr::value(after.enabled))
        .col_expr(account::Column::Version, Expr::value(read + 1))
        .col_expr(account::Column::UpdatedAt, Expr::value(now.0))
        .filter(account::Column::Id.eq(id))
        .filter(account::Column::Version.eq(read))
        .exec(tx)
        .await
        .map_err(|error| taken(error, "username"))?;
    if updated.rows_affected == 0 {
        return Err(Error::Stale);
    }
    names::replace(tx, id, &names_before, &names).await?;
    write_terms(tx, id, &after).await?;
    if !after.enabled {
        sign_out_everywhere(tx, id, now).await?;
    }
    let change = Change {
        before: Some(describe(&before)),
        after: Some(describe(&after)),
        ..plain_change(actor, "user.update", &after.subject)
    };
    audit::append_version(tx, change, read + 1, now).await
}

async fn write_password(
    tx: &DatabaseTransaction,
    actor: &Actor,
    subject: &Subject,
    password: NewPassword,
    now: Timestamp,
) -> Result<(), Error> {
    let id = account_id(subject)?;
    let updated = account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, Expr::value(Some(password.hash)))
        .filter(account::Column::Id.eq(id))
        .exec(tx)
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::NotFound);
    }
    sign_out_everywhere(tx, id, now).await?;
    throttle::forget(tx, &password.counter).await?;
    audit::append(tx, plain_change(actor, "user.set_password", subject), now).await
}

fn plain_change(actor: &Actor, action: &'static str, subject: &Subject) -> Change {
    Change { actor: actor.clone(), action, target: subject.to_string(), before: None, after: None }
}

/// A user for the record of changes.
fn describe(user: &User) -> Value {
    json!({ "username": user.username, "email": user.email, "enabled": user.enabled, "claims": user.claims })
}
