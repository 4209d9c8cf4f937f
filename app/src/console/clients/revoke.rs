//! The question whether to revoke a secret, of a client or of a resource.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::resource::Resource;
use oauth::time::Timestamp;

use super::credentials::SecretRow;
use crate::console::frame::Entry;
use crate::console::question::Question;
use crate::console::{Console, path};
use crate::ui::{Crumb, moment};

/// The owner of the secret.
#[derive(Debug, Clone)]
pub enum SecretOwner {
    Client(Box<Client>),
    Resource(Resource),
}

/// The question. Sends the `id` of the secret.
#[derive(Debug, Clone)]
pub struct SecretRevocationPage {
    pub owner: SecretOwner,
    /// All secrets of the owner.
    pub secrets: Vec<SecretRow>,
    /// The one to be revoked.
    pub secret: SecretRow,
    pub now: Timestamp,
}

impl SecretRevocationPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let entry = match &self.owner {
            SecretOwner::Client(_) => Entry::Clients,
            SecretOwner::Resource(_) => Entry::Resources,
        };
        console.page(Some(entry), "Revoke a secret", move || self.view())
    }

    fn view(self) -> AnyView {
        let (list, name, page, back, who) = match &self.owner {
            SecretOwner::Client(client) => {
                let id = client.client_id.as_str();
                let back = path::client_part(id, "credentials");
                (Crumb::new("Clients", path::CLIENTS), client.client_name.clone(), path::client(id), back, "client")
            }
            SecretOwner::Resource(resource) => {
                let id = resource.id.as_str();
                let back = path::resource_part(id, "credentials");
                let list = Crumb::new("Resources", path::RESOURCES);
                (list, resource.name.clone(), path::resource(id), back, "resource")
            }
        };
        let last_used = match self.secret.last_used_at {
            Some(at) => view! { "It was last used " {moment(at, self.now)} "." }.into_any(),
            None => "It was never used.".into_any(),
        };
        let text = view! {
            <p>
                "Whoever presents the secret " <b class="name">{self.secret.name.clone()}</b> " is refused from then on. " {last_used}
            </p>
            <p>{self.consequence()}</p>
        };
        let about = view! { "Of the " {who} " " <b class="name">{name.clone()}</b> "." };
        Question {
            crumbs: vec![list, Crumb::new(name, page), Crumb::new("Credentials", back.clone())],
            title: "Revoke a secret",
            about: about.into_any(),
            text: text.into_any(),
            action: format!("{back}/revoke"),
            hidden: vec![("id".to_owned(), self.secret.id.clone())],
            button: "Revoke secret",
            back,
        }
        .view()
    }

    /// The difference that it makes to the owner.
    fn consequence(&self) -> &'static str {
        let is_good = |secret: &SecretRow| secret.expires_at.is_none_or(|end| self.now < end);
        let others = self.secrets.iter().filter(|secret| secret.id != self.secret.id && is_good(secret)).count();
        match (&self.owner, others) {
            _ if !is_good(&self.secret) => "It has expired: nobody can use it anyway.",
            (SecretOwner::Client(_), 0) => {
                "It is the last one that is valid: the client gets no tokens until you add another and give it to the application. \
                 Tokens that it has stay valid."
            }
            (SecretOwner::Resource(_), 0) => {
                "It is the last one that is valid: the API cannot ask about its tokens until you add another and give it to the API."
            }
            (SecretOwner::Client(_), _) => "Its other secrets go on working, and tokens that it has stay valid.",
            (SecretOwner::Resource(_), _) => "Its other secrets go on working.",
        }
    }
}
