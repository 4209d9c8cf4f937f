//! The list of trusts.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::time::Timestamp;
use oauth::trust::Trust;

use super::{kind_cards, kind_name, status};
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::ui::{empty, moment, page_head, pager, table};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct TrustRow {
    pub trust: Trust,
    pub created_at: Timestamp,
}

/// One page of the trusts.
#[derive(Debug, Clone)]
pub struct TrustListPage {
    pub rows: Vec<TrustRow>,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
    /// Trusts on all pages.
    pub total: Count,
    pub now: Timestamp,
}

impl TrustListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Trusts), "Trusts", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let lead = "Issuers elsewhere that are believed here, and servers that believe this one.";
        if self.rows.is_empty() {
            let text = "A trust lets people and programs that another server knows get tokens here, or yours get some there. \
                        Nobody is believed until you describe one.";
            return view! {
                {page_head(Vec::new(), "Trusts", lead, ())}
                <section class="card">{empty("No trusts yet", text, ())}</section>
                {kind_cards()}
            }
            .into_any();
        }
        let new = view! { <a class="btn primary" href=path::TRUST_NEW>"New trust"</a> };
        let rows = self.rows.iter().map(|row| line(row, self.now)).collect();
        view! {
            {page_head(Vec::new(), "Trusts", lead, new)}
            <section class="card">
                {table("Trusts", &["Trust", "-Kind", "Status", "-Created"], rows)}
                {pager(path::TRUSTS, &[], self.page, self.per_page, self.total)}
            </section>
        }
        .into_any()
    }
}

fn line(row: &TrustRow, now: Timestamp) -> AnyView {
    let trust = &row.trust;
    // A trust without a name of its own is called by its issuer, which need not stand there twice.
    let issuer =
        (trust.name != trust.issuer).then(|| view! { <div class="tiny ellipsis">{trust.issuer.clone()}</div> });
    view! {
        <tr>
            <td><a class="name" href=path::trust(trust.id.as_str())>{trust.name.clone()}</a>{issuer}</td>
            <td class="wide">{kind_name(trust.kind())}</td>
            <td>{status(trust)}</td>
            <td class="num wide">{moment(row.created_at, now)}</td>
        </tr>
    }
    .into_any()
}
