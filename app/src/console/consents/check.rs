//! The page that says what a user would be asked by a client, now. Nothing happens by it.

use leptos::prelude::*;
use oauth::authorize::{AskedBecause, Consented};
use oauth::field::FieldErrors;

use crate::console::frame::Entry;
use crate::console::{Console, path, tips};
use crate::ui::{Choice, Crumb, Field, Tone, facts, message, note, page_head, section, select};

/// The form, and what it says when it was sent. A GET: sends `client`, `user`, `scope`, `redirect_uri` and `resource`.
#[derive(Debug, Clone, Default)]
pub struct ConsentCheckPage {
    pub client: String,
    pub user: String,
    pub scope: String,
    /// Of the client, once it is known; the first one is taken unless one is chosen.
    pub redirect_uris: Vec<String>,
    pub redirect_uri: String,
    pub resource: String,
    pub errors: FieldErrors,
    pub found: Option<Found>,
}

/// The outcome.
#[derive(Debug, Clone)]
pub struct Found {
    /// The name of the client, its page, the name of the user, and theirs.
    pub client: (String, String),
    pub user: (String, String),
    pub verdict: Verdict,
    /// The scopes that the request would come to, each in words, and whether the user would allow it for the first time.
    pub scopes: Vec<(String, String, bool)>,
    /// Scopes that were asked for and would be left out: not known, or not allowed to the client.
    pub left_out: Vec<String>,
    /// The names of the resources that it would be for; none: this server.
    pub resources: Vec<String>,
}

/// The decision.
#[derive(Debug, Clone)]
pub enum Verdict {
    Asked(AskedBecause),
    /// The request is granted at once.
    Granted(Consented),
    /// The request is refused: `error` and `error_description`.
    Refused(String, String),
}

impl ConsentCheckPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Consents), "What a user is asked", move || self.view())
    }

    fn view(self) -> AnyView {
        let found = self.found.as_ref().map(Found::view);
        let lead = "Whoever is signed in and comes from the client with such a request: what happens now. It is only said; nothing is kept.";
        view! {
            {page_head(vec![Crumb::new("Consent", path::CONSENTS)], "What would a user be asked?", lead, ())}
            {found}
            {section("Request", "As the client would send it.", self.form())}
        }
        .into_any()
    }

    fn form(&self) -> AnyView {
        let error = |name: &str| message(&self.errors, name);
        let client = Field::new("client", "Client ID").value(&self.client).tip(tips::ASKED_CLIENT).code();
        let user = Field::new("user", "User")
            .value(&self.user)
            .help("User name, email address, or subject.")
            .tip(tips::ASKED_USER);
        let scope = Field::new("scope", "Scopes")
            .value(&self.scope)
            .help("Words with spaces between. None: the default scopes of the client.")
            .tip(tips::ASKED_SCOPES)
            .code();
        let resource = Field::new("resource", "Resource")
            .value(&self.resource)
            .help("A URI; may be empty.")
            .tip(tips::ASKED_RESOURCE)
            .code();
        let uris = (self.redirect_uris.len() > 1).then(|| {
            let choices = self.redirect_uris.iter().map(|uri| Choice::new(uri, uri.as_str(), "")).collect();
            select(
                "redirect_uri",
                "Redirect URI",
                "",
                tips::ASKED_REDIRECT_URI,
                choices,
                &self.redirect_uri,
                error("redirect_uri"),
            )
        });
        view! {
            <form class="stack" method="get" action=path::CONSENT_CHECK>
                <div class="halves">
                    {client.error(error("client")).autocomplete("off").view()}
                    {user.error(error("user")).autocomplete("off").view()}
                </div>
                <div class="halves">
                    {scope.error(error("scope")).autocomplete("off").view()}
                    {resource.error(error("resource")).autocomplete("off").view()}
                </div>
                {uris}
                <div class="actions"><button class="btn primary">"Say what happens"</button></div>
            </form>
        }
        .into_any()
    }
}

impl Found {
    fn view(&self) -> AnyView {
        let (tone, sentence) = match &self.verdict {
            Verdict::Asked(because) => (Tone::Plain, format!("They are asked. {}", asked(*because))),
            Verdict::Granted(consented) => {
                (Tone::Good, format!("They are not asked, and the client gets it. {}", granted(*consented)))
            }
            Verdict::Refused(error, description) => {
                (Tone::Bad, format!("The request is refused with {error}: {description}."))
            }
        };
        let link =
            |(name, href): &(String, String)| view! { <a class="name" href=href.clone()>{name.clone()}</a> }.into_any();
        let mut rows = vec![("Client", link(&self.client)), ("User", link(&self.user))];
        if !self.resources.is_empty() {
            rows.push(("For", self.resources.join(", ").into_any()));
        }
        if !self.scopes.is_empty() {
            let scopes = self.scopes.iter().map(|(name, words, is_new)| {
                let new = is_new.then_some(", for the first time");
                view! { <li>{words.clone()} " (" <code>{name.clone()}</code> ")" {new}</li> }
            });
            rows.push(("Scopes", view! { <ul class="plain">{scopes.collect_view()}</ul> }.into_any()));
        }
        if !self.left_out.is_empty() {
            let words =
                view! { <code>{self.left_out.join(" ")}</code> ": not known here, or not allowed to the client" };
            rows.push(("Left out", words.into_any()));
        }
        section(
            "Answer",
            "By the rules and the consents as they are now.",
            view! { {note(tone, sentence)} {facts(rows)} },
        )
    }
}

fn asked(because: AskedBecause) -> &'static str {
    match because {
        AskedBecause::Demanded => "The request demands it.",
        AskedBecause::Always => "The policy of the client is to ask each time.",
        AskedBecause::AnyProgram => {
            "The answer goes to their device, where any program may pass for the client, so they are asked each time (RFC 8252, section 8.6)."
        }
        AskedBecause::Nothing => "They have not allowed the client anything yet.",
        AskedBecause::More => "It is more than they have allowed the client so far.",
    }
}

fn granted(consented: Consented) -> &'static str {
    match consented {
        Consented::Before => "They allowed all of it before.",
        Consented::Unasked => "The policy of the client is to ask nobody.",
        Consented::Asked => "They have just answered.",
    }
}
