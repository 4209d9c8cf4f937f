//! Fields with given answers: checkboxes, cards to choose from, lists.

use leptos::prelude::*;

use super::Tip;
use super::field::error_line;

/// One of several answers.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    /// One sentence about it; may be empty.
    pub(crate) help: String,
}

impl Choice {
    pub(crate) fn new(value: impl ToString, label: impl Into<String>, help: impl Into<String>) -> Self {
        Self { value: value.to_string(), label: label.into(), help: help.into() }
    }
}

/// A single yes or no, sent as `name=on` when ticked.
pub(crate) fn checkbox(name: &str, label: &str, help: &str, tip: Tip, checked: bool) -> AnyView {
    checkbox_or_error(name, (label, help), tip, checked, None)
}

/// The same, where the answer can be wrong.
pub(crate) fn checkbox_or_error(
    name: &str,
    (label, help): (&str, &str),
    tip: Tip,
    checked: bool,
    error: Option<String>,
) -> AnyView {
    let id = format!("field-{name}");
    let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
    let described = if error.is_some() { format!("{help_id} {error_id}") } else { help_id.clone() };
    let tip = tip.view(&id, label);
    view! {
        <div class="check">
            <input type="checkbox" id=id.clone() name=name.to_owned() checked=checked aria-describedby=described/>
            <div>
                <div class="label"><label for=id>{label.to_owned()}</label>{tip}</div>
                <p class="help" id=help_id>{help.to_owned()}</p>
                {error_line(&error_id, error)}
            </div>
        </div>
    }
    .into_any()
}

/// Any number of answers, each sent as `name=value`.
pub(crate) fn checkboxes(
    name: &str,
    legend: &str,
    help: &str,
    tip: Tip,
    choices: Vec<Choice>,
    chosen: &[String],
    error: Option<String>,
) -> AnyView {
    let rows = choices.into_iter().map(|choice| {
        let checked = chosen.contains(&choice.value);
        answer("checkbox", name, choice, checked)
    });
    group(name, legend, (help, tip), "checks", rows.collect(), error)
}

/// One answer out of a few, each with room for an explanation.
pub(crate) fn radio_cards(
    name: &str,
    legend: &str,
    tip: Tip,
    choices: Vec<Choice>,
    chosen: &str,
    error: Option<String>,
) -> AnyView {
    let rows = choices.into_iter().map(|choice| {
        let checked = choice.value == chosen;
        answer("radio", name, choice, checked)
    });
    group(name, legend, ("", tip), "cards", rows.collect(), error)
}

/// One answer out of a list.
pub(crate) fn select(
    name: &str,
    label: &str,
    help: &str,
    tip: Tip,
    choices: Vec<Choice>,
    chosen: &str,
    error: Option<String>,
) -> AnyView {
    let id = format!("field-{name}");
    let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
    let tip = tip.view(&id, label);
    let options = choices
        .into_iter()
        .map(|choice| {
            let selected = choice.value == chosen;
            view! { <option value=choice.value selected=selected>{choice.label}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <div class="label"><label for=id.clone()>{label.to_owned()}</label>{tip}</div>
            <select
                class="input"
                id=id
                name=name.to_owned()
                aria-describedby=format!("{help_id} {error_id}")
                aria-invalid=error.is_some().then_some("true")
            >
                {options}
            </select>
            <p class="help" id=help_id>{help.to_owned()}</p>
            {error_line(&error_id, error)}
        </div>
    }
    .into_any()
}

fn answer(kind: &'static str, name: &str, choice: Choice, checked: bool) -> AnyView {
    let id = format!("field-{name}-{}", choice.value);
    let help_id = format!("{id}-help");
    let help =
        (!choice.help.is_empty()).then(|| view! { <p class="help" id=help_id.clone()>{choice.help.clone()}</p> });
    let described_by = help.is_some().then_some(help_id);
    view! {
        <div class="check">
            <input type=kind id=id.clone() name=name.to_owned() value=choice.value checked=checked aria-describedby=described_by/>
            <div>
                <label for=id>{choice.label}</label>
                {help}
            </div>
        </div>
    }
    .into_any()
}

fn group(
    name: &str,
    legend: &str,
    (help, tip): (&str, Tip),
    class: &str,
    rows: Vec<AnyView>,
    error: Option<String>,
) -> AnyView {
    let (help_id, error_id) = (format!("group-{name}-help"), format!("group-{name}-error"));
    let help = (!help.is_empty()).then(|| view! { <p class="help" id=help_id.clone()>{help.to_owned()}</p> });
    view! {
        <fieldset class="group" id=format!("field-{name}") aria-describedby=format!("{help_id} {error_id}")>
            <legend>{legend.to_owned()}</legend>
            <div class="legend-tip">{tip.view(&format!("group-{name}"), legend)}</div>
            {help}
            <div class=class.to_owned()>{rows}</div>
            {error_line(&error_id, error)}
        </fieldset>
    }
    .into_any()
}
