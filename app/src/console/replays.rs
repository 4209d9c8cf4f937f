//! Refresh tokens that two parties used: a section of the pages of a client and of a user.

use leptos::prelude::*;
use oauth::time::Timestamp;

use crate::ui::{moment, table};

/// A refresh token that came back after somebody else had gone on from it.
#[derive(Debug, Clone)]
pub struct ReplayRow {
    /// The name and the page of its user, where the section is about a client; of its client, where it is about a user.
    pub of: Option<(String, String)>,
    pub first: TokenUse,
    pub last: TokenUse,
}

/// A use of a refresh token.
#[derive(Debug, Clone)]
pub struct TokenUse {
    pub at: Timestamp,
    /// An IP address.
    pub address: Option<String>,
    /// `User-Agent`.
    pub agent: Option<String>,
}

/// The newest replays, if there are any. `of` heads the column of users or of clients.
pub(crate) fn replays(rows: &[ReplayRow], of: &'static str, now: Timestamp) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let rows = rows.iter().map(|row| line(row, now)).collect();
    let section = view! {
        <section class="card block">
            <div class="block-head"><h2>"Refresh tokens replayed"</h2></div>
            <p class="muted small">
                "Two parties went on from one refresh token. All tokens of its login were revoked. \
                 If you do not know one of the two, somebody has a copy of what the application stores."
            </p>
            {table("Refresh tokens replayed", &[of, "Came back", "First used"], rows)}
        </section>
    };
    Some(section.into_any())
}

fn line(row: &ReplayRow, now: Timestamp) -> AnyView {
    let of = row.of.clone().map(|(name, page)| view! { <a class="name" href=page>{name}</a> });
    view! { <tr><td>{of}</td><td>{party(&row.last, now)}</td><td>{party(&row.first, now)}</td></tr> }.into_any()
}

fn party(by: &TokenUse, now: Timestamp) -> AnyView {
    let address = by.address.clone().unwrap_or_else(|| "address unknown".to_owned());
    let agent = by.agent.clone().unwrap_or_else(|| "browser unknown".to_owned());
    view! {
        <div>{moment(by.at, now)}</div>
        <div class="tiny">{address}</div>
        <div class="tiny">{agent}</div>
    }
    .into_any()
}
