//! The history of a thing: its changes, each of them field by field, and the way back to one of its states.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::difference::{ChangeRecord, Difference};
use oauth::field::FieldErrors;
use oauth::resource::Resource;
use oauth::time::Timestamp;
use oauth::trust::Trust;
use oauth::user::User;

use super::clients::client_head;
use super::editing::Again;
use super::frame::Entry;
use super::labels::label;
use super::resources::resource_head;
use super::trusts::trust_head;
use super::users::user_head;
use super::{Console, path};
use crate::text::Locale;
use crate::ui::{Crumb, Tone, empty, facts, moment, note, page_head, read_table, section, table, with_query};

/// The thing that a history is of.
#[derive(Debug, Clone)]
pub enum HistoryOf {
    Client(Box<Client>),
    /// By name.
    Scope(String),
    /// True: it is the default one.
    Resource(Box<Resource>, bool),
    Trust(Box<Trust>),
    User(Box<User>),
    Keys,
    Registration,
    ClientHosts,
    Settings,
}

/// The changes of a thing, the newest first. The list is a GET: `after` is the change that the page begins behind.
#[derive(Debug, Clone)]
pub struct HistoryPage {
    pub of: HistoryOf,
    pub changes: Vec<ChangeRecord>,
    /// `after` was no change.
    pub unread: bool,
    /// The last change of the page, where the list goes on.
    pub next: Option<String>,
    pub now: Timestamp,
}

/// One change, with the form that goes back to the state that it made. Sends `version`.
#[derive(Debug, Clone)]
pub struct ChangePage {
    pub of: HistoryOf,
    pub change: ChangeRecord,
    /// None: it made no state that a form could make again.
    pub revert: Option<Revert>,
    pub now: Timestamp,
}

/// The change that would bring an old state back.
#[derive(Debug, Clone)]
pub struct Revert {
    pub differences: Vec<Difference>,
    pub version: i64,
    /// Why it was not done.
    pub again: Option<Again>,
    pub errors: FieldErrors,
}

impl HistoryOf {
    fn entry(&self) -> Entry {
        match self {
            Self::Client(_) => Entry::Clients,
            Self::Scope(_) => Entry::Scopes,
            Self::Resource(..) => Entry::Resources,
            Self::Trust(_) => Entry::Trusts,
            Self::User(_) => Entry::Users,
            Self::Keys => Entry::Keys,
            Self::Registration | Self::ClientHosts => Entry::Agents,
            Self::Settings => Entry::Settings,
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Client(client) => format!("{} history", client.client_name),
            Self::Scope(name) => format!("{name} history"),
            Self::Resource(resource, _) => format!("{} history", resource.name),
            Self::Trust(trust) => format!("{} history", trust.name),
            Self::User(user) => format!("{} history", user.username),
            Self::Keys => "History of the signing keys".to_owned(),
            Self::Registration => "History of registration".to_owned(),
            Self::ClientHosts => "History of the hosts".to_owned(),
            Self::Settings => "History of the settings".to_owned(),
        }
    }

    fn head(&self) -> AnyView {
        let lead = "Who changed it, when, and from where. Changes stay for as long as the server is told to keep them.";
        match self {
            Self::Client(client) => client_head(client, "History"),
            Self::Resource(resource, is_default) => resource_head(resource, *is_default, "History"),
            Self::Trust(trust) => trust_head(trust, "History"),
            Self::User(user) => user_head(user, "History"),
            Self::Scope(name) => {
                let crumbs = vec![Crumb::new("Scopes", path::SCOPES), Crumb::new(name, path::scope(name))];
                page_head(crumbs, "History", lead, ())
            }
            Self::Keys => page_head(vec![Crumb::new("Signing keys", path::KEYS)], "History", lead, ()),
            Self::Registration => {
                let agents = Crumb::new("Agents", path::AGENTS);
                page_head(vec![agents, Crumb::new("Registration", path::REGISTRATION)], "History", lead, ())
            }
            Self::ClientHosts => page_head(vec![Crumb::new("Agents", path::AGENTS)], "History of the hosts", lead, ()),
            Self::Settings => page_head(vec![Crumb::new("Settings", path::SETTINGS)], "History", lead, ()),
        }
    }

