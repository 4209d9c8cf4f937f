//! The identity providers that vouch for a user: a section of the page of their security.

use leptos::prelude::*;
use oauth::time::Timestamp;

use crate::console::path;
use crate::console::trusts::accounts::{FROM, FROM_USER};
use crate::ui::{moment, section, table, with_query};

/// A user, as an identity provider knows them.
#[derive(Debug, Clone)]
pub struct LinkedAccount {
    pub id: String,
    /// The trust in the provider, by its ID and its name.
    pub trust: String,
    pub trust_name: String,
    pub issuer: String,
    /// The person, as the provider calls them.
    pub there: String,
    pub created_at: Timestamp,
}

/// The first links, if there are any. `are_more`: others come after them.
pub(super) fn linked(rows: &[LinkedAccount], are_more: bool, now: Timestamp) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let lines = rows.iter().map(|row| line(row, now)).collect();
    let more = are_more.then(|| view! { <p class="muted small">"The oldest are shown. There are more."</p> });
    let list = table("Identity providers", &["Provider", "Subject there", "-Linked", ""], lines);
    let hint = "An application that brings an assertion of such an issuer about the subject gets tokens for this user.";
    Some(section("Identity providers", hint, view! { {list} {more} }))
}

fn line(row: &LinkedAccount, now: Timestamp) -> AnyView {
    let accounts = path::trust_part(&row.trust, "accounts");
    let end = with_query(&format!("{accounts}/end"), &[("id", &row.id), (FROM, FROM_USER)]);
    view! {
        <tr>
            <td>
                <a class="name" href=path::trust(&row.trust)>{row.trust_name.clone()}</a>
                <div class="tiny ellipsis">{row.issuer.clone()}</div>
            </td>
            <td class="said"><code>{row.there.clone()}</code></td>
            <td class="num wide">{moment(row.created_at, now)}</td>
            <td class="end">
                <a class="btn danger" href=end>
                    "End"<span class="visually-hidden">{format!(" the link with {}", row.trust_name)}</span>
                </a>
            </td>
        </tr>
    }
    .into_any()
}
