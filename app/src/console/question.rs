//! The page before a deed that takes something away: it says what will happen, and to whom, and has one button. It works without script.

use leptos::prelude::*;

use crate::ui::{Crumb, page_head};

/// A question.
pub(super) struct Question {
    pub(super) crumbs: Vec<Crumb>,
    pub(super) title: &'static str,
    /// The subject, in a sentence.
    pub(super) about: AnyView,
    /// The consequences.
    pub(super) text: AnyView,
    /// The address that the button posts to.
    pub(super) action: String,
    /// Fields that are sent along unseen.
    pub(super) hidden: Vec<(String, String)>,
    pub(super) button: &'static str,
    /// The page to which somebody goes who does not want it.
    pub(super) back: String,
}

impl Question {
    pub(super) fn view(self) -> AnyView {
        let hidden =
            self.hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
        view! {
            {page_head(self.crumbs, self.title, self.about, ())}
            <form class="card section-body danger" method="post" action=self.action>
                {hidden.collect_view()}
                {self.text}
                <div class="actions">
                    <button class="btn danger">{self.button}</button>
                    <a class="btn" href=self.back>"Back"</a>
                </div>
            </form>
        }
        .into_any()
    }
}