    /// The address of the list.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::Client(client) => path::client_part(client.client_id.as_str(), "history"),
            Self::Scope(name) => path::scope_history(name),
            Self::Resource(resource, _) => path::resource_part(resource.id.as_str(), "history"),
            Self::Trust(trust) => path::trust_part(trust.id.as_str(), "history"),
            Self::User(user) => path::user_part(user.subject.as_str(), "history"),
            Self::Keys => path::KEY_HISTORY.to_owned(),
            Self::Registration => path::REGISTRATION_HISTORY.to_owned(),
            Self::ClientHosts => path::HOST_HISTORY.to_owned(),
            Self::Settings => path::SETTINGS_HISTORY.to_owned(),
        }
    }

    fn change(&self, id: &str) -> String {
        match self {
            Self::Scope(name) => path::scope_change(name, id),
            _ => format!("{}/{id}", self.address()),
        }
    }

    /// The address with the list going on after a change.
    fn after(&self, id: &str) -> String {
        match self {
            Self::Scope(name) => with_query(path::SCOPE_HISTORY, &[("name", name), ("after", id)]),
            _ => with_query(&self.address(), &[("after", id)]),
        }
    }

    /// All things of a kind: a change says which one it was of.
    fn is_of_many(&self) -> bool {
        matches!(self, Self::Keys)
    }
}

/// The words for a deed.
fn deed(action: &str) -> String {
    let words = match action.split_once('.').map_or(action, |(_, deed)| deed) {
        "create" => "Created",
        "update" | "save" | "policy" => "Changed",
        "delete" => "Deleted",
        "restore" => "Restored",
        "secret_add" => "Secret added",
        "secret_revoke" => "Secret revoked",
        "secret_replace" => "Secret replaced",
        "set_password" => "Password set",
        "revoke_tokens" => "Signed out everywhere",
        "withdraw_consent" => "Consent withdrawn",
        "withdraw_scope" => "Part of a consent withdrawn",
        "link" => "Account linked",
        "unlink" => "Link ended",
        "token" => "Initial access tokens changed",
        "rotate" => "Rotated",
        "withdraw" => "Withdrawn",
        "retire" => "Retired",
        _ => return action.to_owned(),
    };
    words.to_owned()
}

fn author(actor: &str) -> &str {
    match actor {
        "admin" => "An administrator",
        "system" => "The server",
        "user" => "The user",
        "client" => "The client",
        other => other,
    }
}

impl HistoryPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(self.of.entry()), self.of.title(), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let unread =
            self.unread.then(|| note(Tone::Warn, "There is no such place in the list, so it begins with the newest."));
        let rows: Vec<_> = self.changes.iter().map(|change| self.line(change)).collect();
        let list = if rows.is_empty() {
            empty("No changes", "None is recorded, or none is left in the record.", ())
        } else {
            table("History", &["Change", "-By", "-From", "-When"], rows)
        };
        let older = self.next.as_deref().map(|next| {
            view! { <div class="foot"><a class="btn" href=self.of.after(next)>"Older"</a></div> }
        });
        view! { {self.of.head()} {unread} <section class="card">{list}{older}</section> }
    }

    fn line(&self, change: &ChangeRecord) -> AnyView {
        let fields: Vec<_> = change.differences().iter().map(|it| label(&it.field)).collect();
        let fields = match (change.is_erased(), &change.before, &change.after) {
            (true, ..) => "erased".to_owned(),
            // Whatever it begins with, and ends with, is all of it.
            (false, Some(_), Some(_)) => fields.join(", "),
            _ => String::new(),
        };
        let which = self.of.is_of_many().then(|| view! { <code class="tiny long">{change.target.clone()}</code> });
        view! {
            <tr>
                <td>
                    <a class="name" href=self.of.change(&change.id)>{deed(&change.action)}</a>
                    {which}
                    <div class="tiny">{fields}</div>
                    <div class="tiny slim">{author(&change.actor).to_owned()}" · "{moment(change.at, self.now)}</div>
                </td>
                <td class="wide">{author(&change.actor).to_owned()}</td>
                <td class="wide"><span class="long">{change.address.clone().unwrap_or_else(|| "—".to_owned())}</span></td>
                <td class="num wide">{moment(change.at, self.now)}</td>
            </tr>
        }
        .into_any()
    }
}

