//! The next step of a request.

use crate::consent::Agreement;
use crate::error::OAuthError;
use crate::scope::Scope;
use crate::session::SignedIn;
use crate::words::words;

words! {
    /// The reason why somebody must sign in now. The words stand in the address of the login page, which says so to the person.
    LoginReason {
        #[default]
        NobodySignedIn = "nobody",
        /// `prompt=login`.
        Prompted = "prompted",
        /// `max_age` has passed.
        TooLongAgo = "too_long_ago",
        /// The request is about another person (`id_token_hint`, or `sub` in `claims`).
        AnotherPerson = "another_person",
    }
}

/// The next step of an authorization. Steps that are about somebody carry who it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<'a> {
    Login(LoginReason),
    SelectAccount(&'a SignedIn),
    Consent(&'a SignedIn),
    Issue(Box<Approval<'a>>),
    Refuse(OAuthError),
}

/// An approval by the user and the rules: a code may be issued for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval<'a> {
    pub signed_in: &'a SignedIn,
    pub scope: Scope,
    /// The meaning of the scopes now.
    pub agreement: Agreement,
    pub consent: Consented,
}

/// The ground of an approval. Whoever issues the code makes sure that it still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consented {
    /// The user was asked just now; the answer is worth remembering.
    Asked,
    /// The user allowed it before.
    Before,
    /// The rules of the client ask nobody.
    Unasked,
}

/// The reason for which somebody must be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBecause {
    /// `prompt=consent`.
    Demanded,
    /// The policy of the client is to ask each time.
    Always,
    /// Any program on the device may pass for the client.
    AnyProgram,
    /// Nothing is remembered.
    Nothing,
    /// Less than this is remembered.
    More,
}
