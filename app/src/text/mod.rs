//! The sentences that people read, a file per language.
//!
//! Pages hold values: a field problem, a scope, seconds to wait. Here they become words. To add a language, write
//! `<language>.rs` beside `en.rs` and give it a variant of [`Locale`]: the compiler then asks for every sentence. To add a
//! sentence, add a member to [`Text`] and its words to every language.
//!
//! Two kinds of text are not here. Descriptions that programs read (`error_description`, the admin API, the log) are English
//! by their grammar and stand where the error is defined. The console and the documentation are English only.

mod en;
#[cfg(feature = "ssr")]
mod words;

use oauth::field::FieldProblem;
use oauth::redirect_uri::RedirectUriWarning;

#[cfg(feature = "ssr")]
pub use words::Text;
#[cfg(feature = "ssr")]
pub(crate) use words::*;

/// A language that pages can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    #[default]
    En,
}

impl Locale {
    pub const ALL: &[Self] = &[Self::En];

    /// The language tag (BCP 47), as in `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
        }
    }

    /// Everything that the pages for people say.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn text(self) -> &'static Text {
        match self {
            Self::En => &en::TEXT,
        }
    }

    /// A problem of a form's field. Apart from [`Text`], so that the browser loads no more than this.
    #[must_use]
    pub fn field_problem(self, problem: &FieldProblem) -> String {
        match self {
            Self::En => en::field_problem(problem),
        }
    }

    /// A warning about a redirect URI that may be registered all the same.
    #[must_use]
    pub fn redirect_uri_warning(self, warning: RedirectUriWarning) -> String {
        match self {
            Self::En => en::redirect_uri_warning(warning),
        }
    }

    /// The language of the page that is being made. English where no page is.
    #[cfg(feature = "ssr")]
    pub(crate) fn current() -> Self {
        leptos::prelude::use_context().unwrap_or_default()
    }

    /// The language of the page that this runs in.
    #[cfg(not(feature = "ssr"))]
    pub(crate) fn current() -> Self {
        let page = leptos::prelude::document().document_element().and_then(|html| html.get_attribute("lang"));
        Self::ALL.iter().copied().find(|locale| Some(locale.tag()) == page.as_deref()).unwrap_or_default()
    }
}
