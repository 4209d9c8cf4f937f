//! The fields of a trust: those that its kind has.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::jose::VerifyingAlg;
use oauth::trust::{AccountRule, MAX_TRUST_NAME, TrustDraft, TrustKind};

use super::kind_text;
use crate::console::tips;
use crate::islands::Check;
use crate::ui::{
    Choice, Field, Tip, Tone, checkbox, checkboxes, code_line, facts, message, note, radio_cards, section,
};

/// The sections of the form.
pub(super) fn sections(kind: TrustKind, draft: &TrustDraft, errors: &FieldErrors) -> AnyView {
    let form = Form { draft, errors };
    let first = section("Trust", kind_text(kind), form.naming(kind));
    let keys = "The keys that its assertions are signed by. Without either field, its metadata says where they are.";
    let rest = match kind {
        TrustKind::IdentityProvider => view! {
            {section("Keys", keys, form.keys())}
            {section("People", "Which account an assertion is about, and who may bring it.", form.people())}
        }
        .into_any(),
        TrustKind::WorkloadIssuer => view! {
            {section("Keys", keys, form.keys())}
            {section("Programs", "Which client a program is. The first rule that fits counts.", form.programs())}
        }
        .into_any(),
        TrustKind::AuthorizationServer => {
            let known = "What is known of that server. Only what is named here can be asked for.";
            view! {
                {section("There", known, form.there())}
                {section("People", "About whom assertions are given, and what they say.", form.shared())}
            }
            .into_any()
        }
    };
    view! { {first} {rest} }.into_any()
}

struct Form<'a> {
    draft: &'a TrustDraft,
    errors: &'a FieldErrors,
}

