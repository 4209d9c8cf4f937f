//! The fields about what is encrypted for a client, and by it.

use leptos::prelude::*;
use oauth::client::Encrypted;
use oauth::jose::ContentEncryption;

use super::form::ClientForm;
use crate::console::labels::label;
use crate::console::tips;
use crate::ui::{Choice, message, select};

impl ClientForm<'_> {
    /// Two algorithms for each message, folded away until one is chosen. A client without keys has nothing to choose.
    pub(super) fn encryption(&self) -> Option<AnyView> {
        let open = Encrypted::ALL.iter().any(|part| {
            let (alg, enc) = part.members();
            self.is_said(alg) || self.is_said(enc)
        });
        let has_keys = !self.draft.jwks.trim().is_empty() || !self.draft.jwks_uri.trim().is_empty();
        if !open && !has_keys {
            return None;
        }
        let selects = Encrypted::ALL.iter().map(|part| self.algorithms(*part)).collect_view();
        let fold = view! {
            <details class="more" open=open>
                <summary>"Encryption"</summary>
                {selects}
            </details>
        };
        Some(fold.into_any())
    }

    /// True for a member that says something, or is wrong.
    fn is_said(&self, name: &'static str) -> bool {
        !self.draft.encryption_text(name).is_empty() || self.errors.find(name).is_some()
    }

    fn algorithms(&self, part: Encrypted) -> AnyView {
        let (alg, enc) = part.members();
        let (none, tip) = if part.is_answer() {
            ("None: not encrypted", tips::ENCRYPTED_ANSWERS)
        } else {
            ("Any, or none", tips::ENCRYPTED_REQUESTS)
        };
        let algs = part.algs().iter().map(|alg| Choice::new(alg, alg.as_str(), ""));
        let algs = std::iter::once(Choice::new("", none, "")).chain(algs).collect();
        // The default is not said by its name, so that nothing is left of it where nothing is encrypted.
        let usual = Choice::new("", ContentEncryption::default().as_str(), "");
        let others = ContentEncryption::ALL.iter().filter(|enc| **enc != ContentEncryption::default());
        let encs = std::iter::once(usual).chain(others.map(|enc| Choice::new(enc, enc.as_str(), ""))).collect();
        let pick = |name: &'static str, tip, choices| {
            select(name, &label(name), "", tip, choices, self.draft.encryption_text(name), message(self.errors, name))
        };
        let content = (self.is_said(alg) || self.is_said(enc)).then(|| pick(enc, tips::CONTENT_ENCRYPTION, encs));
        view! { {pick(alg, tip, algs)} {content} }.into_any()
    }
}
