//! A scope as an administrator describes it.

use super::{ScopeDefinition, ScopeToken};
use crate::claims::check_scope_claim;
use crate::field::{FieldErrors, FieldProblem, check_display_name, check_lines};
use crate::fields::draft;

/// The longest description of a scope, in characters.
pub const MAX_SCOPE_DESCRIPTION: usize = 500;

draft! {
    /// A scope as typed into a form or sent as JSON; not checked yet.
    ScopeDraft {
        name: String, text;
        description: String, text;
        /// Names of claims, separated by spaces or line ends.
        claims: String, words;
    }
}

impl ScopeDraft {
    /// # Errors
    /// The problems, field by field.
    pub fn check(&self) -> Result<ScopeDefinition, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = ScopeToken::parse(self.name.trim()).map_err(|_| FieldProblem::Scope);
        let name = errors.take("name", name);
        let description = errors.take("description", check_display_name(&self.description, MAX_SCOPE_DESCRIPTION));
        let claims = errors
            .take("claims", check_lines(&self.claims, 10_000, |claim| check_scope_claim(self.name.trim(), claim)));
        match (name, description, claims) {
            (Some(name), Some(description), Some(claims)) if errors.is_empty() => Ok(ScopeDefinition {
                name,
                description,
                claims,
                id: String::new(),
                claims_before: Vec::new(),
                owner: None,
            }),
            _ => Err(errors),
        }
    }
}

impl From<&ScopeDefinition> for ScopeDraft {
    fn from(definition: &ScopeDefinition) -> Self {
        Self {
            name: definition.name.to_string(),
            description: definition.description.clone(),
            claims: definition.claims.join("\n"),
        }
    }
}

/// The name of a claim: a word, or a URL-like name that avoids collisions (RFC 7519 §4.2).
///
/// # Errors
/// When it is too long or holds other characters.
pub fn check_claim_name(name: &str) -> Result<String, FieldProblem> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
    if name.len() <= 200 && name.chars().all(allowed) { Ok(name.to_owned()) } else { Err(FieldProblem::ClaimName) }
}
