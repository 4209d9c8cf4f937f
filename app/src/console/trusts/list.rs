//! The list of trusts.

use leptos::prelude::*;
use oauth::listing::{TrustColumn, TrustFilter};
use oauth::time::Timestamp;
use oauth::trust::{Trust, TrustKind};

use super::{kind_cards, kind_name, status};
use crate::console::frame::Entry;
use crate::console::listed::{ListPage, choice, status_choice};
use crate::console::{Console, path};
use crate::ui::{empty, moment, page_head, with_heads};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct TrustRow {
    pub trust: Trust,
    pub created_at: Timestamp,
}

/// A part of the trusts, as the address says.
pub type TrustListPage = ListPage<TrustFilter, TrustRow>;

impl TrustListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Trusts), "Trusts", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let lead = "Issuers elsewhere that are believed here, and servers that believe this one.";
        if self.rows.is_empty() && !self.is_narrowed_to_nothing() {
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
        let list = if self.rows.is_empty() {
            let all = view! { <a class="btn" href=path::TRUSTS>"Show all trusts"</a> };
            empty("No trust fits", "What you typed is part of no name or issuer of such a trust.", all)
        } else {
            let kept = |column| matches!(column, TrustColumn::Name | TrustColumn::Status);
            let rows = self.rows.iter().map(|row| line(row, self.now)).collect();
            let table = with_heads("Trusts", self.heads(kept), rows, None);
            view! { {table} {self.foot(path::TRUSTS)} }.into_any()
        };
        view! {
            {page_head(Vec::new(), "Trusts", lead, new)}
            {self.notes()}
            <section class="card">{self.bar()} {list}</section>
        }
        .into_any()
    }

    fn bar(&self) -> AnyView {
        let filter = &self.listing.filter;
        let each = TrustKind::ALL.iter().map(|kind| (kind.to_string(), kind_name(*kind).to_owned()));
        let kind = choice("kind", "Kind", "Any kind", each, filter.kind.map(TrustKind::as_str).unwrap_or_default());
        let status = status_choice(["On or off", "On", "Off"], filter.enabled);
        self.filters(path::TRUSTS, "Name or issuer", &filter.text, vec![kind, status])
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
