//! A client, as the person who signs in to it sees it.

use leptos::prelude::*;
use oauth::client::{Client, ClientKind};
use oauth::destination::Destination;
use oauth::redirect_uri::RedirectUri;

use super::text;
use crate::path;
use crate::ui::Icon;

/// The face of a client: its name, its logo and the links of its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFace {
    pub name: String,
    pub kind: ClientKind,
    /// The address at which this server has it.
    pub logo: Option<String>,
    pub client_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub tos_uri: Option<String>,
}

impl ClientFace {
    #[must_use]
    pub fn of(client: &Client) -> Self {
        Self {
            name: client.client_name.clone(),
            kind: client.kind,
            logo: client.logo_uri.as_ref().map(|_| path::client_logo(client.client_id.as_str())),
            client_uri: client.client_uri.clone(),
            policy_uri: client.policy_uri.clone(),
            tos_uri: client.tos_uri.clone(),
        }
    }

    /// Its logo, or the icon of its kind.
    pub(crate) fn badge(&self) -> AnyView {
        match &self.logo {
            Some(uri) => view! {
                <div class="badge">
                    <img src=uri.clone() alt="" width="44" height="44"/>
                </div>
            }
            .into_any(),
            None => view! { <div class="badge accent">{kind_icon(self.kind).view()}</div> }.into_any(),
        }
    }

    /// The links of its owner.
    pub(crate) fn links(&self) -> Option<AnyView> {
        let text = &text().client;
        let links = [(&self.client_uri, text.website), (&self.policy_uri, text.privacy), (&self.tos_uri, text.terms)];
        let links: Vec<_> = links
            .into_iter()
            .filter_map(|(uri, name)| uri.clone().map(|uri| view! { <li><a href=uri rel="noreferrer">{name}</a></li> }))
            .collect();
        let label = text.about.text(&self.name);
        (!links.is_empty()).then(|| view! { <ul class="client-links" aria-label=label>{links}</ul> }.into_any())
    }
}

/// The icon of a kind of client.
pub(crate) fn kind_icon(kind: ClientKind) -> Icon {
    match kind {
        ClientKind::Web => Icon::Web,
        ClientKind::Spa => Icon::Spa,
        ClientKind::Native => Icon::Native,
        ClientKind::Machine => Icon::Machine,
    }
}

/// The place of a client: the host of its first redirect URI.
pub(crate) fn host_of(client: &Client) -> String {
    let first = client.redirect_uris.first().map(RedirectUri::as_str);
    first.map_or_else(
        || "no redirect".to_owned(),
        |uri| match Destination::of(uri) {
            Destination::Site(place) | Destination::Loopback(place) | Destination::App(place) => place,
        },
    )
}
