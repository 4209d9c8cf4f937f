//! The accounts of people whom an identity provider vouches for, and the question before a link of one is ended.

use leptos::prelude::*;
use oauth::time::Timestamp;
use oauth::trust::{AccountRule, LinkDraft, MAX_LINKED_SUBJECT, Trust, TrustRole};

use super::trust_head;
use crate::console::choosing::lost_place;
use crate::console::frame::Entry;
use crate::console::listed::Walked;
use crate::console::question::Question;
use crate::console::{Console, Editing, path, tips};
use crate::islands::Check;
use crate::ui::{Crumb, Field, empty, first_button, left_out, message, moment, section, table, with_query};

/// Somebody whom the issuer vouches for, and their account.
#[derive(Debug, Clone)]
pub struct AccountLink {
    pub id: String,
    /// The person, as the issuer calls them.
    pub there: String,
    /// The account, by its subject.
    pub user: String,
    pub username: String,
    pub created_at: Timestamp,
}

/// The ID of the form for another link. The buttons that end one are its own, so that what was typed is not lost by the question.
const LINK: &str = "link";

/// The links, a part at a time, and the form for another. Sends `subject` and `user`.
#[derive(Debug, Clone)]
pub struct TrustAccountsPage {
    pub trust: Trust,
    pub links: Vec<AccountLink>,
    pub walked: Walked,
    pub editing: Editing<LinkDraft>,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    pub now: Timestamp,
}

impl TrustAccountsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Trusts), format!("{} accounts", self.trust.name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let address = path::trust_part(self.trust.id.as_str(), "accounts");
        view! {
            {trust_head(&self.trust, "Accounts")}
            {left_out(&self.unread)}
            {lost_place(self.walked.place.is_lost)}
            <section class="card">{self.list(&address)}</section>
            {self.form(address)}
        }
    }

    fn form(&self, here: String) -> AnyView {
        let (draft, errors) = (&self.editing.draft, &self.editing.errors);
        let subject = Field::new("subject", "Subject there")
            .value(&draft.subject)
            .help("As it stands in “sub” of the assertions of the provider.")
            .tip(tips::LINKED_SUBJECT)
            .error(message(errors, "subject"))
            .autocomplete("off")
            .check(Check::name(MAX_LINKED_SUBJECT))
            .code();
        let user = Field::new("user", "User here")
            .value(&draft.user)
            .help("User name, email address, or subject.")
            .tip(tips::LINKED_USER)
            .error(message(errors, "user"))
            .autocomplete("off")
            .check(Check::name(MAX_LINKED_SUBJECT));
        let form = view! {
            {self.editing.note(&here)}
            <form class="stack" id=LINK method="post" action=here>
                <div class="halves">{subject.view()} {user.view()}</div>
                <div class="actions"><button class="btn primary">"Link account"</button></div>
            </form>
        };
        section("Link an account", "Assertions about this person are for this account from now on.", form)
    }

    fn list(&self, address: &str) -> AnyView {
        if self.links.is_empty() {
            let text = match &self.trust.role {
                TrustRole::IdentityProvider { accounts: AccountRule::Linked, .. } => {
                    "Nobody comes in by this provider before their account is linked below."
                }
                _ => "The first assertion about somebody links their account by itself. You can also link one below.",
            };
            return empty("No linked accounts", text, ());
        }
        let ends = format!("{address}/end");
        let rows = self.links.iter().map(|link| line(link, &ends, self.now)).collect();
        let table = table("Linked accounts", &["Subject there", "User here", "-Linked", ""], rows);
        view! { {first_button(LINK, None)} {table} {self.walked.foot(address, &[], self.links.len())} }.into_any()
    }
}

/// The field of the question that says from where somebody came: nothing, or [`FROM_USER`].
pub const FROM: &str = "from";

/// From the page of the user.
pub const FROM_USER: &str = "user";

/// The question before a link is ended. Sends its `id`, [`FROM`], and what was typed as `subject` and `user`.
#[derive(Debug, Clone)]
pub struct UnlinkPage {
    pub trust: Trust,
    pub link: AccountLink,
    /// Somebody came from the page of the user, and goes back there.
    pub is_of_user: bool,
    /// Another link that somebody was about to make.
    pub draft: LinkDraft,
}

impl UnlinkPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Trusts), "End a link", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let Self { trust, link, draft, is_of_user } = self;
        let address = path::trust_part(trust.id.as_str(), "accounts");
        let typed = [("subject", draft.subject.as_str()), ("user", draft.user.as_str())];
        let list = with_query(&address, &typed);
        let typed = typed.iter().filter(|(_, text)| !text.is_empty());
        let typed = typed.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let then = match &trust.role {
            TrustRole::IdentityProvider { accounts: AccountRule::Linked, .. } => {
                "Assertions about this person are refused until their account is linked again."
            }
            _ => "The next assertion about this person looks for an account anew, and links the one it finds.",
        };
        let grants = path::user_part(&link.user, "grants");
        let (back, from) =
            if is_of_user { (path::user_part(&link.user, "security"), FROM_USER) } else { (list.clone(), "") };
        let text = view! {
            <p>{then}</p>
            <p>"Tokens that the application has stay good until they end. To end them now, "
                <a href=grants>"revoke the grants of "{link.username.clone()}</a>"."</p>
        };
        let about =
            view! { <code>{link.there.clone()}</code>" is "<span class="name">{link.username.clone()}</span>" here" };
        Question {
            crumbs: vec![
                Crumb::new("Trusts", path::TRUSTS),
                Crumb::new(trust.name.clone(), path::trust(trust.id.as_str())),
                Crumb::new("Accounts", list.clone()),
            ],
            title: "End a link",
            about: about.into_any(),
            text: text.into_any(),
            action: format!("{address}/end"),
            hidden: [("id".to_owned(), link.id), (FROM.to_owned(), from.to_owned())].into_iter().chain(typed).collect(),
            button: "End the link",
            back,
        }
        .view()
    }
}

fn line(link: &AccountLink, ends: &str, now: Timestamp) -> AnyView {
    view! {
        <tr>
            <td class="said"><code>{link.there.clone()}</code></td>
            <td><a class="name" href=path::user(&link.user)>{link.username.clone()}</a></td>
            <td class="num wide">{moment(link.created_at, now)}</td>
            <td class="end">
                <button class="btn danger" form=LINK formaction=ends.to_owned() formmethod="get" formnovalidate name="id" value=link.id.clone()>
                    "End"<span class="visually-hidden">{format!(" the link of {}", link.there)}</span>
                </button>
            </td>
        </tr>
    }
    .into_any()
}
