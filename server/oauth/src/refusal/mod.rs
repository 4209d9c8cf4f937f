//! Refusals: which check refused a request, what was sent and what would have been right, and the explanation that is made of it.
//!
//! A check refuses by its [`Reason`], and everything that is said of the refusal comes from it: the answer to the client
//! ([`crate::error::OAuthError`]), the event that is kept ([`crate::activity`]), and the [`Explanation`] for whoever mends it.

mod compare;
mod explain;
mod reasons;
mod table;
mod today;

pub use compare::{Comparison, Piece};
pub use explain::{Explanation, clause_url};
pub use reasons::Reason;
pub use today::{Deleted, Known, Since};

/// The finding of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The parameter, or the fact, that was judged.
    pub parameter: &'static str,
    /// The value. Empty: nothing was sent.
    pub sent: String,
    /// Values that would have been right; of many, some.
    pub expected: Vec<String>,
}

impl Reason {
    /// True for a check whose answer is on purpose that of another one: strangers must not learn which it was, the developer of an
    /// application neither.
    #[must_use]
    pub fn is_untold(self) -> bool {
        matches!(
            self,
            Self::NameUnknown
                | Self::PasswordWrong
                | Self::AccountDisabled
                | Self::SignInDelayed
                | Self::AdminTokenWrong
                | Self::AdminDelayed
                | Self::GrantAssertionRefused
                | Self::CodeOfAnother
                | Self::RefreshOfAnother
        )
    }
}

/// A place where a refusal is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// The code or the configuration of the application.
    #[default]
    Application,
    /// A field of the settings of the client.
    Settings(&'static str),
    /// A field of the policy of the client.
    Policy(&'static str),
    /// The secrets of the client.
    Credentials,
    /// The page where the client is enabled.
    Danger,
    /// The list of clients.
    Clients,
    /// The recycle bin, or the history of what was deleted.
    Deleted,
    /// Clients that are known by a document of theirs.
    Agents,
    /// Clients that register themselves.
    Registration,
    /// The scopes of this server.
    Scopes,
    /// The form that makes a scope.
    NewScope,
    /// The resources.
    Resources,
    /// The trusts.
    Trusts,
    /// The person, and whether they may sign in.
    User,
    /// The password of the person.
    Password,
    /// The list of people.
    Users,
    /// This server's configuration, or what it runs on.
    Server,
}

impl Place {
    /// True for a page of the client, which goes with it.
    #[must_use]
    pub fn is_of_client(self) -> bool {
        matches!(self, Self::Settings(_) | Self::Policy(_) | Self::Credentials | Self::Danger)
    }
}
