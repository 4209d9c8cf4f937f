//! The admin API, call by call.

use leptos::prelude::*;

use super::Console;
use super::frame::Entry;
use crate::path::docs;
use crate::ui::{Tone, page_head, read_table, tag};

/// Every call of the API, by what it is about.
#[derive(Debug, Clone)]
pub struct ApiPage {
    /// The address of the document that all this is read from.
    pub document: &'static str,
    pub groups: Vec<Group>,
    /// The answers of every call that needs the token; no call repeats them.
    pub shared: Vec<Answer>,
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
    /// Unique on the page: `#id` leads to it.
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
        let groups: Vec<_> = self.groups.into_iter().map(group).collect();
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
            <p class="muted">
                "The lines for the shell take the token from " <code>"ADMIN_TOKEN"</code>
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

fn group(group: Group) -> AnyView {
    let operations: Vec<_> = group.operations.into_iter().map(operation).collect();
    view! {
        <section class="api-group">
            <h2>{group.name}</h2>
            <p class="muted small">{prose(&group.description)}</p>
            <div class="card">{operations}</div>
        </section>
    }
    .into_any()
}

/// The ID is on what is inside: a browser that goes there opens the call.
fn operation(operation: Operation) -> AnyView {
    let parameters = (!operation.parameters.is_empty())
        .then(|| view! { <h3>"Parameters"</h3> {members("Parameters", operation.parameters)} });
    let body = operation.body.map(body);
    let link = format!("#{}", operation.id);
    let method = format!("api-method {}", operation.method.to_lowercase());
    view! {
        <details class="api-call">
            <summary>
                <span class=method>{operation.method}</span>
                <code>{operation.path}</code>
                <span class="muted">{operation.summary}</span>
            </summary>
            <div class="api-text" id=operation.id>
                <p>
                    {prose(&operation.description)} " "
                    <a href=link>
                        "Link"<span class="visually-hidden">" to this call"</span>
                    </a>
                </p>
                {parameters}
                {body}
                <h3>"Answers"</h3>
                {answers(operation.answers)}
                <h3>"In a shell"</h3>
                <pre class="sample whole" tabindex="0"><code>{operation.command}</code></pre>
            </div>
        </details>
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
