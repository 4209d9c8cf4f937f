//! A field of a form: label, control, help and error, tied together for those who cannot see the page.

use leptos::prelude::*;

use super::Tip;
use crate::islands::{Check, LiveError, UriRule, UriVerdicts};

/// A field with one line or several of text. Nothing but the label and the name is needed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    name: String,
    label: String,
    id: String,
    value: String,
    help: String,
    tip: Option<Tip>,
    error: Option<String>,
    kind: &'static str,
    autocomplete: Option<&'static str>,
    placeholder: Option<String>,
    required: bool,
    autofocus: bool,
    code: bool,
    rows: u16,
    live: Live,
}

/// Which island says what is wrong while someone types.
#[derive(Debug, Clone, Copy, Default)]
enum Live {
    #[default]
    None,
    Check(Check),
    Uris(UriRule),
}

impl Field {
    /// A field that is sent under `name`.
    pub(crate) fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        let name = name.into();
        Self { id: format!("field-{name}"), name, label: label.into(), kind: "text", ..Self::default() }
    }

    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// One sentence under the control.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The explanation that the "?" beside the label opens.
    pub(crate) fn tip(mut self, tip: Tip) -> Self {
        self.tip = Some(tip);
        self
    }

    /// The problem of the value, if it has one.
    pub(crate) fn error(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    /// `type` of the control: `password`, `email`, `url`…
    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// The kind of value that a password manager may fill in (HTML, autofill).
    pub(crate) fn autocomplete(mut self, autocomplete: &'static str) -> Self {
        self.autocomplete = Some(autocomplete);
        self
    }

    pub(crate) fn placeholder(mut self, placeholder: impl Into<String>) -> Self {
        self.placeholder = Some(placeholder.into()).filter(|placeholder| !placeholder.is_empty());
        self
    }

    pub(crate) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) fn autofocus(mut self) -> Self {
        self.autofocus = true;
        self
    }

    /// Something that is read letter by letter: an ID, a URI, a secret.
    pub(crate) fn code(mut self) -> Self {
        self.code = true;
        self
    }

    /// A text area of so many lines.
    pub(crate) fn rows(mut self, rows: u16) -> Self {
        self.rows = rows;
        self
    }

    /// Checked while someone types. In the console only: other pages run no script.
    pub(crate) fn check(mut self, check: Check) -> Self {
        self.live = Live::Check(check);
        self
    }

    /// URIs, each of them judged while someone types. In the console only: other pages run no script.
    pub(crate) fn uris(mut self, rule: UriRule) -> Self {
        self.live = Live::Uris(rule);
        self
    }

    pub(crate) fn view(self) -> AnyView {
        let help_id = (!self.help.is_empty()).then(|| format!("{}-help", self.id));
        let error_id = format!("{}-error", self.id);
        // The error's id is named even while there is none: one may appear while someone types.
        let described_by = help_id.iter().chain([&error_id]).cloned().collect::<Vec<_>>().join(" ");
        let control = if self.rows > 0 { self.text_area(described_by) } else { self.line(described_by) };
        let help = help_id.map(|id| view! { <p class="help" id=id>{self.help.clone()}</p> });
        let tip = self.tip.map(|tip| tip.view(&self.id, &self.label));
        view! {
            <div class="field">
                <div class="label"><label for=self.id.clone()>{self.label.clone()}</label>{tip}</div>
                {control}
                {help}
                {self.problem(&error_id)}
            </div>
        }
        .into_any()
    }

    fn problem(&self, error_id: &str) -> AnyView {
        let (control, error) = (self.id.clone(), self.error.clone());
        match self.live {
            Live::None => error_line(error_id, error).into_any(),
            Live::Check(check) => view! { <LiveError control=control check=check error=error/> }.into_any(),
            Live::Uris(rule) => view! { <UriVerdicts control=control rule=rule error=error/> }.into_any(),
        }
    }

    fn class(&self) -> &'static str {
        if self.code { "input code" } else { "input" }
    }

    fn line(&self, described_by: String) -> AnyView {
        view! {
            <input
                class=self.class()
                id=self.id.clone()
                name=self.name.clone()
                type=self.kind
                value=(!self.value.is_empty()).then(|| self.value.clone())
                autocomplete=self.autocomplete
                placeholder=self.placeholder.clone()
                required=self.required
                autofocus=self.autofocus
                spellcheck=self.code.then_some("false")
                autocapitalize=self.code.then_some("none")
                aria-describedby=described_by
                aria-invalid=self.error.is_some().then_some("true")
            />
        }
        .into_any()
    }

    fn text_area(&self, described_by: String) -> AnyView {
        // Children of a text area are not escaped by Leptos. The parser drops a line end at the beginning, so one is put there
        // for it to drop.
        let value = format!("\n{}", self.value.replace('&', "&amp;").replace('<', "&lt;"));
        view! {
            <textarea
                class=self.class()
                id=self.id.clone()
                name=self.name.clone()
                rows=self.rows.to_string()
                placeholder=self.placeholder.clone()
                required=self.required
                spellcheck=self.code.then_some("false")
                autocapitalize=self.code.then_some("none")
                aria-describedby=described_by
                aria-invalid=self.error.is_some().then_some("true")
                inner_html=value
            ></textarea>
        }
        .into_any()
    }
}

/// The line under the control that says its problem.
pub(super) fn error_line(id: &str, error: Option<String>) -> Option<AnyView> {
    error.map(|error| view! { <p class="err" id=id.to_owned()>{error}</p> }.into_any())
}