impl Form<'_> {
    fn error(&self, name: &str) -> Option<String> {
        message(self.errors, name)
    }

    fn naming(&self, kind: TrustKind) -> AnyView {
        let (help, placeholder) = match kind {
            TrustKind::IdentityProvider => {
                ("As it stands in “iss”, to the letter. A trust keeps its issuer.", "https://idp.example.com")
            }
            TrustKind::WorkloadIssuer => (
                "As it stands in “iss”, to the letter. A trust keeps its issuer.",
                "https://token.actions.githubusercontent.com",
            ),
            TrustKind::AuthorizationServer => {
                ("Its own issuer. Clients name it as audience, to the letter.", "https://as.example.com")
            }
        };
        let issuer = Field::new("issuer", "Issuer")
            .value(&self.draft.issuer)
            .help(help)
            .tip(tips::TRUST_ISSUER)
            .placeholder(placeholder)
            .error(self.error("issuer"))
            .autocomplete("off")
            .code();
        let name = Field::new("name", "Name")
            .value(&self.draft.name)
            .help("For administrators. Empty: the issuer.")
            .tip(tips::TRUST_NAME)
            .error(self.error("name"))
            .autocomplete("off")
            .check(Check::text(MAX_TRUST_NAME));
        let help = match kind {
            TrustKind::AuthorizationServer => "Off: nobody gets assertions for it.",
            _ => "Off: its assertions are refused, and the tokens that were given by them do not count.",
        };
        let enabled = checkbox("enabled", "On", help, tips::TRUST_ON, self.draft.enabled);
        view! { {issuer.view()} {name.view()} {enabled} }.into_any()
    }

    fn keys(&self) -> AnyView {
        let uri = Field::new("jwks_uri", "Address of the keys")
            .value(&self.draft.jwks_uri)
            .help("Only if its metadata does not say it, or cannot be reached.")
            .tip(tips::TRUST_KEYS_ADDRESS)
            .kind("url")
            .placeholder("https://")
            .error(self.error("jwks_uri"))
            .code()
            .check(Check::FetchedUrl);
        let jwks = Field::new("jwks", "Keys")
            .value(&self.draft.jwks)
            .help("A JWK Set, in place of the address. You change it whenever the issuer changes its keys.")
            .tip(tips::TRUST_KEYS)
            .placeholder("{\"keys\": [ … ]}")
            .error(self.error("jwks"))
            .rows(4)
            .code();
        let chosen: Vec<String> = self.draft.algs.split_whitespace().map(str::to_owned).collect();
        let algs = checkboxes(
            "algs",
            "Algorithms",
            "None ticked: any that the keys are for.",
            tips::TRUST_ALGORITHMS,
            VerifyingAlg::ALL.iter().map(|alg| Choice::new(alg, alg.as_str(), "")).collect(),
            &chosen,
            self.error("algs"),
        );
        view! { {uri.view()} {jwks.view()} {algs} }.into_any()
    }

    fn people(&self) -> AnyView {
        let choices = AccountRule::ALL.iter().map(|rule| {
            let (label, help) = match rule {
                AccountRule::Linked => ("Linked by you", "The account that you linked on the tab Accounts. No other."),
                AccountRule::VerifiedEmail => (
                    "Same verified email",
                    "The account with the same address, if both sides have verified it. Only for a provider that you \
                     believe about every address.",
                ),
                AccountRule::AudienceSubject => (
                    "Named by aud_sub",
                    "The account whose subject here the provider names, as it learned it at a sign-in.",
                ),
            };
            Choice::new(rule, label, help)
        });
        let accounts = radio_cards(
            "accounts",
            "Account",
            tips::TRUST_ACCOUNTS,
            choices.collect(),
            &self.draft.accounts,
            self.error("accounts"),
        );
        let tenant = Field::new("tenant", "Tenant")
            .value(&self.draft.tenant)
            .help("The one tenant that is believed, as it stands in “tenant”. Empty: the issuer has no tenants.")
            .tip(tips::TRUST_TENANT)
            .error(self.error("tenant"))
            .autocomplete("off")
            .code();
        let public = checkbox(
            "admits_public_clients",
            "Public clients may bring its assertions",
            "They prove nothing about themselves. Leave it off unless such a client must.",
            tips::TRUST_PUBLIC_CLIENTS,
            self.draft.admits_public_clients,
        );
        let warning = self.draft.admits_public_clients.then(|| {
            note(Tone::Warn, "While this is on, whoever gets hold of an assertion for a public client gets its tokens.")
        });
        view! { {accounts} {tenant.view()} {public} {warning} }.into_any()
    }

    fn programs(&self) -> AnyView {
        let help = "One a line: a client, then claim=value, as often as needed.";
        let example = |line: &str| code_line("example", line);
        let examples = facts(vec![
            ("GitHub Actions", example("deploy repository=acme/shop environment=production")),
            ("Kubernetes", example("job sub=system:serviceaccount:prod:job")),
        ]);
        let rules = self.lines("rules", "Rules", &self.draft.rules, help, tips::TRUST_RULES);
        let reusable = checkbox(
            "reusable",
            "An assertion may come more than once",
            "For platforms that write one token into a file, such as Kubernetes.",
            tips::TRUST_REUSABLE,
            self.draft.reusable,
        );
        view! { {rules.rows(5).view()} {examples} {reusable} }.into_any()
    }

    fn there(&self) -> AnyView {
        let help = "One a line: the client ID here, then the ID there, if it is another one.";
        let clients = self.lines("clients", "Clients", &self.draft.clients, help, tips::TRUST_CLIENTS);
        let help = "One a line: the identifier there, then the scopes that may be asked for.";
        let resources = self.lines("resources", "Resources", &self.draft.resources, help, tips::TRUST_RESOURCES);
        view! {
            {clients.rows(3).placeholder("agent acme-agent").view()}
            {resources.rows(3).placeholder("https://mcp.example.com/mcp notes:read").view()}
        }
        .into_any()
    }

    fn shared(&self) -> AnyView {
        let help = "One a line, as in the claim “groups” of the user. Empty: everybody.";
        let groups = self.lines("groups", "Groups", &self.draft.groups, help, tips::TRUST_GROUPS);
        let email = checkbox(
            "shares_email",
            "Say the email address",
            "For a server that finds accounts by it. It learns the address of everybody who uses it.",
            tips::TRUST_EMAIL,
            self.draft.shares_email,
        );
        view! { {groups.rows(2).view()} {email} }.into_any()
    }

    /// A list, one a line.
    fn lines(&self, name: &'static str, label: &'static str, value: &str, help: &'static str, tip: Tip) -> Field {
        Field::new(name, label).value(value).help(help).tip(tip).error(self.error(name)).code()
    }
}
