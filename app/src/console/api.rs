//! The admin API, call by call. The parameter `call` says which one is told in full: all of them at once would be a heavy page.

use leptos::prelude::*;

use super::frame::Entry;
use super::{Console, path};
use crate::path::docs;
use crate::ui::{Tone, note, page_head, read_table, tag, with_query};

/// Every call of the API, by what it is about.
#[derive(Debug, Clone)]
pub struct ApiPage {
    /// The address of the document that all this is read from.
    pub document: &'static str,
    pub groups: Vec<Group>,
    /// The answers of every call that needs the token; no call repeats them.
    pub shared: Vec<Answer>,
    /// The ID of the call that is told in full; empty for none.
    pub call: String,
}

/// Calls about the same thing.
#[derive(Debug, Clone)]
pub struct Group {
    pub name: String,
    pub description: String,
    pub operations: Vec<Operation>,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Unique: `?call=id` opens it, and `#id` leads to it.
    pub id: String,
    /// In capitals.
    pub method: String,
    pub path: String,
    pub summary: String,
    pub description: String,
    pub parameters: Vec<Member>,
    /// The members of the body. One of an object within has the names of both: `policy.require_pkce`. The command has an example.
    pub body: Option<Vec<Member>>,
    pub answers: Vec<Answer>,
    pub needs_token: bool,
    /// The call as a line for a shell.
    pub command: String,
}

/// A parameter, or a member of a body.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: String,
    /// In words: "string or null".
    pub kind: String,
    pub required: bool,
    pub description: String,
    /// The bounds of its value, and its default.
    pub limits: Vec<String>,
}

/// An answer of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: String,
    pub description: String,
}

impl ApiPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Api), "API", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let mut calls = self.groups.iter().flat_map(|group| &group.operations);
        let is_lost = !self.call.is_empty() && !calls.any(|operation| operation.id == self.call);
        let groups: Vec<_> = self.groups.into_iter().map(|of| group(of, &self.call)).collect();
        view! {
            {page_head(
                Vec::new(),
                "API",
                view! {
                    "JSON for scripts that hold the admin token. "
                    <a href=docs("api")>"The guide"</a>
                    " shows calls one after the other; "
                    <a href=self.document>"the OpenAPI document"</a>
                    " is for generators of clients."
                },
                view! { <a class="btn" href=self.document>"OpenAPI document"</a> },
            )}
            {is_lost.then(|| note(Tone::Warn, "There is no call of this name. These are all that there are."))}
            <p class="muted">
                "One click opens a call. The lines for the shell take the token from " <code>"ADMIN_TOKEN"</code>
                ". A name in capitals in an address stands for yours. One click chooses the whole command."
            </p>
            <section class="api-group">
                <h2>"Every call"</h2>
                <p class="muted small">"What each call that needs the token can be answered with, beside what it says itself."</p>
                <div class="card" id="every-call">{answers(self.shared)}</div>
            </section>
            {groups}
        }
    }
}

fn group(group: Group, call: &str) -> AnyView {
    let operations: Vec<_> = group.operations.into_iter().map(|operation| line(operation, call)).collect();
    view! {
        <section class="api-group">
            <h2>{group.name}</h2>
            <p class="muted small">{prose(&group.description)}</p>
            <div class="card">{operations}</div>
        </section>
    }
    .into_any()
}

/// A call, which opens where it stands; the one that is open closes.
fn line(operation: Operation, call: &str) -> AnyView {
    let is_open = operation.id == call;
    let id = operation.id.clone();
    let others = if is_open { path::API.to_owned() } else { with_query(path::API, &[("call", &id)]) };
    let href = format!("{others}#{id}");
    let method = format!("api-method {}", operation.method.to_lowercase());
    view! {
        <div class="api-call" class:open=is_open id=id>
            <a href=href aria-current=is_open.then_some("true")>
                <span class=method>{operation.method.clone()}</span>
                <code>{operation.path.clone()}</code>
                <span class="muted">{operation.summary.clone()}</span>
            </a>
            {is_open.then(|| text(operation))}
        </div>
    }
    .into_any()
}

fn text(operation: Operation) -> AnyView {
    let parameters = (!operation.parameters.is_empty())
        .then(|| view! { <h3>"Parameters"</h3> {members("Parameters", operation.parameters)} });
    let body = operation.body.map(body);
    view! {
        <div class="api-text">
            <p>{prose(&operation.description)}</p>
            {parameters}
            {body}
            <h3>"Answers"</h3>
            {answers(operation.answers)}
            <h3>"In a shell"</h3>
            <pre class="sample whole" tabindex="0"><code>{operation.command}</code></pre>
        </div>
    }
    .into_any()
}

fn body(body: Vec<Member>) -> AnyView {
    view! {
        <h3>"Body"</h3>
        {members("Members of the body", body)}
    }
    .into_any()
}

fn members(label: &'static str, members: Vec<Member>) -> AnyView {
    let rows = members
        .into_iter()
        .map(|member| {
            let required = member.required.then(|| tag(Tone::Plain, "required"));
            let limits = (!member.limits.is_empty())
                .then(|| view! { <div class="tiny">{prose(&member.limits.join("; "))}</div> });
            view! {
                <tr>
                    <td><code>{member.name}</code>" "{required}</td>
                    <td>{member.kind}</td>
                    <td>{prose(&member.description)}{limits}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    read_table(label, &["Name", "Type", "What it is"], rows)
}

fn answers(answers: Vec<Answer>) -> AnyView {
    let rows = answers
        .into_iter()
        .map(|answer| {
            let tone = match answer.status.as_bytes().first() {
                Some(b'2') => Tone::Good,
                Some(b'5') => Tone::Bad,
                _ => Tone::Plain,
            };
            let status = tag(tone, answer.status);
            view! { <tr><td>{status}</td><td>{prose(&answer.description)}</td></tr> }.into_any()
        })
        .collect();
    read_table("Answers", &["Status", "When"], rows)
}

/// Text of the document: what stands between backticks is code.
fn prose(text: &str) -> Vec<AnyView> {
    text.split('`')
        .enumerate()
        .map(|(at, part)| {
            let part = part.to_owned();
            if at % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
        })
        .collect()
}
