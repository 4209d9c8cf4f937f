//! The form that makes or changes a trust.

use leptos::prelude::*;
use oauth::trust::{Trust, TrustDraft, TrustKind};

use super::form::sections;
use super::{kind_cards, kind_name, kind_text, trust_head};
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path};
use crate::ui::{Crumb, Tone, note, page_head, section, word_of};

/// The choice of the kind that a new trust is of.
#[derive(Debug, Clone)]
pub struct ChooseTrustPage {}

impl ChooseTrustPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Trusts), "New trust", || {
            let lead = "Who is it about? The kind cannot be changed later.";
            view! { {page_head(vec![Crumb::new("Trusts", path::TRUSTS)], "New trust", lead, ())} {kind_cards()} }
        })
    }
}

/// The form of a new trust.
#[derive(Debug, Clone)]
pub struct NewTrustPage {
    pub kind: TrustKind,
    pub editing: Editing<TrustDraft>,
}

impl NewTrustPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let title = format!("New trust: {}", kind_name(self.kind).to_lowercase());
        console.page(Some(Entry::Trusts), title.clone(), move || {
            let fields = sections(self.kind, &self.editing.draft, &self.editing.errors);
            let fields = view! { <input type="hidden" name="kind" value=self.kind.as_str()/> {fields} };
            let crumbs = vec![Crumb::new("Trusts", path::TRUSTS), Crumb::new("New trust", path::TRUST_NEW)];
            view! {
                {page_head(crumbs, title, kind_text(self.kind), ())}
                {self.editing.form(path::TRUST_NEW.to_owned(), "Create trust", fields)}
            }
        })
    }
}

/// The form of a trust that there is, and the outcome of a look for its keys, if there was one.
#[derive(Debug, Clone)]
pub struct TrustSettingsPage {
    pub trust: Trust,
    pub editing: Editing<TrustDraft>,
    /// The number of keys that can be had, or a sentence that says why none can.
    pub found: Option<Result<usize, String>>,
}

impl TrustSettingsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Trusts), self.trust.name.clone(), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let fields = sections(self.trust.kind(), &self.editing.draft, &self.editing.errors);
        view! {
            {trust_head(&self.trust, "Settings")}
            {self.check()}
            {self.editing.form(path::trust(self.trust.id.as_str()), "Save", fields)}
        }
    }

    /// The button that looks for the keys; none for who takes our assertions.
    fn check(&self) -> Option<AnyView> {
        self.trust.keys()?;
        let outcome = self.found.as_ref().map(|found| match found {
            Ok(keys) => note(Tone::Good, format!("{} can be had.", word_of(*keys as u64, "key", "keys"))),
            Err(why) => note(Tone::Bad, why.clone()),
        });
        let form = view! {
            {outcome}
            <form method="post" action=path::trust_part(self.trust.id.as_str(), "check")>
                <div class="actions"><button class="btn">"Look for its keys"</button></div>
            </form>
        };
        let hint = "Asks the issuer now, as the trust is saved. Save first: what is typed below and not saved is lost.";
        Some(section("Check", hint, form))
    }
}
