//! The "?" beside a label: a sentence or two, and where the guide says more. It opens without a script.

use leptos::prelude::*;

use crate::path;

/// An explanation of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tip {
    /// The heading of the guide that explains it.
    anchor: &'static str,
    text: &'static str,
}

impl Tip {
    pub(crate) const fn new(anchor: &'static str, text: &'static str) -> Self {
        Self { anchor, text }
    }

    /// The button and what it opens. `owner` is the id of the control or group, `label` what that is called.
    ///
    /// The button stands outside the label, and its name is text: neither is part of the control's own name.
    pub(crate) fn view(self, owner: &str, label: &str) -> AnyView {
        let id = format!("{owner}-tip");
        let more = path::docs(&format!("admin-guide#{}", self.anchor));
        view! {
            <button type="button" class="tip" popovertarget=id.clone()>
                <span aria-hidden="true">"?"</span>
                <span class="visually-hidden">{format!("About {label}")}</span>
            </button>
            <div class="tip-text" id=id popover="auto">
                <p>{self.text}</p>
                // In a tab of its own: what was typed into the form stays.
                <a href=more target="_blank" rel="noopener">
                    "Learn more"
                    <span class="visually-hidden">{format!(" about {label}, in a new tab")}</span>
                </a>
            </div>
        }
        .into_any()
    }
}
