//! The history of a thing: its changes, each of them field by field, and the way back to one of its states.

mod change;
mod gone;
mod words;

use leptos::prelude::*;
use oauth::client::Client;
use oauth::difference::{ChangeRecord, Difference};
use oauth::resource::Resource;
use oauth::time::Timestamp;
use oauth::trust::Trust;
use oauth::user::User;

pub use change::{ChangePage, Revert};
pub use gone::{Gone, GoneKind};
pub(super) use words::{author, deed, deed_of};

use super::choosing::lost_place;
use super::clients::client_head;
use super::frame::Entry;
use super::labels::{label, value};
use super::listed::Walked;
use super::resources::resource_head;
use super::trusts::trust_head;
use super::users::user_head;
use super::{Console, path};
use crate::ui::{Crumb, empty, left_out, moment, page_head, table};

/// Fields of a change whose values stand in the list.
const SHOWN_FIELDS: usize = 2;
/// Letters of a value in the list.
const SHOWN_LETTERS: usize = 32;

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
    /// It is not here any more.
    Gone(Gone),
}

/// The changes of a thing, the newest first. The list is a GET: `after` or `before` name a change that the page begins behind or ends
/// before, and `page` its number.
#[derive(Debug, Clone)]
pub struct HistoryPage {
    pub of: HistoryOf,
    pub changes: Vec<ChangeRecord>,
    pub walked: Walked,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    pub now: Timestamp,
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
            Self::Gone(gone) => gone.entry(),
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
            Self::Gone(gone) => format!("{} history", gone.id),
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
            Self::Gone(gone) => gone.head(),
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
            Self::Gone(gone) => gone.address(),
        }
    }

    fn change(&self, id: &str) -> String {
        match self {
            Self::Scope(name) | Self::Gone(Gone { kind: GoneKind::Scope, id: name, .. }) => {
                path::scope_change(name, id)
            }
            _ => format!("{}/{id}", self.address()),
        }
    }

    /// The ways from a part of the list to the others.
    fn foot(&self, walked: &Walked, rows: usize) -> AnyView {
        match self {
            Self::Scope(name) | Self::Gone(Gone { kind: GoneKind::Scope, id: name, .. }) => {
                walked.foot(path::SCOPE_HISTORY, &[("name", name)], rows)
            }
            _ => walked.foot(&self.address(), &[], rows),
        }
    }

    /// All things of a kind: a change says which one it was of.
    fn is_of_many(&self) -> bool {
        matches!(self, Self::Keys)
    }
}

impl HistoryPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(self.of.entry()), self.of.title(), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let rows: Vec<_> = self.changes.iter().map(|change| self.line(change)).collect();
        let list = if rows.is_empty() {
            empty("No changes", "None is recorded, or none is left in the record.", ())
        } else {
            let table = table("History", &["Change", "-By", "-From", "-When"], rows);
            view! { {table} {self.of.foot(&self.walked, self.changes.len())} }.into_any()
        };
        let notes = view! { {left_out(&self.unread)} {lost_place(self.walked.place.is_lost)} };
        view! { {self.of.head()} {notes} <section class="card">{list}</section> }
    }

    fn line(&self, change: &ChangeRecord) -> AnyView {
        let fields = match (change.is_erased(), &change.before, &change.after) {
            (true, ..) => view! { <div class="tiny">"erased"</div> }.into_any(),
            // Whatever it begins with, and ends with, is all of it.
            (false, Some(_), Some(_)) => fields(&change.differences()),
            _ => ().into_any(),
        };
        let which = self.of.is_of_many().then(|| view! { <code class="tiny long">{change.target.clone()}</code> });
        view! {
            <tr>
                <td>
                    <a class="name" href=self.of.change(&change.id)>{deed_of(change)}</a>
                    {which}
                    {fields}
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

/// The fields of a change in the list: the first ones with their values, the others by name.
fn fields(differences: &[Difference]) -> AnyView {
    let (shown, others) = differences.split_at(differences.len().min(SHOWN_FIELDS));
    let shown = shown.iter().map(|it| {
        let side = |text: &Option<String>| clipped(value(&it.field, text.as_deref()).as_deref());
        let (before, after) = (side(&it.before), side(&it.after));
        view! { <div class="tiny change">{format!("{}: {before} → {after}", label(&it.field))}</div> }
    });
    let others: Vec<_> = others.iter().map(|it| label(&it.field)).collect();
    let others =
        (!others.is_empty()).then(|| view! { <div class="tiny change">{format!("and {}", others.join(", "))}</div> });
    view! { {shown.collect_view()}{others} }.into_any()
}

/// The beginning of a value, in one line.
fn clipped(value: Option<&str>) -> String {
    let Some(value) = value.filter(|value| !value.trim().is_empty()) else { return "—".to_owned() };
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_LETTERS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_the_list_is_one_short_line() {
        assert_eq!(clipped(Some("https://a.example/\nhttps://b.example/")), "https://a.example/ https://b.exa…");
        assert_eq!(clipped(Some("ä".repeat(40).as_str())), format!("{}…", "ä".repeat(SHOWN_LETTERS)));
        assert_eq!((clipped(Some(" ")), clipped(None)), ("—".to_owned(), "—".to_owned()));
    }
}
