//! A deed that was just done. The redirect after a form carries it as `?done=…`. It is a closed set, so that a link cannot put
//! words into the console's mouth.

/// A deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flash {
    Created,
    Saved,
    Deleted,
    PasswordSet,
    SignedOut,
    SecretRevoked,
    Rotated,
    Withdrawn,
    ConsentWithdrawn,
    Enabled,
    Disabled,
    Accepted,
    Linked,
    Unlinked,
    Reverted,
    Restored,
    Erased,
    /// A button was pressed when the console was not open any more.
    NotDone,
}

impl Flash {
    /// The parameter that carries it.
    pub const PARAMETER: &str = "done";

    const ALL: [Self; 18] = [
        Self::Created,
        Self::Saved,
        Self::Deleted,
        Self::PasswordSet,
        Self::SignedOut,
        Self::SecretRevoked,
        Self::Rotated,
        Self::Withdrawn,
        Self::ConsentWithdrawn,
        Self::Enabled,
        Self::Disabled,
        Self::Accepted,
        Self::Linked,
        Self::Unlinked,
        Self::Reverted,
        Self::Restored,
        Self::Erased,
        Self::NotDone,
    ];

    /// The word in the URL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Saved => "saved",
            Self::Deleted => "deleted",
            Self::PasswordSet => "password_set",
            Self::SignedOut => "signed_out",
            Self::SecretRevoked => "secret_revoked",
            Self::Rotated => "rotated",
            Self::Withdrawn => "withdrawn",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Accepted => "accepted",
            Self::Linked => "linked",
            Self::Unlinked => "unlinked",
            Self::Reverted => "reverted",
            Self::Restored => "restored",
            Self::Erased => "erased",
            Self::NotDone => "not_done",
        }
    }

    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flash| flash.as_str() == word)
    }

    /// The sentence on the page.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Created => "Created.",
            Self::Saved => "Saved.",
            Self::Deleted => "Deleted.",
            Self::PasswordSet => "The new password is set.",
            Self::SignedOut => "All sessions are ended and all tokens revoked.",
            Self::SecretRevoked => "The secret is revoked.",
            Self::Rotated => "The key is rotated. New tokens are signed with the new key.",
            Self::Withdrawn => "The key is withdrawn. Nothing that it signed is accepted any more.",
            Self::ConsentWithdrawn => "Withdrawn. Its codes and tokens for this user have ended.",
            Self::Enabled => "Enabled.",
            Self::Disabled => "Disabled.",
            Self::Accepted => "Accepted. Clients can ask for it now.",
            Self::Linked => "Linked. Assertions about this person are for that account now.",
            Self::Unlinked => "The link is ended.",
            Self::Reverted => "Reverted. It is as it was then.",
            Self::Restored => "Restored. Sessions and tokens are not: people sign in again.",
            Self::Erased => "Deleted for ever.",
            Self::NotDone => {
                "The console had closed, so nothing was done yet. It is open again: please repeat the last step."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_cannot_say_what_it_likes() {
        assert!(Flash::ALL.into_iter().all(|flash| Flash::find(flash.as_str()) == Some(flash)));
        assert_eq!(Flash::find("Your account was hacked, call 555-0100"), None);
    }
}
