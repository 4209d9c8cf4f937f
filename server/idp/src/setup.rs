//! The first setup, and another admin token.

use oauth::secret::Secret;
use sea_orm::EntityTrait;

use crate::admin_token::{ADMIN_TOKEN, KeptToken};
use crate::audit::{self, Actor, Change};
use crate::entity::admin_session;
use crate::error::Error;
use crate::{Idp, random, scopes, settings};

/// The deed of the first setup.
pub(crate) const SET_UP: &str = "server.set_up";

/// The setting that says that the first steps were all done.
const FIRST_STEPS: &str = "first_steps";

/// The first steps after the setup: true for those that are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstSteps {
    pub client: bool,
    pub user: bool,
    /// Somebody signed in.
    pub sign_in: bool,
}

impl Idp {
    /// The first steps; `None` from the moment on at which all were seen done. They do not come back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn first_steps(&self) -> Result<Option<FirstSteps>, Error> {
        if settings::find(self.store.read(), FIRST_STEPS).await?.is_some() {
            return Ok(None);
        }
        let steps = FirstSteps {
            client: self.count_clients().await?.number() > 0,
            user: self.count_users().await?.number() > 0,
            sign_in: self.has_anybody_signed_in().await?,
        };
        if steps != (FirstSteps { client: true, user: true, sign_in: true }) {
            return Ok(Some(steps));
        }
        self.store.write(|tx| Box::pin(async move { settings::ensure(tx, FIRST_STEPS, "done").await })).await?;
        Ok(None)
    }

    /// True once the first setup is done.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_set_up(&self) -> Result<bool, Error> {
        if self.set_up.get().is_some() {
            return Ok(true);
        }
        let done = settings::find(self.store.read(), ADMIN_TOKEN).await?.is_some();
        if done {
            // It is never undone, so it need not be asked again.
            let _ = self.set_up.set(());
        }
        Ok(done)
    }

    /// Does the first setup: keeps the digest of `chosen`, or of a token made here, and creates the core scopes. Returns the
    /// token; `None` when the setup was done before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_up(&self, chosen: Option<&Secret>) -> Result<Option<Secret>, Error> {
        let token = chosen.cloned().unwrap_or_else(|| Secret::new(random::token()));
        let done = self.set_up_with(KeptToken::of(&token).as_str().to_owned()).await?;
        Ok(done.then_some(token))
    }

    /// Does the first setup with what is kept of an admin token: its digest, or the hash that another server kept. False when
    /// the setup was done before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn set_up_with(&self, kept: String) -> Result<bool, Error> {
        let now = self.now();
        let done = self.store.write(move |tx| {
            Box::pin(async move {
                if !settings::put_first(tx, ADMIN_TOKEN, &kept).await? {
                    return Ok(false);
                }
                scopes::put_core_scopes(tx, now).await?;
                audit::append(tx, change(Actor::system(), SET_UP), now).await?;
                Ok(true)
            })
        });
        self.after_change(done.await)
    }

    /// Makes a new admin token; the old one and every open console end.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else did so at the same moment: theirs is the token. [`Error::NotFound`] before the first
    /// setup.
    pub async fn reset_admin_token(&self) -> Result<Secret, Error> {
        let old = settings::find(self.store.read(), ADMIN_TOKEN).await?.ok_or(Error::NotFound)?;
        let token = Secret::new(random::token());
        let (kept, now) = (KeptToken::of(&token), self.now());
        let reset = self.store.write(move |tx| {
            Box::pin(async move {
                if !settings::replace(tx, ADMIN_TOKEN, &old, kept.as_str()).await? {
                    return Err(Error::Stale);
                }
                admin_session::Entity::delete_many().exec(tx).await?;
                audit::append(tx, change(Actor::command_line(), "server.reset_admin_token"), now).await
            })
        });
        self.after_change(reset.await)?;
        Ok(token)
    }
}

fn change(actor: Actor, action: &'static str) -> Change {
    Change { actor, action, target: "server".to_owned(), before: None, after: None }
}
