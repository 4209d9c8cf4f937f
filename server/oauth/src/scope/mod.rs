//! Scopes: what a client may ask for, and the claims each one stands for (RFC 6749 §3.3, OpenID Connect Core §5.4).

mod draft;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::ResourceId;

pub use draft::{MAX_SCOPE_DESCRIPTION, ScopeDraft, check_claim_name};

/// The longest scope name kept.
pub const MAX_SCOPE_TOKEN: usize = 128;

/// One `scope-token`: `%x21 / %x23-5B / %x5D-7E` (RFC 6749 §3.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScopeToken(String);

/// A word that is not a `scope-token`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a scope is 1 to 128 visible ASCII characters without spaces, quotation marks and backslashes")]
pub struct InvalidScopeToken;

impl ScopeToken {
    /// # Errors
    /// When `word` is empty, too long or holds a character outside the grammar.
    pub fn parse(word: &str) -> Result<Self, InvalidScopeToken> {
        let grammatical = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if word.is_empty() || word.len() > MAX_SCOPE_TOKEN || !word.bytes().all(grammatical) {
            return Err(InvalidScopeToken);
        }
        Ok(Self(word.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ScopeToken {
    type Error = InvalidScopeToken;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        Self::parse(&word)
    }
}

impl From<ScopeToken> for String {
    fn from(token: ScopeToken) -> Self {
        token.0
    }
}

impl std::fmt::Display for ScopeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of scope tokens in the order in which they were first named. On the wire: words separated by spaces.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(Vec<ScopeToken>);

impl Scope {
    /// Words separated by spaces or line ends; repeated words count once.
    ///
    /// # Errors
    /// When a word is not a `scope-token`.
    pub fn parse(text: &str) -> Result<Self, InvalidScopeToken> {
        text.split([' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).map(ScopeToken::parse).collect()
    }

    #[must_use]
    pub fn contains(&self, word: &str) -> bool {
        self.0.iter().any(|token| token.as_str() == word)
    }

    /// True when this asks for an ID token.
    #[must_use]
    pub fn is_openid(&self) -> bool {
        self.contains("openid")
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.first_outside(other).is_none()
    }

    /// The first token of `self` that `other` lacks.
    #[must_use]
    pub fn first_outside<'a>(&'a self, other: &Self) -> Option<&'a ScopeToken> {
        self.tokens_outside(other).next()
    }

    /// The tokens of `self` that `other` lacks, if there are any.
    #[must_use]
    pub fn outside(&self, other: &Self) -> Option<Self> {
        let outside: Self = self.tokens_outside(other).cloned().collect();
        (!outside.is_empty()).then_some(outside)
    }

    fn tokens_outside<'a>(&'a self, other: &Self) -> impl Iterator<Item = &'a ScopeToken> {
        self.iter().filter(|token| !other.contains(token.as_str()))
    }

    /// All of `self`, then what `other` adds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).cloned().collect()
    }

    #[must_use]
    pub fn without(&self, word: &str) -> Self {
        self.iter().filter(|token| token.as_str() != word).cloned().collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = &ScopeToken> {
        self.0.iter()
    }

    /// The words, one per line, as the console's text areas show them.
    #[must_use]
    pub fn to_lines(&self) -> String {
        self.0.iter().map(ScopeToken::as_str).collect::<Vec<_>>().join("\n")
    }
}

impl FromIterator<ScopeToken> for Scope {
    fn from_iter<I: IntoIterator<Item = ScopeToken>>(tokens: I) -> Self {
        let mut seen = BTreeSet::new();
        Self(tokens.into_iter().filter(|token| seen.insert(token.clone())).collect())
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScopeToken;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, token) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(token.as_str())?;
        }
        Ok(())
    }
}

/// A scope as the server defines it: what a person reads on the consent page, and which claims it opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeDefinition {
    pub name: ScopeToken,
    pub description: String,
    /// Names of the claims that `/userinfo` gives under this scope.
    pub claims: Vec<String>,
    /// Tells the scope from others of its name, before and after it: drawn when it is created, empty for those that were
    /// created before identities were kept. Of no interest to anybody outside.
    #[serde(skip)]
    pub id: String,
    /// The claims that it opened when meanings began to be recorded; none for those created since. See
    /// [`Agreement`](crate::consent::Agreement).
    #[serde(skip)]
    pub claims_before: Vec<String>,
    /// The resource that it is a scope of; none for those of the server.
    #[serde(skip)]
    pub owner: Option<ScopeOwner>,
}

