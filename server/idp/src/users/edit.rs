//! Creating, changing and deleting users.

use oauth::field::FieldProblem;
use oauth::id::Subject;
use oauth::time::Timestamp;
use oauth::user::{Profile, User, UserDraft, check_any_password};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{account_id, fold, read_user};
use crate::audit::{self, Actor, Change};
use crate::entity::{account, grants, session};
use crate::error::Error;
use crate::grants::revoke_grants;
use crate::save::SaveError;
use crate::throttle::{self, Counted};
use crate::{Idp, password, random};

impl Idp {
    /// Creates a user with a password.
    ///
    /// # Errors
    /// See [`SaveError`]; a user name that exists is the problem `Taken` of `username`.
    pub async fn create_user(&self, actor: &Actor, draft: &UserDraft, password: &str) -> Result<User, SaveError> {
        let checked = (draft.check(), check_any_password(password));
        let profile = match checked {
            (Ok(profile), Ok(())) => profile,
            (profile, checked) => {
                let mut errors = profile.err().unwrap_or_default();
                errors.take("password", checked);
                return Err(errors.into());
            }
        };
        let id = random::uuid_v7(self.now());
        self.insert_user(actor.clone(), id, profile, Some(password::hash(password).await?)).await
    }

    pub(crate) async fn insert_user(
        &self,
        actor: Actor,
        id: Uuid,
        profile: Profile,
        password_hash: Option<String>,
    ) -> Result<User, SaveError> {
        let now = self.now();
        let row = account::Model {
            id,
            username_key: fold(&profile.username),
            email_key: profile.email.as_deref().map(fold),
            username: profile.username,
            email: profile.email,
            password_hash,
            claims: serde_json::to_string(&profile.claims).map_err(Error::internal)?,
            enabled: profile.enabled,
            version: 1,
            created_at: now.0,
            updated_at: now.0,
            last_sign_in_at: None,
        };
        let user = read_user(&row)?;
        let change = Change {
            actor,
            action: "user.create",
            target: user.subject.to_string(),
            before: None,
            after: Some(describe(&user)),
        };
        let inserted = self.store.write(move |tx| {
            Box::pin(async move {
                account::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                audit::append(tx, change, now).await
            })
        });
        taken(self.after_change(inserted.await))?;
        Ok(user)
    }

    /// Changes a user. `version` is the one the change was made from; `None` changes whatever is there. A user who is
    /// disabled is signed out everywhere.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn update_user(
        &self,
        actor: &Actor,
        subject: &Subject,
        version: Option<i64>,
        draft: &UserDraft,
    ) -> Result<(), SaveError> {
        let profile = draft.check()?;
        let current = self.get_user(subject).await?;
        if version.is_some_and(|version| version != current.version) {
            return Err(SaveError::Stale);
        }
        let (id, read, now) = (account_id(subject)?, current.version, self.now());
        let claims = serde_json::to_string(&profile.claims).map_err(Error::internal)?;
        let after = User {
            username: profile.username.clone(),
            email: profile.email.clone(),
            enabled: profile.enabled,
            claims: profile.claims,
            updated_at: now,
            subject: subject.clone(),
        };
        let change = Change {
            actor: actor.clone(),
            action: "user.update",
            target: subject.to_string(),
            before: Some(describe(&current.user)),
            after: Some(describe(&after)),
        };
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                let updated = account::Entity::update_many()
                    .col_expr(account::Column::Username, Expr::value(after.username.clone()))
                    .col_expr(account::Column::UsernameKey, Expr::value(fold(&after.username)))
                    .col_expr(account::Column::Email, Expr::value(after.email.clone()))
                    .col_expr(account::Column::EmailKey, Expr::value(after.email.as_deref().map(fold)))
                    .col_expr(account::Column::Claims, Expr::value(claims))
                    .col_expr(account::Column::Enabled, Expr::value(after.enabled))
                    .col_expr(account::Column::Version, Expr::value(read + 1))
                    .col_expr(account::Column::UpdatedAt, Expr::value(now.0))
                    .filter(account::Column::Id.eq(id))
                    .filter(account::Column::Version.eq(read))
                    .exec(tx)
                    .await?;
                if updated.rows_affected == 0 {
                    return Err(Error::Stale);
                }
                if !after.enabled {
                    sign_out_everywhere(tx, id, now).await?;
                }
                audit::append(tx, change, now).await
            })
        });
        match written.await {
            Err(Error::Stale) => Err(SaveError::Stale),
            other => taken(self.after_change(other)),
        }
    }

    /// Sets a new password. Every session and token of the user ends: whoever knew the old one is out, and
    /// wrong passwords of the past delay nobody any more.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn set_password(&self, actor: &Actor, subject: &Subject, new_password: &str) -> Result<(), SaveError> {
        check_any_password(new_password).map_err(|problem| SaveError::field("password", problem))?;
        let hash = password::hash(new_password).await?;
        let (id, now) = (account_id(subject)?, self.now());
        let change = plain_change(actor, "user.set_password", subject);
        let counter = self.counter(&Counted::Account(id));
        let set = self.store.write(move |tx| {
            Box::pin(async move {
                let updated = account::Entity::update_many()
                    .col_expr(account::Column::PasswordHash, Expr::value(Some(hash)))
                    .filter(account::Column::Id.eq(id))
                    .exec(tx)
                    .await?;
                if updated.rows_affected == 0 {
                    return Err(Error::NotFound);
                }
                sign_out_everywhere(tx, id, now).await?;
                throttle::forget(tx, &counter).await?;
                audit::append(tx, change, now).await
            })
        });
        Ok(self.after_change(set.await)?)
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
                account::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
                sign_out_everywhere(tx, id, now).await?;
                audit::append(tx, change, now).await
            })
        });
        self.after_change(revoked.await)
    }

    /// Deletes a user with their sessions, consents, grants and tokens.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn delete_user(&self, actor: &Actor, subject: &Subject) -> Result<(), Error> {
        let (id, now) = (account_id(subject)?, self.now());
        let mut change = plain_change(actor, "user.delete", subject);
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                let row = account::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
                change.before = Some(describe(&read_user(&row)?));
                account::Entity::delete_by_id(id).exec(tx).await?;
                audit::append(tx, change, now).await
            })
        });
        self.after_change(deleted.await)
    }
}

async fn sign_out_everywhere(tx: &DatabaseTransaction, id: Uuid, now: Timestamp) -> Result<(), Error> {
    session::Entity::delete_many().filter(session::Column::AccountId.eq(id)).exec(tx).await?;
    revoke_grants(tx, grants::Column::AccountId.eq(id), now).await
}

fn taken(result: Result<(), Error>) -> Result<(), SaveError> {
    match result {
        Err(Error::Conflict) => Err(SaveError::field("username", FieldProblem::Taken)),
        other => Ok(other?),
    }
}

fn plain_change(actor: &Actor, action: &'static str, subject: &Subject) -> Change {
    Change { actor: actor.clone(), action, target: subject.to_string(), before: None, after: None }
}

/// A user for the record of changes.
fn describe(user: &User) -> Value {
    json!({ "username": user.username, "email": user.email, "enabled": user.enabled, "claims": user.claims })
}
