//! Pages that ask something, and their answers.
//!
//! A form that asks carries a tag of what it showed: about whom, for which client, which scopes with their meaning. An answer counts
//! for what was shown and for nothing else: if meanwhile somebody else signed in, or the client or a scope was changed, the page
//! comes again. A program that posts an answer without having been shown a page chose all that it sends, its cookie too, so its
//! answer counts as it is.

use app::pages::detail::Detail;
use axum::http::HeaderMap;
use oauth::consent::Agreement;
use oauth::details::GrantedDetail;
use oauth::form::Form;
use oauth::resource::Target;
use oauth::seal::{Seal, Sealed};

use crate::http::same_origin::is_by_program;

/// The field that carries the tag.
pub(crate) const SHOWN: &str = "shown";

/// The resources at which somebody would act: name and place.
pub(crate) fn named(target: &Target) -> Vec<(String, String)> {
    target.iter().map(|resource| (resource.name.clone(), resource.identifier.place())).collect()
}

/// The authorization details of a request in words. Those that were not agreed to before, while something was, are new.
pub(crate) fn detailed(target: &Target, remembered: Option<&Agreement>) -> Vec<Detail> {
    let is_known = |granted: &GrantedDetail, agreed: &Agreement| agreed.details().iter().any(|own| own.covers(granted));
    let is_new = |granted: &GrantedDetail| remembered.is_some_and(|agreed| !is_known(granted, agreed));
    let words = target.details().iter().zip(target.details_in_words());
    words.map(|(granted, words)| Detail { words, is_new: is_new(granted) }).collect()
}

/// The tag that came with an answer.
#[derive(Debug)]
pub(crate) struct Shown {
    tag: String,
    by_program: bool,
}

impl Shown {
    pub(crate) fn read(headers: &HeaderMap, body: &Form) -> Self {
        Self { tag: body.text(SHOWN), by_program: is_by_program(headers) }
    }

    /// True when the answer is to a page that showed `parts`.
    pub(crate) fn is_about(&self, seal: &Seal, sealed: Sealed, parts: &[&str]) -> bool {
        (self.by_program && self.tag.is_empty()) || seal.accepts(&self.tag, sealed, parts)
    }
}

/// An answer that somebody sent.
#[derive(Debug)]
pub(crate) struct Confirmation {
    /// The value of the button.
    pub(crate) confirm: String,
    shown: Shown,
}

impl Confirmation {
    /// The answer in a body from one of our own pages, or from a program; `None` when it holds none.
    pub(crate) fn read(headers: &HeaderMap, body: &Form) -> Option<Self> {
        let confirm = body.text("confirm");
        (!confirm.is_empty()).then(|| Self { confirm, shown: Shown::read(headers, body) })
    }

    /// The body without the answer.
    pub(crate) fn rest(body: &Form) -> Form {
        body.without("confirm").without(SHOWN)
    }

    /// True when the answer is to a page that showed `parts`.
    pub(crate) fn is_about(&self, seal: &Seal, sealed: Sealed, parts: &[&str]) -> bool {
        self.shown.is_about(seal, sealed, parts)
    }
}
