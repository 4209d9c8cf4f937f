//! Which rule a field follows. The rules themselves are those of the server, compiled for the browser.

use oauth::client::{check_new_client_id, check_origin, check_request_uri};
use oauth::field::{
    FieldProblem, check_display_name, check_https_url, check_name, check_optional_name, check_picture_url, check_range,
    check_web_url,
};
use oauth::redirect_uri::RedirectUri;
use oauth::user::{check_email, check_password};
use serde::{Deserialize, Serialize};

use crate::text::Locale;

/// The rule of a field with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Check {
    /// Needed, at most so many characters.
    Name(u16),
    /// The same, by which people tell one thing from another.
    DisplayName(u16),
    /// At most so many characters.
    Text(u16),
    WebUrl,
    /// Something that the server fetches.
    FetchedUrl,
    /// A picture on pages for people.
    PictureUrl,
    Email,
    /// May be left empty: the server then makes one.
    NewClientId,
    Password,
    /// A whole number in this range.
    Range(i64, i64),
    /// The same, or nothing.
    OptionalRange(i64, i64),
}

impl Check {
    /// A number within `range`, or nothing.
    #[cfg(feature = "ssr")]
    pub(crate) fn optional_range(range: &std::ops::RangeInclusive<i64>) -> Self {
        Self::OptionalRange(*range.start(), *range.end())
    }

    /// A name of at most `max` characters.
    #[cfg(feature = "ssr")]
    pub(crate) fn name(max: usize) -> Self {
        Self::Name(on_the_wire(max))
    }

    /// A name of at most `max` characters, by which people tell one thing from another.
    #[cfg(feature = "ssr")]
    pub(crate) fn display_name(max: usize) -> Self {
        Self::DisplayName(on_the_wire(max))
    }

    /// A text of at most `max` characters.
    #[cfg(feature = "ssr")]
    pub(crate) fn text(max: usize) -> Self {
        Self::Text(on_the_wire(max))
    }

    /// The problem of `text`, in words.
    pub(super) fn find_problem(self, text: &str) -> Option<String> {
        let checked = match self {
            Self::Name(max) => check_name(text, usize::from(max)).map(drop),
            Self::DisplayName(max) => check_display_name(text, usize::from(max)).map(drop),
            Self::Text(max) => check_optional_name(text, usize::from(max)).map(drop),
            Self::WebUrl => check_web_url(text).map(drop),
            Self::FetchedUrl => check_https_url(text).map(drop),
            Self::PictureUrl => check_picture_url(text).map(drop),
            Self::Email => check_email(text).map(drop),
            Self::NewClientId if text.trim().is_empty() => Ok(()),
            Self::NewClientId => check_new_client_id(text).map(drop),
            Self::Password => check_password(text),
            Self::OptionalRange(..) if text.trim().is_empty() => Ok(()),
            Self::Range(low, high) | Self::OptionalRange(low, high) => check_range(text, &(low..=high)).map(drop),
        };
        checked.err().map(|problem| Locale::current().field_problem(&problem))
    }
}

/// A length as it goes from the server to the browser, which differ in the size of `usize`.
#[cfg(feature = "ssr")]
fn on_the_wire(max: usize) -> u16 {
    u16::try_from(max).unwrap_or(u16::MAX)
}

/// The rule of each line of a list of URIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UriRule {
    /// A redirect URI. A native app may have a scheme of its own.
    Redirect { native: bool },
    /// A URI to send people to after they signed out.
    PostLogout,
    /// An origin whose pages may call the token endpoint.
    Origin,
    /// An address of request objects.
    Request,
}

/// The verdict of a rule on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Warn(String),
    Bad(String),
}

impl UriRule {
    /// The URIs in `text`, one by one. Nothing is said of a line without text.
    pub(super) fn judge(self, text: &str) -> Vec<(String, Verdict)> {
        text.split_whitespace().map(|uri| (uri.to_owned(), self.verdict(uri))).collect()
    }

    fn verdict(self, uri: &str) -> Verdict {
        let locale = Locale::current();
        let warning = match self {
            Self::Redirect { native } => {
                RedirectUri::parse(uri, native).map(|uri| uri.warning()).map_err(FieldProblem::from)
            }
            Self::PostLogout => {
                RedirectUri::parse_post_logout(uri).map(|uri| uri.warning()).map_err(FieldProblem::from)
            }
            Self::Origin => check_origin(uri).map(|_| None),
            Self::Request => check_request_uri(uri).map(|_| None),
        };
        match warning {
            Ok(None) => Verdict::Good,
            Ok(Some(warning)) => Verdict::Warn(locale.redirect_uri_warning(warning)),
            Err(problem) => Verdict::Bad(locale.field_problem(&problem)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_uri_is_judged_for_itself() {
        let judged = UriRule::Redirect { native: false }.judge("https://a.example/cb\n\nhttp://b.example/cb nonsense");
        let verdicts: Vec<_> = judged.into_iter().map(|(_, verdict)| verdict).collect();
        assert!(matches!(verdicts.as_slice(), [Verdict::Good, Verdict::Warn(_), Verdict::Bad(_)]));
    }

    #[test]
    fn a_check_says_what_the_server_would_say() {
        assert_eq!(Check::NewClientId.find_problem(""), None);
        assert!(Check::NewClientId.find_problem("a b").is_some());
        assert!(Check::Range(60, 86_400).find_problem("59").is_some());
        assert_eq!(Check::OptionalRange(1, 9).find_problem(" "), None);
        assert!(Check::OptionalRange(1, 9).find_problem("10").is_some());
    }
}
