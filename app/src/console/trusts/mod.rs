//! Trusts: issuers elsewhere that are believed, and servers that take assertions of this one.

pub mod accounts;
pub mod danger;
mod form;
pub mod list;
pub mod settings;

use leptos::prelude::*;
use oauth::trust::{Trust, TrustKind};

use super::path;
use crate::ui::{Crumb, Icon, Tone, code_line, page_head, tabs, tag, with_query};

/// The name of a kind on the pages.
fn kind_name(kind: TrustKind) -> &'static str {
    match kind {
        TrustKind::IdentityProvider => "Identity provider",
        TrustKind::WorkloadIssuer => "Workload issuer",
        TrustKind::AuthorizationServer => "Authorization server",
    }
}

/// A sentence or two about what a trust of a kind does.
fn kind_text(kind: TrustKind) -> &'static str {
    match kind {
        TrustKind::IdentityProvider => {
            "It says which person a client acts for. The client gets tokens of this server for them."
        }
        TrustKind::WorkloadIssuer => "It says which program asks. A build job or a pod gets tokens without a secret.",
        TrustKind::AuthorizationServer => {
            "It takes assertions of this server about people. Your clients reach its APIs for them."
        }
    }
}

fn kind_icon(kind: TrustKind) -> Icon {
    match kind {
        TrustKind::IdentityProvider => Icon::Person,
        TrustKind::WorkloadIssuer => Icon::Machine,
        TrustKind::AuthorizationServer => Icon::Out,
    }
}

/// The choice of a kind: links to the forms.
fn kind_cards() -> AnyView {
    let cards = TrustKind::ALL.iter().map(|kind| {
        let example = match kind {
            TrustKind::IdentityProvider => "Okta, Entra ID, another Signet",
            TrustKind::WorkloadIssuer => "GitHub Actions, Kubernetes",
            TrustKind::AuthorizationServer => "The server of a partner or a vendor",
        };
        view! {
            <li>
                <a class="card" href=with_query(path::TRUST_NEW, &[("kind", kind.as_str())])>
                    <span class="kind large">{kind_icon(*kind).view()}</span>
                    <b>{kind_name(*kind)}</b>
                    <span class="muted">{kind_text(*kind)}</span>
                    <span class="tiny">{example}</span>
                </a>
            </li>
        }
    });
    view! { <ul class="kinds">{cards.collect_view()}</ul> }.into_any()
}

fn status(trust: &Trust) -> AnyView {
    if trust.enabled { tag(Tone::Good, "On") } else { tag(Tone::Plain, "Off") }
}

/// The head of every page about one trust: which one it is, and its parts.
pub(super) fn trust_head(trust: &Trust, current: &str) -> AnyView {
    let id = trust.id.as_str();
    let links: Vec<_> = [
        Some(("Settings", path::trust(id))),
        (trust.kind() == TrustKind::IdentityProvider).then(|| ("Accounts", path::trust_part(id, "accounts"))),
        Some(("History", path::trust_part(id, "history"))),
        Some(("Danger zone", path::trust_part(id, "danger"))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let title = view! { <span class="name" title=trust.name.clone()>{trust.name.clone()}</span> };
    let lead = view! {
        <span class="lead-line">
            {code_line("issuer", trust.issuer.as_str())} {tag(Tone::Plain, kind_name(trust.kind()))} {status(trust)}
        </span>
    };
    view! {
        {page_head(vec![Crumb::new("Trusts", path::TRUSTS)], title, lead, ())}
        {tabs("Parts of this trust", &links, current)}
    }
    .into_any()
}