impl ChangePage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(self.of.entry()), self.of.title(), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let said = if self.change.is_erased() {
            note(Tone::Plain, "What it said of a person was erased with them.")
        } else {
            differences(&self.change.differences(), "It changed nothing that is recorded.", ["Before", "After"])
        };
        let revert = self.revert.as_ref().map(|revert| revert.view(self.of.change(&self.change.id)));
        view! {
            {self.of.head()}
            {section("Change", "Who made it, and from where.", self.facts())}
            <section class="card"><div class="block-head"><h2>"Fields"</h2></div>{said}</section>
            {revert}
            <p><a class="btn quiet" href=self.of.address()>"All changes"</a></p>
        }
    }

    fn facts(&self) -> AnyView {
        let change = &self.change;
        let mut rows = vec![
            ("Deed", deed(&change.action).into_any()),
            ("By", author(&change.actor).to_owned().into_any()),
            ("When", moment(change.at, self.now)),
        ];
        if self.of.is_of_many() {
            rows.push(("Of", view! { <code class="long">{change.target.clone()}</code> }.into_any()));
        }
        if let Some(address) = &change.address {
            rows.push(("Address", view! { <code>{address.clone()}</code> }.into_any()));
        }
        if let Some(id) = &change.request_id {
            let href = with_query(path::ACTIVITY, &[("request_id", id)]);
            rows.push(("Request ID", view! { <a class="long" href=href><code>{id.clone()}</code></a> }.into_any()));
        }
        if let Some(event) = &change.event {
            rows.push(("Activity", view! { <a href=path::event(event)>"The event"</a> }.into_any()));
        }
        facts(rows)
    }
}

impl Revert {
    fn view(&self, action: String) -> AnyView {
        let why = self.again.map(|again| match again {
            Again::Conflict => note(
                Tone::Warn,
                "This was changed by someone else since you opened it, so nothing was done. Below is what reverting would do now.",
            ),
            Again::Refused => note(Tone::Bad, "Nothing was done: the state cannot be made again as it was."),
            Again::Resumed | Again::FilledIn => note(Tone::Warn, "The console had closed, so nothing was done yet. Look it over and press again."),
        });
        let problems = self.errors.iter().map(|(field, problem)| {
            let problem = Locale::current().field_problem(problem);
            note(Tone::Bad, format!("{}: {problem}", label(field)))
        });
        let problems = problems.collect_view();
        if self.differences.is_empty() {
            let text = "This is how it is now.";
            return view! { {why} {problems} {section("Revert to this", "", text)} }.into_any();
        }
        let list = differences(&self.differences, "", ["Now", "Then"]);
        let ends = ends(&self.differences);
        let stays = ends.is_empty().then_some("Secrets, sessions and tokens stay as they are.");
        let ends = ends.into_iter().map(|text| note(Tone::Warn, text)).collect_view();
        view! {
            {why}
            {problems}
            <section class="card">
                <div class="block-head"><h2>"Revert to this"</h2></div>
                {list}
                {ends}
                <form class="foot" method="post" action=action>
                    <span class="tiny">"This makes a new change. "{stays}</span>
                    <input type="hidden" name="version" value=self.version/>
                    <button class="btn primary">"Revert to this"</button>
                </form>
            </section>
        }
        .into_any()
    }
}

/// The ends of secrets, sessions and tokens that a change of these fields brings, which no other change takes back.
fn ends(differences: &[Difference]) -> Vec<&'static str> {
    let of_field = |difference: &Difference| match difference.field.as_str() {
        "token_endpoint_auth_method" => Some(
            "The client proves itself in another way then. Secrets that do not fit that end for good: make another one under its \
             credentials where it needs one.",
        ),
        "subject_type" | "sector_identifier_uri" => {
            Some("The client knows people by other names then, so all its grants and tokens end.")
        }
        "enabled" if difference.after.as_deref() != Some("true") => {
            Some("It is disabled then. A user is signed out everywhere, and a client gets nothing more.")
        }
        _ => None,
    };
    let mut ends: Vec<&str> = differences.iter().filter_map(of_field).collect();
    ends.dedup();
    ends
}

/// Fields with their values on either side.
fn differences(differences: &[Difference], none: &'static str, [before, after]: [&'static str; 2]) -> AnyView {
    if differences.is_empty() {
        return view! { <p class="block muted">{none}</p> }.into_any();
    }
    let side = |text: &Option<String>| match text {
        Some(text) => view! { <td>{text.clone()}</td> }.into_any(),
        None => view! { <td class="muted">"—"</td> }.into_any(),
    };
    let rows = differences
        .iter()
        .map(|it| {
            view! { <tr><th scope="row">{label(&it.field)}</th>{side(&it.before)}{side(&it.after)}</tr> }.into_any()
        })
        .collect();
    view! { <div class="compare">{read_table("Fields", &["Field", before, after], rows)}</div> }.into_any()
}
