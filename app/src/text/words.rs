//! The sentences that every language has. A group is the sentences of one page.

use leptos::prelude::*;
use oauth::authorize::LoginReason;

use crate::pages::error::Reason;

/// The words of the pages for people, in one language.
#[derive(Debug)]
pub struct Text {
    pub(crate) account: AccountText,
    pub(crate) approve: ApproveText,
    pub(crate) client: ClientText,
    pub(crate) consent: ConsentText,
    pub(crate) device: DeviceText,
    pub(crate) error: ErrorText,
    pub(crate) explained: ExplainedText,
    pub(crate) form_post: FormPostText,
    pub(crate) home: HomeText,
    pub(crate) login: LoginText,
    pub(crate) logout: LogoutText,
    pub(crate) select_account: SelectAccountText,
    pub(crate) signed_in: SignedInText,
    pub(crate) signed_out: SignedOutText,
    /// Seconds to wait: `1 second`, `45 seconds`, `15 minutes`. Rounded up.
    pub(crate) wait: fn(i64) -> String,
}

impl Text {
    /// Seconds to wait, in words.
    #[must_use]
    pub fn wait(&self, seconds: i64) -> String {
        (self.wait)(seconds)
    }
}

/// A sentence with a place for one view, for example a name in bold: `"to continue to {}"`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around(pub(crate) &'static str);

impl Around {
    pub(crate) fn view(self, inner: impl IntoView + 'static) -> AnyView {
        let (before, after) = self.0.split_once("{}").unwrap_or((self.0, ""));
        (before, inner.into_any(), after).into_any()
    }

    /// The sentence around a text.
    pub(crate) fn text(self, inner: &str) -> String {
        self.0.replacen("{}", inner, 1)
    }
}

/// The page of what somebody allowed.
#[derive(Debug)]
pub(crate) struct AccountText {
    pub(crate) title: &'static str,
    /// Around the user name.
    pub(crate) lead: Around,
    pub(crate) nothing: &'static str,
    /// Around the name of a resource.
    pub(crate) at: Around,
    /// Around a moment.
    pub(crate) since: Around,
    /// Around a moment.
    pub(crate) used: Around,
    pub(crate) signed_out: &'static str,
    /// Around the name of an identity provider.
    pub(crate) vouched: Around,
    pub(crate) unasked: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) sign_in_at: Around,
    pub(crate) take_back: &'static str,
    /// Around a scope in words.
    pub(crate) take_back_scope: Around,
    pub(crate) withdraw: &'static str,
    /// Around the client's name.
    pub(crate) withdraw_from: Around,
    pub(crate) withdrawn: &'static str,
    pub(crate) home: &'static str,
}

/// The links to the owner of a client.
#[derive(Debug)]
pub(crate) struct ClientText {
    /// Around the client's name.
    pub(crate) about: Around,
    pub(crate) website: &'static str,
    pub(crate) privacy: &'static str,
    pub(crate) terms: &'static str,
}

#[derive(Debug)]
pub(crate) struct ConsentText {
    /// Around the client's name.
    pub(crate) title: Around,
    /// After the client's name; the address where the answer goes comes behind it.
    pub(crate) asks_for: &'static str,
    /// Around the name that an application gives itself.
    pub(crate) calls_itself: Around,
    /// Around a host.
    pub(crate) answer_to_site: Around,
    pub(crate) answer_to_program: &'static str,
    /// Around the port of a program on the person's device.
    pub(crate) answer_to_port: Around,
    /// Around the scheme that an app on the person's device claimed.
    pub(crate) answer_to_app: Around,
    /// For an application whose answers stay on the person's device.
    pub(crate) anybody_here: &'static str,
    pub(crate) first_use: &'static str,
    /// Around the name of a resource.
    pub(crate) acts_at: Around,
    /// Marks a scope that was not allowed before.
    pub(crate) new_scope: &'static str,
    /// A claim that is asked for by its name, words with spaces between.
    pub(crate) claim: fn(&str) -> String,
    pub(crate) decline: &'static str,
    pub(crate) allow: &'static str,
    /// Around the user name.
    pub(crate) signed_in_as: Around,
    pub(crate) not_you: &'static str,
}

