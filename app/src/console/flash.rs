//! A deed that was just done. The redirect after a form carries it as `?done=…`. It is a closed set, so that a link cannot put
//! words into the console's mouth.

use crate::ui::{count, word_of};

/// A deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flash {
    SetUp,
    Created,
    Saved,
    Deleted,
    /// The rules for hosts were saved, and so many grants of their applications ended by it.
    HostsSaved(u64),
    /// A new password was set, and so many sessions ended by it.
    PasswordSet(u64),
    SignedOut,
    SecretRevoked,
    Rotated,
    Withdrawn,
    ConsentWithdrawn,
    /// One scope of a consent was.
    ScopeTakenBack,
    Enabled,
    Disabled,
    Accepted,
    Linked,
    Unlinked,
    /// Somebody else was faster.
    NotSaved,
    /// So many sessions were ended.
    SessionsEnded(u64),
    /// So many grants were revoked.
    GrantsRevoked(u64),
    /// So many consents were withdrawn.
    ConsentsWithdrawn(u64),
    /// So many clients or users were enabled.
    ManyEnabled(u64),
    ManyDisabled(u64),
    /// The tokens of so many were revoked.
    ManyRevoked(u64),
    ManyDeleted(u64),
    /// A button for chosen rows was pressed, and none was chosen.
    NothingChosen,
    /// So many were chosen, and all of them are so already.
    AlreadyEnabled(u64),
    AlreadyDisabled(u64),
    Reverted,
    /// A change was taken back.
    Undone,
    Restored,
    Erased,
    /// An application took a message.
    MessageTaken,
    MessageNotTaken,
    /// There is none, or it is being sent.
    MessageGone,
    /// A button was pressed when the console was not open any more.
    NotDone,
}

impl Flash {
    /// The parameter that carries it.
    pub const PARAMETER: &str = "done";

    const ALL: [Self; 36] = [
        Self::SetUp,
        Self::Created,
        Self::Saved,
        Self::Deleted,
        Self::HostsSaved(0),
        Self::PasswordSet(0),
        Self::SignedOut,
        Self::SecretRevoked,
        Self::Rotated,
        Self::Withdrawn,
        Self::ConsentWithdrawn,
        Self::ScopeTakenBack,
        Self::Enabled,
        Self::Disabled,
        Self::Accepted,
        Self::Linked,
        Self::Unlinked,
        Self::NotSaved,
        Self::SessionsEnded(0),
        Self::GrantsRevoked(0),
        Self::ConsentsWithdrawn(0),
        Self::ManyEnabled(0),
        Self::ManyDisabled(0),
        Self::ManyRevoked(0),
        Self::ManyDeleted(0),
        Self::NothingChosen,
        Self::AlreadyEnabled(0),
        Self::AlreadyDisabled(0),
        Self::Reverted,
        Self::Undone,
        Self::Restored,
        Self::Erased,
        Self::MessageTaken,
        Self::MessageNotTaken,
        Self::MessageGone,
        Self::NotDone,
    ];

    /// The value in the URL: the word, and where there is one the number.
    #[must_use]
    pub fn value(self) -> String {
        match self.number() {
            Some(number) => format!("{}.{number}", self.as_str()),
            None => self.as_str().to_owned(),
        }
    }

    fn number(self) -> Option<u64> {
        match self {
            Self::HostsSaved(number)
            | Self::PasswordSet(number)
            | Self::SessionsEnded(number)
            | Self::GrantsRevoked(number)
            | Self::ConsentsWithdrawn(number)
            | Self::ManyEnabled(number)
            | Self::ManyDisabled(number)
            | Self::ManyRevoked(number)
            | Self::ManyDeleted(number)
            | Self::AlreadyEnabled(number)
            | Self::AlreadyDisabled(number) => Some(number),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Created => "created",
            Self::Saved => "saved",
            Self::Deleted => "deleted",
            Self::HostsSaved(_) => "hosts_saved",
            Self::PasswordSet(_) => "password_set",
            Self::SignedOut => "signed_out",
            Self::SecretRevoked => "secret_revoked",
            Self::Rotated => "rotated",
            Self::Withdrawn => "withdrawn",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::ScopeTakenBack => "scope_taken_back",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Accepted => "accepted",
            Self::Linked => "linked",
            Self::Unlinked => "unlinked",
            Self::NotSaved => "not_saved",
            Self::SessionsEnded(_) => "sessions_ended",
            Self::GrantsRevoked(_) => "grants_revoked",
            Self::ConsentsWithdrawn(_) => "consents_withdrawn",
            Self::ManyEnabled(_) => "many_enabled",
            Self::ManyDisabled(_) => "many_disabled",
            Self::ManyRevoked(_) => "many_revoked",
            Self::ManyDeleted(_) => "many_deleted",
            Self::NothingChosen => "nothing_chosen",
            Self::AlreadyEnabled(_) => "already_enabled",
            Self::AlreadyDisabled(_) => "already_disabled",
            Self::Reverted => "reverted",
            Self::Undone => "undone",
            Self::Restored => "restored",
            Self::Erased => "erased",
            Self::MessageTaken => "message_taken",
            Self::MessageNotTaken => "message_not_taken",
            Self::MessageGone => "message_gone",
            Self::NotDone => "not_done",
        }
    }

