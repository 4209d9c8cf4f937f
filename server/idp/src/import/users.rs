//! Users of another server, with the number that applications know them by.

use oauth::field::FieldProblem;
use oauth::user::{Email, UserDraft};

use super::report::explain;
use super::{Import, Kind, Row};
use crate::audit::Actor;
use crate::entity::account;
use crate::error::Error;
use crate::password::WerkzeugHash;
use crate::save::SaveError;
use crate::users::numbered_account_id;
use sea_orm::EntityTrait;

impl Import<'_> {
    pub(super) async fn take_users(&mut self) -> Result<(), Error> {
        for row in &self.seed.users {
            self.take_user(row).await?;
        }
        Ok(())
    }

    async fn take_user(&mut self, row: &Row) -> Result<(), Error> {
        let username = row.text("username");
        let number = row.number("id").unwrap_or_default();
        let Some(id) = u64::try_from(number).ok().and_then(numbered_account_id) else {
            self.report.of(Kind::User).refuse(username, "its id is not a number from 1 to 281474976710655");
            return Ok(());
        };
        let db = self.idp.store.read();
        if account::Entity::find_by_id(id).one(db).await?.is_some() {
            self.users.insert(number);
            self.report.of(Kind::User).skip();
            return Ok(());
        }
        let email = row.text("email").trim().to_owned();
        let good_email = Email::parse(&email).is_ok();
        let draft = UserDraft {
            username: username.to_owned(),
            email: if good_email { email } else { String::new() },
            enabled: true,
            ..UserDraft::default()
        };
        let profile = match draft.check() {
            Ok(profile) => profile,
            Err(errors) => {
                self.report.of(Kind::User).refuse(username, explain(&errors));
                return Ok(());
            }
        };
        let hash = row.find("password_hash").filter(|text| WerkzeugHash::parse(text).is_some()).map(str::to_owned);
        let understood = hash.is_some();
        let inserted = match self.dry_run {
            false => self.idp.insert_user(Actor::system(), id, profile, hash).await.map(drop),
            true => {
                let here = self.idp.find_account_by_login(profile.username.as_str()).await?.is_some();
                match here || !self.new_names.insert(profile.username.key().to_owned()) {
                    true => Err(SaveError::field("username", FieldProblem::Taken)),
                    false => Ok(()),
                }
            }
        };
        let outcome = self.report.of(Kind::User);
        match inserted {
            Ok(()) => outcome.import(),
            Err(SaveError::Invalid(errors)) => {
                outcome.refuse(username, explain(&errors));
                return Ok(());
            }
            Err(SaveError::Failed(error)) => return Err(error),
            Err(error) => {
                outcome.refuse(username, error);
                return Ok(());
            }
        }
        if !understood {
            outcome.note(username, "the password hash is not understood; set a new password");
        }
        if !good_email {
            outcome.note(username, "the email address is not well formed and was left out");
        }
        self.users.insert(number);
        Ok(())
    }
}