/// The pages on which somebody connects a device.
#[derive(Debug)]
pub(crate) struct DeviceText {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    /// The label of the field.
    pub(crate) code: &'static str,
    pub(crate) button: &'static str,
    /// No device waits with this code.
    pub(crate) wrong: &'static str,
    /// Around the time to wait.
    pub(crate) too_many: Around,
    /// The place of an application that registered itself.
    pub(crate) registered: &'static str,
    /// It proves nothing about itself.
    pub(crate) anybody: &'static str,
    /// Before the moment at which the device asked.
    pub(crate) asked: &'static str,
    /// Before the code.
    pub(crate) compare: &'static str,
    pub(crate) warning: &'static str,
    /// Title and sentence, once it is allowed.
    pub(crate) allowed: (&'static str, &'static str),
    /// Title and sentence, once it is declined.
    pub(crate) declined: (&'static str, &'static str),
}

/// The page on which somebody answers applications that asked for them by name.
#[derive(Debug)]
pub(crate) struct ApproveText {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    /// Nobody asks.
    pub(crate) nothing: &'static str,
    pub(crate) warning: &'static str,
    /// The request that was answered does not wait any longer.
    pub(crate) gone: &'static str,
    /// In place of the name of an application that registered itself.
    pub(crate) registered: &'static str,
    /// Before the moment at which the application asked.
    pub(crate) asked: &'static str,
    /// Around the address from which it asked.
    pub(crate) from: Around,
    /// Before the message that stands where the person started.
    pub(crate) compare: &'static str,
    /// A number of requests that wait.
    pub(crate) waits: fn(usize) -> String,
    /// Title and sentence, once it is allowed.
    pub(crate) allowed: (&'static str, &'static str),
    /// Title and sentence, once it is declined.
    pub(crate) declined: (&'static str, &'static str),
}

#[derive(Debug)]
pub(crate) struct ErrorText {
    /// Title and sentence.
    pub(crate) reason: fn(&Reason) -> (&'static str, String),
    pub(crate) request_id: &'static str,
    pub(crate) pass_on: &'static str,
}

/// Words of the page that an application's error leads to.
#[derive(Debug)]
pub(crate) struct ExplainedText {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
}

#[derive(Debug)]
pub(crate) struct FormPostText {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) button: &'static str,
}

#[derive(Debug)]
pub(crate) struct HomeText {
    /// The link to what somebody allowed: title and hint.
    pub(crate) account: (&'static str, &'static str),
    /// Around the issuer.
    pub(crate) lead: Around,
    /// Title and text of a link: the console, the documentation, discovery, the public keys.
    pub(crate) console: (&'static str, &'static str),
    pub(crate) docs: (&'static str, &'static str),
    pub(crate) discovery: (&'static str, &'static str),
    pub(crate) keys: (&'static str, &'static str),
    pub(crate) set_up: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) sign_out: &'static str,
    /// Around the user name.
    pub(crate) signed_in_as: Around,
}

#[derive(Debug)]
pub(crate) struct LoginText {
    pub(crate) title: &'static str,
    /// Around the client's name.
    pub(crate) purpose: Around,
    /// The reason why somebody who is signed in must sign in again.
    pub(crate) reason: fn(LoginReason) -> Option<&'static str>,
    pub(crate) username: &'static str,
    pub(crate) password: &'static str,
    pub(crate) button: &'static str,
    pub(crate) wrong: &'static str,
    /// Around the time to wait.
    pub(crate) too_many: Around,
}

#[derive(Debug)]
pub(crate) struct LogoutText {
    pub(crate) title: &'static str,
    /// Around the client's name.
    pub(crate) asks: Around,
    /// Around the user name.
    pub(crate) signed_in_as: Around,
    pub(crate) stay: &'static str,
    pub(crate) button: &'static str,
}

#[derive(Debug)]
pub(crate) struct SignedInText {
    pub(crate) title: &'static str,
    /// Around the user name.
    pub(crate) lead: Around,
    /// Around the user name.
    pub(crate) continue_as: Around,
    pub(crate) other: &'static str,
}

#[derive(Debug)]
pub(crate) struct SelectAccountText {
    pub(crate) title: &'static str,
    /// Around the client's name.
    pub(crate) purpose: Around,
    /// Around the user name.
    pub(crate) continue_as: Around,
    pub(crate) other: &'static str,
}

#[derive(Debug)]
pub(crate) struct SignedOutText {
    pub(crate) title: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) lead: &'static str,
    /// Beside the frames that sign the person out elsewhere.
    pub(crate) telling: &'static str,
    /// The name of such a frame.
    pub(crate) frame: &'static str,
    pub(crate) button: &'static str,
    pub(crate) go_on: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_keeps_the_words_on_both_sides_of_its_place() {
        assert_eq!(Around("to continue to {}").text("Billing"), "to continue to Billing");
        assert_eq!(Around("About {} and more").text("{}"), "About {} and more");
    }
}
