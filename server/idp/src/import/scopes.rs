//! Scopes of another server.

use std::collections::BTreeSet;

use oauth::scope::{CORE_SCOPES, ScopeDraft};

use super::{Import, Kind};
use crate::audit::Actor;
use crate::error::Error;
use crate::save::SaveError;

impl Import<'_> {
    /// Creates the scopes that are not here: those with a row, and those that clients only name.
    pub(super) async fn take_scopes(&mut self) -> Result<(), Error> {
        if !self.dry_run {
            self.idp.create_core_scopes().await?;
        }
        let mut known: BTreeSet<String> = self.idp.scopes().await?.iter().map(|scope| scope.name.to_string()).collect();
        known.extend(CORE_SCOPES.iter().map(|(name, ..)| (*name).to_owned()));
        for row in &self.seed.scopes {
            let name = row.text("name").trim().to_owned();
            if known.contains(&name) {
                self.report.of(Kind::Scope).skip();
                continue;
            }
            let claims: Option<Vec<String>> =
                row.find("claims").map_or(Some(Vec::new()), |json| serde_json::from_str(json).ok());
            if claims.is_none() {
                self.report.of(Kind::Scope).note(&name, "its claims are not a JSON array of names; it opens none now");
            }
            let draft = ScopeDraft {
                description: row.find("description").unwrap_or(&name).to_owned(),
                claims: claims.unwrap_or_default().join("\n"),
                name: name.clone(),
            };
            if self.create_scope(&draft).await? {
                known.insert(name);
            }
        }
        let (clients, policies) = (self.seed.clients.iter(), self.seed.policies.iter());
        let named = clients.map(|row| row.text("scope"));
        let named = named.chain(policies.flat_map(|row| [row.text("allowed_scopes"), row.text("default_scopes")]));
        let missing: BTreeSet<&str> =
            named.flat_map(str::split_whitespace).filter(|name| !known.contains(*name)).collect();
        for name in missing {
            let draft = ScopeDraft { name: name.to_owned(), description: name.to_owned(), claims: String::new() };
            if self.create_scope(&draft).await? {
                self.report.of(Kind::Scope).note(name, "a client names it, but it had no description; give it one");
            }
        }
        Ok(())
    }

    /// Whether the scope is here now.
    async fn create_scope(&mut self, draft: &ScopeDraft) -> Result<bool, Error> {
        let created = match self.dry_run {
            true => draft.check().map(drop).map_err(SaveError::from),
            false => self.idp.create_scope(&Actor::system(), draft).await,
        };
        let outcome = self.report.of(Kind::Scope);
        match created {
            Ok(()) => outcome.import(),
            Err(SaveError::Invalid(errors)) => {
                outcome.refuse(&draft.name, super::report::explain(&errors));
                return Ok(false);
            }
            Err(SaveError::Failed(error)) => return Err(error),
            Err(error) => outcome.refuse(&draft.name, error),
        }
        Ok(true)
    }
}
