//! For the server behind a resource: what to copy into it, and whether it answers as it should.

use leptos::prelude::*;
use oauth::resource::Resource;

use super::resource_head;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::islands::CopyButton;
use crate::path as site;
use crate::ui::{Tone, code_line, facts, note, section};

/// The texts to copy, and the outcome of a check, if one was made.
#[derive(Debug, Clone)]
pub struct ResourceServerPage {
    pub resource: Resource,
    pub is_default: bool,
    pub issuer: String,
    /// The addresses of the metadata; none where the resource has no address in the web.
    pub addresses: Vec<String>,
    /// The metadata, as JSON.
    pub metadata: String,
    /// `WWW-Authenticate` beside 401 and 403.
    pub unauthorized: String,
    pub forbidden: String,
    /// Sentences about what differs; `None` until it was looked at.
    pub differences: Option<Vec<String>>,
}

impl ResourceServerPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Resources), format!("{}: for your server", self.resource.name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        view! {
            {resource_head(&self.resource, self.is_default, "For your server")}
            {self.check()}
            {self.copies()}
        }
    }

    fn check(&self) -> AnyView {
        let outcome = self.differences.as_ref().map(|differences| match differences.as_slice() {
            [] => note(Tone::Good, "Metadata and 401 are as they should be."),
            some => {
                let items = some.iter().map(|sentence| view! { <li>{sentence.clone()}</li> }).collect_view();
                note(Tone::Bad, view! { <ul>{items}</ul> })
            }
        });
        let action = path::resource_part(self.resource.id.as_str(), "check");
        let form = view! {
            {outcome}
            <form method="post" action=action>
                <div class="actions"><button class="btn primary">"Check my MCP server"</button></div>
            </form>
        };
        let hint = "Fetches the metadata and the answer to a request without a token, and names what differs from what is below.";
        section("Check", hint, form)
    }

    /// The settings of the servers in the guide.
    fn settings(&self) -> String {
        let (identifier, scopes) = (&self.resource.identifier, self.resource.first_scopes());
        format!("ISSUER={}\nRESOURCE={identifier}\nSCOPES=\"{scopes}\"", self.issuer)
    }

    fn copies(&self) -> AnyView {
        let addresses =
            self.addresses.iter().map(|address| view! { <div>{code_line("address", address.clone())}</div> });
        let addresses = addresses.collect_view();
        let known =
            facts(vec![("Issuer", code_line("issuer", self.issuer.clone())), ("Metadata at", addresses.into_any())]);
        let guide = view! {
            "The issuer goes in to the letter: with a slash more or less some clients refuse it. "
            <a href=site::docs("agents")>"What the server does with them, in TypeScript, Python and Rust"</a>
        };
        let settings = view! { {sample("settings", &self.settings())} {known} };
        view! {
            {section("Paste into your server", guide, settings)}
            {section("Metadata", "RFC 9728. Serve it as application/json, without asking for a token.", sample("metadata", &self.metadata))}
            {section("401", "Beside the answer to a request without a good token.", sample("header of the 401", &self.unauthorized))}
            {section("403", "When a token lacks a scope. Name all scopes that the operation takes, and no others.", sample("header of the 403", &self.forbidden))}
        }
        .into_any()
    }
}

fn sample(what: &str, text: &str) -> AnyView {
    view! {
        <div class="code-line"><CopyButton text=text.to_owned() what=what.to_owned()/></div>
        <pre class="sample" tabindex="0"><code>{text.to_owned()}</code></pre>
    }
    .into_any()
}
