//! Scopes of another server.

use oauth::claims::check_scope_claim;
use oauth::field::FieldProblem;
use oauth::scope::{CORE_SCOPES, ScopeDraft, ScopeToken};

use super::memory::was_made_here;
use super::{Import, Kind, Known, NUL, Row};
use crate::audit::Actor;
use crate::error::Error;
use crate::save::SaveError;
use crate::scopes::find_core_scope;

impl Import<'_> {
    /// Creates the scopes with a row that are not here. Those that clients only name come with the clients.
    pub(super) async fn take_scopes(&mut self) -> Result<(), Error> {
        if !self.dry_run {
            self.idp.create_core_scopes().await?;
        }
        self.scopes = self.idp.scopes().await?.iter().map(|scope| scope.name.to_string()).collect();
        if !self.scopes.contains("openid") {
            // As they would be created above.
            self.scopes.extend(CORE_SCOPES.iter().map(|(name, ..)| (*name).to_owned()));
        }
        for row in &self.seed.scopes {
            self.take_scope(row).await?;
        }
        Ok(())
    }

    async fn take_scope(&mut self, row: &Row) -> Result<(), Error> {
        let name = row.text("name").trim();
        if row.holds_nul() {
            self.report.of(Kind::Scope).refuse(name, NUL);
            return Ok(());
        }
        if self.scopes.contains(name) {
            self.report.of(Kind::Scope).skip();
            self.memory.remember(Kind::Scope, name, "", self.idp);
            return Ok(());
        }
        if self.was_deleted(name).await? {
            self.report.of(Kind::Scope).skip();
            self.report.of(Kind::Scope).note(name, "it was deleted here and stays so");
            return Ok(());
        }
        // What the protocol says of a scope is said here as it is said to new servers, not as it was said there.
        let draft = match find_core_scope(name) {
            Some(core) => ScopeDraft::from(&core),
            None => self.read_scope(name, row),
        };
        if self.create_scope(&draft).await? {
            let claims: Vec<String> = draft.claims.split_whitespace().map(str::to_owned).collect();
            for (claim, meant) in self.idp.misspelled_claims(&claims).await? {
                let text = format!("no user has the claim {claim}; is {meant} meant?");
                self.report.of(Kind::Scope).note(name, text);
            }
            self.memory.remember(Kind::Scope, name, "", self.idp);
            self.scopes.insert(draft.name);
        }
        Ok(())
    }

    /// True when an earlier import brought a scope that is not here now.
    pub(super) async fn was_deleted(&self, name: &str) -> Result<bool, Error> {
        Ok(match self.memory.recall(Kind::Scope, name, "") {
            Known::Same => true,
            Known::Other => false,
            Known::New => was_made_here(self.idp, "scope", name).await?,
        })
    }

    fn read_scope(&mut self, name: &str, row: &Row) -> ScopeDraft {
        let mut claims: Option<Vec<String>> =
            row.find("claims").map_or(Some(Vec::new()), |json| serde_json::from_str(json).ok());
        if claims.is_none() {
            self.report.of(Kind::Scope).note(name, "its claims are not a JSON array of names; it opens none now");
        }
        if let Some(claims) = &mut claims {
            let of_protocol: Vec<String> = claims
                .extract_if(.., |claim| matches!(check_scope_claim(name, claim), Err(FieldProblem::ProtocolClaim(_))))
                .collect();
            if !of_protocol.is_empty() {
                let text = format!("it opens {} no more: the server alone says that", of_protocol.join(", "));
                self.report.of(Kind::Scope).note(name, text);
            }
        }
        ScopeDraft {
            description: row.find("description").unwrap_or(name).to_owned(),
            claims: claims.unwrap_or_default().join("\n"),
            name: name.to_owned(),
        }
    }

    /// Imports the scope; true when the scope is here now.
    async fn create_scope(&mut self, draft: &ScopeDraft) -> Result<bool, Error> {
        let created = match self.dry_run {
            true => draft.check().map(drop).map_err(SaveError::from),
            false => self.idp.create_scope(&Actor::command_line(), draft).await,
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

    /// Says of scopes that they came with a client that names them.
    pub(super) fn note_scopes(&mut self, names: Vec<ScopeToken>) {
        for name in names {
            let outcome = self.report.of(Kind::Scope);
            outcome.import();
            if find_core_scope(name.as_str()).is_none() {
                outcome.note(name.as_str(), "a client names it, but it had no description; give it one");
            }
            self.memory.remember(Kind::Scope, name.as_str(), "", self.idp);
            self.scopes.insert(name.to_string());
        }
    }
}
