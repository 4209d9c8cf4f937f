//! Agents & dynamic clients: those that came with a document, the hosts that may send some, and documents that are put here.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::registration::{DocumentSource, HostMode, HostPolicyDraft};
use oauth::time::Timestamp;

use super::frame::Entry;
use super::{Console, Editing, path, tips};
use crate::ui::{Choice, Field, Tone, count, empty, message, moment, note, page_head, section, select, table, tag};

/// The page. Its first form sends `mode`, `allowed` and `blocked`; the last one `client_id` and `document`; the buttons `host` and
/// `allow`.
#[derive(Debug, Clone)]
pub struct AgentsPage {
    pub agents: Vec<Agent>,
    pub asked: Vec<AskedHost>,
    pub rules: Editing<HostPolicyDraft>,
    /// The problem of a `host` that was not put on a list.
    pub refused: FieldErrors,
    pub upload: Upload,
    pub now: Timestamp,
}

/// A client that came with a document.
#[derive(Debug, Clone)]
pub struct Agent {
    pub client_id: String,
    pub client_name: String,
    pub host: String,
    pub enabled: bool,
    pub blocked: bool,
    pub source: DocumentSource,
    pub fetched_at: Timestamp,
    pub grants: u64,
    pub last_used_at: Option<Timestamp>,
}

/// A host that waits for an answer.
#[derive(Debug, Clone)]
pub struct AskedHost {
    pub host: String,
    pub client_id: String,
    pub asked_at: Timestamp,
}

/// A document that is being put here.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    pub client_id: String,
    pub document: String,
    pub errors: FieldErrors,
}

impl AgentsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Agents), "Agents & dynamic clients", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let lead = "Applications whose client ID is the URL of a document that describes them. A row stands here from the first \
                    time that somebody allows one something.";
        let asked = (!self.asked.is_empty()).then(|| {
            let rows = self.asked.iter().map(|asked| asked.line(self.now)).collect();
            let table = table("Hosts that people asked for", &["Host", "-Asked", "Answer"], rows);
            view! { <section class="card"><div class="block-head"><h2>"Waiting for you"</h2></div>{table}</section> }
        });
        let refused = message(&self.refused, "host").map(|problem| note(Tone::Bad, problem));
        let rows: Vec<_> = self.agents.iter().map(|agent| agent.line(self.now)).collect();
        let list = if rows.is_empty() {
            empty("No agents yet", "The first one stands here when somebody allows it something.", ())
        } else {
            table("Agents", &["Application", "-Host", "-Document", "-Grants", "-Last used", "Status"], rows)
        };
        view! {
            {page_head(
                Vec::new(),
                "Agents & dynamic clients",
                lead,
                view! {
                    <a class="btn" href=path::HOST_HISTORY>"History"</a>
                    <a class="btn" href=path::REGISTRATION>"Registration"</a>
                },
            )}
            {refused}
            {asked}
            <section class="card">{list}</section>
            {self.rules.form(path::AGENTS.to_owned(), "Save", rules(&self.rules))}
            {self.upload.view()}
        }
    }
}

fn rules(editing: &Editing<HostPolicyDraft>) -> AnyView {
    let draft = &editing.draft;
    let choices = HostMode::ALL.iter().map(|mode| {
        let label = match mode {
            HostMode::Open => "Open: people decide on the consent page",
            HostMode::AllowList => "Only the hosts below",
            HostMode::Ask => "Only the hosts below, and an administrator is asked about others",
            HostMode::Blocked => "None",
        };
        Choice::new(mode, label, "")
    });
    let hosts = |name: &'static str, label, value: &str, help, tip| {
        let field = Field::new(name, label).value(value).tip(tip).error(message(&editing.errors, name));
        field.help(help).rows(4).code().view()
    };
    let fields = view! {
        {select(
            "mode",
            "Hosts that may come",
            "Saving ends all grants of applications whose hosts may not come any more.",
            tips::CLIENT_HOSTS,
            choices.collect(),
            &draft.mode,
            message(&editing.errors, "mode"),
        )}
        {hosts("allowed", "Allowed hosts", &draft.allowed, "One a line, for example claude.ai.", tips::ALLOWED_HOSTS)}
        {hosts(
            "blocked",
            "Blocked hosts",
            &draft.blocked,
            "One a line. Saving ends all grants of their applications.",
            tips::BLOCKED_HOSTS,
        )}
    };
    section("Hosts", "Which hosts may send applications here.", fields)
}

impl Agent {
    fn line(&self, now: Timestamp) -> AnyView {
        let source = match self.source {
            DocumentSource::Live => view! { "fetched " {moment(self.fetched_at, now)} }.into_any(),
            DocumentSource::BuiltIn => view! { "built in, of " {moment(self.fetched_at, now)} }.into_any(),
            DocumentSource::Upload => view! { "put here " {moment(self.fetched_at, now)} }.into_any(),
        };
        let status = if self.blocked {
            tag(Tone::Bad, "Blocked")
        } else if self.enabled {
            button(&self.host, "no", "Block host")
        } else {
            tag(Tone::Plain, "Disabled")
        };
        let last_used = self.last_used_at.map_or_else(|| "never".into_any(), |at| moment(at, now));
        view! {
            <tr>
                <td>
                    <a class="name" href=path::client(&self.client_id)>{self.client_name.clone()}</a>
                    <div class="tiny ellipsis">{self.client_id.clone()}</div>
                </td>
                <td class="wide"><code>{self.host.clone()}</code></td>
                <td class="wide">{source}</td>
                <td class="num wide">{count(self.grants)}</td>
                <td class="num wide">{last_used}</td>
                <td>{status}</td>
            </tr>
        }
        .into_any()
    }
}

impl AskedHost {
    fn line(&self, now: Timestamp) -> AnyView {
        view! {
            <tr>
                <td><code>{self.host.clone()}</code><div class="tiny ellipsis">{self.client_id.clone()}</div></td>
                <td class="num wide">{moment(self.asked_at, now)}</td>
                <td><div class="actions">{button(&self.host, "yes", "Allow")}{button(&self.host, "no", "Block")}</div></td>
            </tr>
        }
        .into_any()
    }
}

/// A button that puts a host on one of the lists.
fn button(host: &str, allow: &'static str, label: &'static str) -> AnyView {
    view! {
        <form method="post" action=path::AGENT_HOST>
            <input type="hidden" name="host" value=host.to_owned()/>
            <button class="btn" name="allow" value=allow aria-label=format!("{label} {host}")>{label}</button>
        </form>
    }
    .into_any()
}

impl Upload {
    fn view(&self) -> AnyView {
        let client_id = Field::new("client_id", "URL of the document")
            .value(&self.client_id)
            .help("The client ID that the application sends.")
            .tip(tips::DOCUMENT_URL)
            .error(message(&self.errors, "client_id"))
            .code();
        let document = Field::new("document", "Document")
            .value(&self.document)
            .help("JSON, as it stands at the URL.")
            .tip(tips::DOCUMENT)
            .error(message(&self.errors, "document"))
            .rows(8)
            .code();
        let form = view! {
            <form class="stack" method="post" action=path::AGENT_DOCUMENT>
                {client_id.view()}
                {document.view()}
                <div class="actions"><button class="btn">"Put it here"</button></div>
            </form>
        };
        section(
            "Put a document here",
            "For a server that cannot fetch it. It counts in place of the one at the URL.",
            form,
        )
    }
}