/// The resource of a scope, where it hides a scope of the server that has the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeOwner {
    pub resource: ResourceId,
    /// True: granted to whoever asks for no scope.
    pub by_default: bool,
}

/// True for a scope that the server knows.
#[must_use]
pub fn is_known(token: &ScopeToken, definitions: &[ScopeDefinition]) -> bool {
    find_definition(token, definitions).is_some()
}

/// All that a token means among these scopes. At resources that have a scope of that name it is theirs, each with its own meaning;
/// otherwise it is the server's.
pub fn find_meanings<'a>(
    token: &ScopeToken,
    definitions: &'a [ScopeDefinition],
) -> impl Iterator<Item = &'a ScopeDefinition> {
    let is_owned = definitions.iter().any(|definition| definition.name == *token && definition.owner.is_some());
    let is_meant = move |definition: &&ScopeDefinition| definition.owner.is_some() == is_owned;
    let name = token.clone();
    definitions.iter().filter(move |definition| definition.name == name).filter(is_meant)
}

/// True when the scope belongs to one of the resources that a request names.
#[must_use]
pub fn is_of_resource(token: &ScopeToken, definitions: &[ScopeDefinition]) -> bool {
    definitions.iter().any(|definition| definition.name == *token && definition.owner.is_some())
}

/// The scopes that the resources of a request give to whoever asks for none.
#[must_use]
pub fn resource_defaults(definitions: &[ScopeDefinition]) -> Scope {
    let given = definitions.iter().filter(|it| it.owner.as_ref().is_some_and(|owner| owner.by_default));
    given.map(|definition| definition.name.clone()).collect()
}

/// The scope of that name.
#[must_use]
pub fn find_definition<'a>(token: &ScopeToken, definitions: &'a [ScopeDefinition]) -> Option<&'a ScopeDefinition> {
    definitions.iter().find(|definition| definition.name == *token)
}

/// True when one of the scopes opens the claim.
#[must_use]
pub fn open_claim(scope: &Scope, definitions: &[ScopeDefinition], claim: &str) -> bool {
    let mut granted = scope.iter().flat_map(|token| find_meanings(token, definitions));
    granted.any(|definition| definition.claims.iter().any(|name| name == claim))
}

/// Name, description and claims of the scopes every server starts with (OpenID Connect Core §5.4, §11).
pub const CORE_SCOPES: [(&str, &str, &[&str]); 6] = [
    ("openid", "Know who you are", &["sub"]),
    (
        "profile",
        "Your name, picture and other profile details",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", "Your email address", &["email", "email_verified"]),
    ("address", "Your postal address", &["address"]),
    ("phone", "Your phone number", &["phone_number", "phone_number_verified"]),
    ("offline_access", "Stay signed in when you are away", &[]),
];

/// [`CORE_SCOPES`], as a server defines them.
#[must_use]
pub fn core_scopes() -> Vec<ScopeDefinition> {
    let define = |&(name, description, claims): &(&str, &str, &[&str])| ScopeDefinition {
        name: ScopeToken(name.to_owned()),
        description: description.to_owned(),
        claims: claims.iter().map(ToString::to_string).collect(),
        id: String::new(),
        claims_before: Vec::new(),
        owner: None,
    };
    CORE_SCOPES.iter().map(define).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_keeps_order_and_drops_repetitions() {
        let scope = Scope::parse("openid  email\nopenid profile").unwrap();
        assert_eq!(scope.to_string(), "openid email profile");
    }

    #[test]
    fn a_scope_refuses_what_the_grammar_refuses() {
        for word in ["\"", "\\", "ä", "a\u{7f}"] {
            assert!(Scope::parse(word).is_err(), "{word:?}");
        }
    }

    #[test]
    fn every_core_scope_is_grammatical() {
        assert!(CORE_SCOPES.iter().all(|(name, ..)| ScopeToken::parse(name).is_ok()));
    }
}
