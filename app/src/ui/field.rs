//! A field of a form: label, control, help and error, tied together for those who cannot see the page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// How wide a control is: as wide as what it holds is long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Size {
    #[default]
    Full,
    Half,
}

/// A field with one line or several of text. Nothing but the label and the name is needed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub label: String,
    id: String,
    pub value: String,
    help: String,
    pub error: Option<String>,
    kind: String,
    autocomplete: String,
    placeholder: String,
    required: bool,
    autofocus: bool,
    code: bool,
    rows: u16,
    size: Size,
}

impl Field {
    /// A field that is sent under `name`.
    pub fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        let name = name.into();
        Self { id: format!("field-{name}"), name, label: label.into(), kind: "text".to_owned(), ..Self::default() }
    }

    /// The field's own id, where the page has two of one name.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// One sentence under the control.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// What is wrong with the value, if anything.
    #[must_use]
    pub fn error(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    /// `type` of the control: `password`, `email`, `url`…
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }

    /// What a password manager may fill in (HTML, autofill).
    #[must_use]
    pub fn autocomplete(mut self, autocomplete: impl Into<String>) -> Self {
        self.autocomplete = autocomplete.into();
        self
    }

    #[must_use]
    pub fn placeholder(mut self, placeholder: impl Into<String>) -> Self {
        self.placeholder = placeholder.into();
        self
    }

    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    #[must_use]
    pub fn autofocus(mut self) -> Self {
        self.autofocus = true;
        self
    }

    /// Something that is read letter by letter: an ID, a URI, a secret.
    #[must_use]
    pub fn code(mut self) -> Self {
        self.code = true;
        self
    }

    /// A text area of so many lines.
    #[must_use]
    pub fn rows(mut self, rows: u16) -> Self {
        self.rows = rows;
        self
    }

    /// Two of these stand side by side where there is room.
    #[must_use]
    pub fn half(mut self) -> Self {
        self.size = Size::Half;
        self
    }

    /// The id of the control itself.
    pub(crate) fn control_id(&self) -> &str {
        &self.id
    }

    fn help_id(&self) -> String {
        format!("{}-help", self.id)
    }

    fn error_id(&self) -> String {
        format!("{}-error", self.id)
    }

    fn described_by(&self) -> Option<String> {
        // The error's id is named even while there is none: one may appear while someone types.
        let help = (!self.help.is_empty()).then(|| self.help_id());
        Some(help.into_iter().chain([self.error_id()]).collect::<Vec<_>>().join(" "))
    }

    /// The field as it is sent by the server.
    #[must_use]
    pub fn view(self) -> AnyView {
        let error = self.error.clone();
        self.live(move || error.clone(), |_| (), |_| (), None)
    }

    /// The field with an error that may change, and with what to do when the value does (`input`) and when the person leaves
    /// it (`change`). Both get the value.
    pub(crate) fn live(
        self,
        error: impl Fn() -> Option<String> + Clone + Send + Sync + 'static,
        on_input: impl Fn(String) + 'static,
        on_change: impl Fn(String) + 'static,
        below: Option<AnyView>,
    ) -> AnyView {
        let invalid = {
            let error = error.clone();
            move || error().map(|_| "true")
        };
        let error_id = self.error_id();
        let class = match self.size {
            Size::Full => "field",
            Size::Half => "field half",
        };
        let control = if self.rows > 0 {
            self.text_area(invalid, on_input, on_change)
        } else {
            self.line(invalid, on_input, on_change)
        };
        let help = (!self.help.is_empty()).then(|| view! { <p class="help" id=self.help_id()>{self.help.clone()}</p> });
        view! {
            <div class=class>
                <label for=self.id.clone()>{self.label.clone()}</label>
                {control}
                {help}
                {below}
                {move || error_line(&error_id, error())}
            </div>
        }
        .into_any()
    }

    fn class(&self) -> &'static str {
        if self.code { "input code" } else { "input" }
    }

    fn line(
        &self,
        invalid: impl Fn() -> Option<&'static str> + Send + 'static,
        on_input: impl Fn(String) + 'static,
        on_change: impl Fn(String) + 'static,
    ) -> AnyView {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        view! {
            <input
                class=self.class()
                id=self.id.clone()
                name=self.name.clone()
                type=self.kind.clone()
                value=filled(&self.value)
                autocomplete=filled(&self.autocomplete)
                placeholder=filled(&self.placeholder)
                required=self.required
                autofocus=self.autofocus
                spellcheck=self.code.then_some("false")
                autocapitalize=self.code.then_some("none")
                aria-describedby=self.described_by()
                aria-invalid=invalid
                on:input=move |event| on_input(event_target_value(&event))
                on:change=move |event| on_change(event_target_value(&event))
            />
        }
        .into_any()
    }

    fn text_area(
        &self,
        invalid: impl Fn() -> Option<&'static str> + Send + 'static,
        on_input: impl Fn(String) + 'static,
        on_change: impl Fn(String) + 'static,
    ) -> AnyView {
        view! {
            <textarea
                class=self.class()
                id=self.id.clone()
                name=self.name.clone()
                rows=self.rows.to_string()
                placeholder=(!self.placeholder.is_empty()).then(|| self.placeholder.clone())
                required=self.required
                spellcheck=self.code.then_some("false")
                autocapitalize=self.code.then_some("none")
                aria-describedby=self.described_by()
                aria-invalid=invalid
                on:input=move |event| on_input(event_target_value(&event))
                on:change=move |event| on_change(event_target_value(&event))
                inner_html=text_area_content(&self.value)
            ></textarea>
        }
        .into_any()
    }
}

/// What is wrong, under the control.
pub(crate) fn error_line(id: &str, error: Option<String>) -> Option<AnyView> {
    error.map(|error| view! { <p class="err" id=id.to_owned()>{error}</p> }.into_any())
}

/// Escaped by hand: as a child it would be a text node, and there is none to hydrate where the text is empty. The parser drops
/// a line end at the beginning, so one is put there for it to drop.
fn text_area_content(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}