    #[must_use]
    pub fn find(value: &str) -> Option<Self> {
        let (word, number) = value.split_once('.').map_or((value, None), |(word, number)| (word, number.parse().ok()));
        let number = number.unwrap_or_default();
        let found = Self::ALL.into_iter().find(|flash| flash.as_str() == word)?;
        Some(match found {
            Self::HostsSaved(_) => Self::HostsSaved(number),
            Self::PasswordSet(_) => Self::PasswordSet(number),
            Self::SessionsEnded(_) => Self::SessionsEnded(number),
            Self::GrantsRevoked(_) => Self::GrantsRevoked(number),
            Self::ConsentsWithdrawn(_) => Self::ConsentsWithdrawn(number),
            Self::ManyEnabled(_) => Self::ManyEnabled(number),
            Self::ManyDisabled(_) => Self::ManyDisabled(number),
            Self::ManyRevoked(_) => Self::ManyRevoked(number),
            Self::ManyDeleted(_) => Self::ManyDeleted(number),
            Self::AlreadyEnabled(_) => Self::AlreadyEnabled(number),
            Self::AlreadyDisabled(_) => Self::AlreadyDisabled(number),
            other => other,
        })
    }

    /// True: nothing was done, and somebody has to see it.
    pub(super) fn is_warning(self) -> bool {
        matches!(
            self,
            Self::NotSaved
                | Self::NothingChosen
                | Self::AlreadyEnabled(_)
                | Self::AlreadyDisabled(_)
                | Self::MessageNotTaken
                | Self::MessageGone
                | Self::NotDone
        )
    }

    /// The sentence on the page.
    pub(super) fn sentence(self) -> String {
        let ended = |number: u64, one: &str, many: &str| match number {
            0 => "There was nothing left to end.".to_owned(),
            number => format!("{}.", word_of(number, one, many)),
        };
        let already = |number: u64, word: &str| {
            let those = match number {
                1 => "what you ticked is".to_owned(),
                number => format!("the {} that you ticked are", count(number)),
            };
            format!("Nothing was done: {those} {word} already.")
        };
        let and = |done: &str, number: u64, one: &str, many: &str, none: &str| match number {
            0 => format!("{done}. {none}"),
            number => format!("{done}; {}.", word_of(number, one, many)),
        };
        let plain = match self {
            Self::HostsSaved(number) => {
                return and("Saved", number, "grant ended", "grants ended", "No grant ended by it.");
            }
            Self::PasswordSet(number) => {
                return and(
                    "The new password is set",
                    number,
                    "session ended",
                    "sessions ended",
                    "No session was open.",
                );
            }
            Self::SessionsEnded(number) => return ended(number, "session ended", "sessions ended"),
            Self::GrantsRevoked(number) => return ended(number, "grant revoked", "grants revoked"),
            Self::ConsentsWithdrawn(number) => return ended(number, "consent withdrawn", "consents withdrawn"),
            Self::SetUp => "The server is set up, and the console is open.",
            Self::ManyEnabled(number) => return format!("{} enabled.", count(number)),
            Self::ManyDisabled(number) => return format!("{} disabled.", count(number)),
            Self::ManyRevoked(number) => return format!("Tokens of {} revoked.", count(number)),
            Self::ManyDeleted(number) => return format!("{} deleted.", count(number)),
            Self::AlreadyEnabled(number) => return already(number, "enabled"),
            Self::AlreadyDisabled(number) => return already(number, "disabled"),
            Self::Created => "Created.",
            Self::Saved => "Saved.",
            Self::Deleted => "Deleted.",
            Self::SignedOut => "All sessions are ended and all tokens revoked.",
            Self::SecretRevoked => "The secret is revoked.",
            Self::Rotated => "The key is rotated. New tokens are signed with the new key.",
            Self::Withdrawn => "The key is withdrawn. Nothing that it signed is accepted any more.",
            Self::ConsentWithdrawn => "Withdrawn. Its codes and tokens for this user have ended.",
            Self::ScopeTakenBack => {
                "Taken back. Its tokens for this user open no more of that here, and it asks them again before it gets it."
            }
            Self::Enabled => "Enabled.",
            Self::Disabled => "Disabled.",
            Self::Accepted => "Accepted. Clients can ask for it now.",
            Self::Linked => "Linked. Assertions about this person are for that account now.",
            Self::Unlinked => "The link is ended.",
            Self::NotSaved => {
                "Nothing was changed: somebody else changed it this moment, or it cannot be saved as it is."
            }
            Self::NothingChosen => "Nothing was chosen, so nothing was done. Tick the rows that you mean first.",
            Self::Reverted => "Reverted. It is as it was then.",
            Self::Undone => "Undone. It is as it was before that change.",
            Self::Restored => "Restored. Sessions and tokens are not: people sign in again.",
            Self::Erased => "Deleted for ever.",
            Self::MessageTaken => "The application took it.",
            Self::MessageNotTaken => "The application did not take it. Its answer stands in the list.",
            Self::MessageGone => "Nothing was sent: there is nothing to send, or it is being sent this moment.",
            Self::NotDone => {
                "The console had closed, so nothing was done yet. It is open again: please repeat the last step."
            }
        };
        plain.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_cannot_say_what_it_likes() {
        assert!(Flash::ALL.into_iter().all(|flash| Flash::find(&flash.value()) == Some(flash)));
        assert_eq!(Flash::find("sessions_ended.1204").unwrap().sentence(), "1,204 sessions ended.");
        assert_eq!(Flash::find("grants_revoked.1").unwrap().sentence(), "1 grant revoked.");
        assert_eq!(Flash::find("grants_revoked.x").unwrap().sentence(), "There was nothing left to end.");
        assert_eq!(Flash::find("saved.5"), Some(Flash::Saved));
        assert_eq!(Flash::find("Your account was hacked, call 555-0100"), None);
    }
}
