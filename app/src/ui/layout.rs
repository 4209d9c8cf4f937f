//! The layout of a page: its head, tabs and sections.

use leptos::prelude::*;

use super::{Field, Icon, Tip};
use crate::islands::CopyButton;

/// A step on the way to this page.
#[derive(Debug, Clone)]
pub(crate) struct Crumb {
    pub(crate) label: String,
    pub(crate) href: String,
}

impl Crumb {
    pub(crate) fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// The head of a page: the way to it, its title, its purpose, and the actions it offers.
pub(crate) fn page_head(
    crumbs: Vec<Crumb>,
    title: impl IntoView + 'static,
    lead: impl IntoView + 'static,
    actions: impl IntoView + 'static,
) -> AnyView {
    let crumbs = (!crumbs.is_empty()).then(|| {
        let steps = crumbs
            .into_iter()
            .map(|crumb| view! { <li><a href=crumb.href>{crumb.label}</a>{Icon::Right.view()}</li> })
            .collect_view();
        view! { <nav class="crumbs" aria-label="Breadcrumbs"><ol>{steps}</ol></nav> }
    });
    view! {
        <div class="head">
            {crumbs}
            <div class="head-text">
                <h1>{title.into_any()}</h1>
                <div class="muted">{lead.into_any()}</div>
            </div>
            <div class="head-actions">{actions.into_any()}</div>
        </div>
    }
    .into_any()
}

/// The parts of one thing, each at its own address.
pub(crate) fn tabs(label: &'static str, tabs: &[(&'static str, String)], current: &str) -> AnyView {
    let links = tabs
        .iter()
        .map(|(text, href)| {
            let here = (*text == current).then_some("page");
            view! { <li><a href=href.clone() aria-current=here>{*text}</a></li> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=label><ul>{links}</ul></nav> }.into_any()
}

/// A heading with a sentence beside what it is about.
pub(crate) fn section(title: &'static str, hint: impl IntoView + 'static, content: impl IntoView + 'static) -> AnyView {
    view! {
        <section class="section">
            <div class="section-head">
                <h2>{title}</h2>
                <div class="muted small">{hint.into_any()}</div>
            </div>
            <div class="card section-body">{content.into_any()}</div>
        </section>
    }
    .into_any()
}

/// Terms and what they are.
pub(crate) fn facts(rows: Vec<(&'static str, AnyView)>) -> AnyView {
    let rows =
        rows.into_iter().map(|(term, value)| view! { <div><dt>{term}</dt><dd>{value}</dd></div> }).collect_view();
    view! { <dl class="facts">{rows}</dl> }.into_any()
}

/// Something to copy, with the button that does it. `what` names it in the button's text.
pub(crate) fn code_line(what: &str, text: impl Into<String>) -> AnyView {
    let text = text.into();
    view! {
        <span class="code-line">
            <code>{text.clone()}</code>
            <CopyButton text=text what=what.to_owned()/>
        </span>
    }
    .into_any()
}

/// A deed that cannot be taken back: a form that posts the words typed as `confirm`.
pub(crate) struct Danger {
    pub(crate) title: &'static str,
    pub(crate) text: AnyView,
    pub(crate) action: String,
    /// A field that is sent along unseen.
    pub(crate) hidden: Option<(&'static str, String)>,
    /// The words that must be typed.
    pub(crate) confirm: String,
    pub(crate) tip: Tip,
    pub(crate) button: &'static str,
    pub(crate) error: Option<String>,
}

/// See [`Danger`].
pub(crate) fn danger_zone(danger: Danger) -> AnyView {
    let label = format!("Type {} to confirm", danger.confirm);
    let hidden = danger.hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <section class="section">
            <div class="section-head">
                <h2>{danger.title}</h2>
                <div class="muted small">{danger.text}</div>
            </div>
            <form class="card section-body danger" method="post" action=danger.action>
                {hidden}
                {Field::new("confirm", label).tip(danger.tip).autocomplete("off").code().error(danger.error).view()}
                <div class="actions"><button class="btn danger">{danger.button}</button></div>
            </form>
        </section>
    }
    .into_any()
}
