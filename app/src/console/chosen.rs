//! The question whether to do something to clients or users that were chosen from their list.

use leptos::prelude::*;

use super::bin::fate;
use super::frame::Entry;
use super::question::Question;
use super::{Console, path};
use crate::ui::{Crumb, Tone, note, word_of};

/// Something that is done to many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Enable,
    Disable,
    Revoke,
    Delete,
}

impl Deed {
    pub const ALL: [Self; 4] = [Self::Enable, Self::Disable, Self::Revoke, Self::Delete];

    /// The word for it in an address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Revoke => "revoke",
            Self::Delete => "delete",
        }
    }

    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == word)
    }

    pub(super) fn button(self) -> &'static str {
        match self {
            Self::Enable => "Enable",
            Self::Disable => "Disable",
            Self::Revoke => "Revoke tokens",
            Self::Delete => "Delete",
        }
    }
}

/// Things that are chosen from one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenFrom {
    Clients,
    Users,
}

/// A thing that was chosen.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The client ID or the subject.
    pub id: String,
    pub name: String,
    pub version: i64,
}

/// The question. Sends the deed as `do`, and an `id` and a `version` of each.
#[derive(Debug, Clone)]
pub struct ChosenPage {
    pub from: ChosenFrom,
    pub deed: Deed,
    pub rows: Vec<Chosen>,
    /// Chosen ones to which there is nothing to do: they are so already.
    pub already: u64,
    /// It was done to so many, and not to these, which could not be saved or were changed since somebody looked.
    pub done: Option<u64>,
    /// Days that what is deleted stays in the bin; 0: it is erased at once.
    pub bin_days: i64,
    /// The part of the list that they were chosen from, as a query.
    pub list: String,
}

impl ChosenPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let entry = match self.from {
            ChosenFrom::Clients => Entry::Clients,
            ChosenFrom::Users => Entry::Users,
        };
        console.page(Some(entry), self.title(), move || self.view())
    }

    fn title(&self) -> &'static str {
        match (self.from, self.deed) {
            (ChosenFrom::Clients, Deed::Enable) => "Enable clients",
            (ChosenFrom::Clients, Deed::Disable) => "Disable clients",
            (ChosenFrom::Clients, Deed::Revoke) => "Revoke tokens of clients",
            (ChosenFrom::Clients, Deed::Delete) => "Delete clients",
            (ChosenFrom::Users, Deed::Enable) => "Enable users",
            (ChosenFrom::Users, Deed::Disable) => "Disable users",
            (ChosenFrom::Users, Deed::Revoke) => "Revoke tokens of users",
            (ChosenFrom::Users, Deed::Delete) => "Delete users",
        }
    }

    fn number(&self) -> String {
        let number = self.rows.len() as u64;
        match self.from {
            ChosenFrom::Clients => word_of(number, "client", "clients"),
            ChosenFrom::Users => word_of(number, "user", "users"),
        }
    }

    /// The consequences.
    fn consequences(&self) -> AnyView {
        let words = match (self.from, self.deed) {
            (ChosenFrom::Clients, Deed::Enable) => {
                "People can sign in to them again, and what they hold that has not ended works as before."
            }
            (ChosenFrom::Clients, Deed::Disable) => {
                "Nobody can sign in to them, they get no tokens, and those that they have are refused here. Nothing is deleted."
            }
            (ChosenFrom::Clients, Deed::Revoke) => {
                "All their codes and tokens end. People stay signed in here, and what they allowed stays allowed."
            }
            (ChosenFrom::Clients, Deed::Delete) => {
                let fate = fate(self.bin_days, true);
                return view! {
                    "They are refused everywhere, and their tokens are gone at once. With their secrets and what people allowed them they "
                    {fate} "; those that came by themselves are gone for good."
                }
                .into_any();
            }
            (ChosenFrom::Users, Deed::Enable) => "They can sign in again.",
            (ChosenFrom::Users, Deed::Disable) => {
                "They cannot sign in. Their sessions end and their tokens are revoked. Nothing is deleted."
            }
            (ChosenFrom::Users, Deed::Revoke) => {
                "Their sessions end and their tokens are revoked. They can sign in again, and what they allowed stays allowed."
            }
            (ChosenFrom::Users, Deed::Delete) => {
                let fate = fate(self.bin_days, true);
                return view! {
                    "Nobody signs in to these accounts, and their sessions and tokens are gone at once. With what they allowed they "
                    {fate} "."
                }
                .into_any();
            }
        };
        words.into_any()
    }

    fn view(self) -> AnyView {
        let (list, page, word) = match self.from {
            ChosenFrom::Clients => (path::CLIENTS, path::CLIENTS_CHOSEN, "Clients"),
            ChosenFrom::Users => (path::USERS, path::USERS_CHOSEN, "Users"),
        };
        let address = |path: &str| if self.list.is_empty() { path.to_owned() } else { format!("{path}?{}", self.list) };
        let names = self.rows.iter().map(|row| {
            let href = match self.from {
                ChosenFrom::Clients => path::client(&row.id),
                ChosenFrom::Users => path::user(&row.id),
            };
            let id =
                (self.from == ChosenFrom::Clients).then(|| view! { " " <code class="tiny">{row.id.clone()}</code> });
            view! { <li><a class="name" href=href>{row.name.clone()}</a>{id}</li> }
        });
        let already = (self.already > 0).then(|| {
            let said = word_of(self.already, "other is so already.", "others are so already.");
            view! { <p class="muted">{said}</p> }
        });
        let tokens = (self.deed != Deed::Enable).then(
            || view! { <p>"An API that checks JWTs by itself accepts those that it was given until they end."</p> },
        );
        let done = self.done.map(|done| {
            let said = format!(
                "It was done to {done}. Those below were changed by somebody else since you looked, or cannot be saved as they are: look at them, \
                 and try again.",
            );
            note(Tone::Warn, said)
        });
        let text = view! {
            <p><b>{format!("{}. ", self.number())}</b>{self.consequences()}</p>
            <ul class="chosen">{names.collect_view()}</ul>
            {already}
            {tokens}
        };
        let mut hidden = vec![("do".to_owned(), self.deed.as_str().to_owned())];
        for row in &self.rows {
            hidden.push(("id".to_owned(), row.id.clone()));
            hidden.push(("version".to_owned(), row.version.to_string()));
        }
        let question = Question {
            crumbs: vec![Crumb::new(word, address(list))],
            title: self.title(),
            about: "Those that were ticked in the list.".into_any(),
            text: text.into_any(),
            action: address(page),
            hidden,
            button: self.title(),
            back: address(list),
        };
        view! { {done} {question.view()} }.into_any()
    }
}
