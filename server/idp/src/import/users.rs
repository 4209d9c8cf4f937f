//! Users of another server, with the number that applications know them by.

use oauth::field::{FieldErrors, FieldProblem};
use oauth::user::{Email, Profile, UserDraft};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::memory::{Known, was_called};
use super::report::explain;
use super::{Import, Kind, NUL, Row};
use crate::audit::Actor;
use crate::entity::account;
use crate::error::Error;
use crate::password::WerkzeugHash;
use crate::recycle::is_gone;
use crate::save::SaveError;
use crate::users::{login_keys, numbered_account_id};

/// The treatment of a row.
enum Standing {
    New,
    /// The user is here and stays as they are.
    Here,
    /// They came before, and were deleted here.
    Deleted,
    /// The number is another person's, or was.
    Another,
}

impl Import<'_> {
    pub(super) async fn take_users(&mut self) -> Result<(), Error> {
        for row in &self.seed.users {
            self.take_user(row).await?;
        }
        Ok(())
    }

    async fn take_user(&mut self, row: &Row) -> Result<(), Error> {
        let username = row.text("username");
        if row.holds_nul() {
            self.report.of(Kind::User).refuse(username, NUL);
            return Ok(());
        }
        let number = row.number("id").unwrap_or_default();
        let Some(id) = u64::try_from(number).ok().and_then(numbered_account_id) else {
            self.report.of(Kind::User).refuse(username, "its id is not a number from 1 to 281474976710655");
            return Ok(());
        };
        match self.standing(number, id, username).await? {
            Standing::New => {
                if !self.create_user(row, id).await? {
                    return Ok(());
                }
            }
            Standing::Here => self.report.of(Kind::User).skip(),
            Standing::Deleted => {
                self.report.of(Kind::User).skip();
                self.report.of(Kind::User).note(username, "they were deleted here and stay so");
                return Ok(());
            }
            Standing::Another => {
                let reason = format!(
                    "the number {number} is, or was, another person's here, so applications would take one for the other"
                );
                self.report.of(Kind::User).refuse(username, reason);
                return Ok(());
            }
        }
        self.memory.remember(Kind::User, &number.to_string(), &person(username), self.idp);
        self.users.insert(number);
        Ok(())
    }

    /// Compares the person with whoever has the number here or had it. The seed server gives the number of a user who was deleted to
    /// the next one, but never renames anybody, so a person is a server, a number and a name.
    async fn standing(&self, number: i64, id: Uuid, username: &str) -> Result<Standing, Error> {
        let here = account::Entity::find_by_id(id).one(self.idp.store.read()).await?;
        let known = self.memory.recall(Kind::User, &number.to_string(), &person(username));
        Ok(match (known, here) {
            (Known::Same, Some(_)) => Standing::Here,
            (Known::Same, None) => Standing::Deleted,
            (Known::Other, _) => Standing::Another,
            // From here on: whoever came when imports were not remembered.
            (Known::New, Some(row)) if login_keys(username).contains(&row.username_key) => Standing::Here,
            (Known::New, None) if is_gone(self.idp.store.read(), id).await? => Standing::Deleted,
            (Known::New, here) => match (was_called(self.idp, number, username).await?, here) {
                (Some(true), Some(_)) => Standing::Here,
                (Some(true), None) => Standing::Deleted,
                (None, None) => Standing::New,
                _ => Standing::Another,
            },
        })
    }

    /// Imports the user; true when the user is here now.
    async fn create_user(&mut self, row: &Row, id: Uuid) -> Result<bool, Error> {
        let username = row.text("username");
        let mut notes = Vec::new();
        let email = row.text("email").trim().to_owned();
        let good_email = Email::parse(&email).is_ok();
        if !good_email {
            notes.push("the email address is not well formed and was left out");
        }
        let draft = UserDraft {
            username: username.to_owned(),
            email: if good_email { email } else { String::new() },
            enabled: true,
            ..UserDraft::default()
        };
        let mut profile = match draft.check() {
            Ok(profile) => profile,
            Err(errors) => {
                self.report.of(Kind::User).refuse(username, explain(&errors));
                return Ok(false);
            }
        };
        let hash = row.find("password_hash").filter(|text| WerkzeugHash::parse(text).is_some()).map(str::to_owned);
        if hash.is_none() {
            notes.push("the password hash is not understood; set a new password");
        }
        let mut inserted = self.insert_user(id, profile.clone(), hash.clone()).await;
        if is_email_taken(&inserted) {
            notes.push("the email address is another user's here and was left out");
            profile.email = None;
            inserted = self.insert_user(id, profile, hash).await;
        }
        let outcome = self.report.of(Kind::User);
        match inserted {
            Ok(()) => outcome.import(),
            Err(SaveError::Failed(error)) => return Err(error),
            Err(SaveError::Invalid(errors)) => {
                outcome.refuse(username, explain(&errors));
                return Ok(false);
            }
            Err(error) => {
                outcome.refuse(username, error);
                return Ok(false);
            }
        }
        for note in notes {
            outcome.note(username, note);
        }
        Ok(true)
    }

    async fn insert_user(&mut self, id: Uuid, profile: Profile, hash: Option<String>) -> Result<(), SaveError> {
        if !self.dry_run {
            return self.idp.insert_user(Actor::command_line(), id, profile, hash).await.map(drop);
        }
        let username = ("username", profile.username.key().to_owned());
        let email = profile.email.iter().map(|email| ("email", email.key().to_owned()));
        let mut errors = FieldErrors::default();
        let names: Vec<(&'static str, String)> = std::iter::once(username).chain(email).collect();
        for (field, key) in &names {
            if self.new_names.contains(key) || self.idp.is_name_taken(key).await? {
                errors.note(field, FieldProblem::Taken);
            }
        }
        if errors.is_empty() {
            self.new_names.extend(names.into_iter().map(|(_, key)| key));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
    }
}

/// An address that another user has, under a name that nobody has.
fn is_email_taken(inserted: &Result<(), SaveError>) -> bool {
    matches!(inserted, Err(SaveError::Invalid(errors)) if errors.iter().all(|(field, _)| field == "email"))
}

/// The fact that tells a person of a server from another one.
fn person(username: &str) -> String {
    login_keys(username).into_iter().next().unwrap_or_default()
}
