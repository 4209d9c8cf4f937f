//! The questions of a policy that the forms of a new and of a registered client share. An answer left at its default is
//! inherited: the client follows when the default changes.

use std::ops::RangeInclusive;

use leptos::prelude::*;
use oauth::client::{
    ACCESS_TOKEN_LIFETIME, BUILT_IN_ACCESS_TOKEN_LIFETIME, BUILT_IN_REFRESH_REUSE_WINDOW, BUILT_IN_REFRESH_TOKEN_DAYS,
    ClientKind, ClientOrigin, ClientPolicy, ConsentPolicy, IdTokenClaims, PolicyDraft, REFRESH_REUSE_WINDOW,
    REFRESH_TOKEN_DAYS, TokenFormat,
};
use oauth::field::FieldErrors;

use crate::console::tips;
use crate::islands::Check;
use crate::ui::{Choice, Field, Tip, Tone, count, message, note, radio_cards};

/// A policy with what was typed and what is wrong with it.
pub(in crate::console) struct PolicyForm<'a> {
    pub(in crate::console) draft: &'a PolicyDraft,
    pub(in crate::console) errors: &'a FieldErrors,
    /// The rules where it decides nothing, over those that are built in.
    pub(in crate::console) defaults: &'a ClientPolicy,
    /// The way in which the client came here.
    pub(in crate::console) origin: ClientOrigin,
    /// The word for an answer that is left to the defaults.
    pub(in crate::console) inherited: &'static str,
}

impl PolicyForm<'_> {
    pub(in crate::console) fn consent(&self, kind: ClientKind) -> AnyView {
        let word = |policy: &ConsentPolicy| match policy {
            ConsentPolicy::Always => ("Always", "At every login."),
            ConsentPolicy::Once => ("Once", "Once for each user and set of scopes; then remembered."),
            ConsentPolicy::Skip => {
                ("Skip", "Never, unless the request says prompt=consent. For your own applications.")
            }
        };
        let choices = self.with_default(self.defaults.consent_policy, ConsentPolicy::ALL, word);
        let silent = (kind == ClientKind::Native && self.draft.consent_policy == ConsentPolicy::Skip.as_str()).then(|| {
            note(
                Tone::Warn,
                "Any program on a device can pass for this client: it listens on another loopback port or claims the same \
                 scheme. With Skip such a program gets codes for whoever is signed in, and nobody is asked (RFC 8252, \
                 section 8.6).",
            )
        });
        let chosen = &self.draft.consent_policy;
        let error = message(self.errors, "consent_policy");
        let cards = radio_cards("consent_policy", "Consent policy", tips::CONSENT_POLICY, choices, chosen, error);
        view! { {silent} {cards} }.into_any()
    }

    fn token_format(&self) -> AnyView {
        let word = |format: &TokenFormat| match format {
            TokenFormat::Opaque => ("Opaque", "A random string. Revoked at once; APIs ask the server about it."),
            TokenFormat::Jwt => {
                ("JWT", "Signed (RFC 9068). APIs verify it by themselves, so it stays good until it ends.")
            }
        };
        let chosen = &self.draft.token_format;
        let error = message(self.errors, "token_format");
        let choices = self.with_default(self.defaults.token_format, TokenFormat::ALL, word);
        radio_cards("token_format", "Token format", tips::TOKEN_FORMAT, choices, chosen, error)
    }

    pub(super) fn id_token_claims(&self) -> AnyView {
        let word = |claims: &IdTokenClaims| match claims {
            IdTokenClaims::Scopes => (
                "Claims of the scopes",
                "Name, email and the rest, as at the userinfo endpoint. Most libraries read them here.",
            ),
            IdTokenClaims::Minimal => {
                ("Minimal", "Who signed in, when and how. The client reads the rest at the userinfo endpoint.")
            }
        };
        let chosen = &self.draft.id_token_claims;
        let error = message(self.errors, "id_token_claims");
        let default = self.defaults.id_token_claims.unwrap_or_else(|| IdTokenClaims::built_in(self.origin));
        let choices = self.with_default(Some(default), IdTokenClaims::ALL, word);
        radio_cards("id_token_claims", "Claims in ID tokens", tips::ID_TOKEN_CLAIMS, choices, chosen, error)
    }

    /// The choice whether requests must carry a code challenge. A public client has none.
    pub(in crate::console) fn require_pkce(&self) -> AnyView {
        let word = |required: &bool| match required {
            true => ("Required", "Requests without a code challenge (S256) are refused."),
            false => ("Not required", "A request may carry a code challenge (S256)."),
        };
        let choices = self.with_default(self.defaults.require_pkce, &[true, false], word);
        let chosen = &self.draft.require_pkce;
        radio_cards("require_pkce", "PKCE", tips::REQUIRE_PKCE, choices, chosen, message(self.errors, "require_pkce"))
    }

    /// The looks of tokens, what is in them and how long they live.
    pub(in crate::console) fn tokens(&self) -> AnyView {
        view! {
            {self.token_format()}
            <div class="halves">{self.access_token_lifetime()}{self.refresh_token_lifetime()}</div>
            {self.refresh_reuse_window()}
            {self.id_token_claims()}
        }
        .into_any()
    }

    /// Of these, what is about the tokens that a client gets for itself.
    pub(super) fn tokens_for_itself(&self) -> AnyView {
        view! { {self.token_format()} {self.access_token_lifetime()} }.into_any()
    }

    /// The rest, which comes with people who sign in.
    pub(super) fn tokens_for_people(&self) -> AnyView {
        view! {
            <div class="halves">{self.refresh_token_lifetime()}{self.refresh_reuse_window()}</div>
            {self.id_token_claims()}
        }
        .into_any()
    }

    fn access_token_lifetime(&self) -> AnyView {
        let inherited = self.defaults.access_token_lifetime.unwrap_or(BUILT_IN_ACCESS_TOKEN_LIFETIME);
        let field = self.number("access_token_lifetime", "Access token lifetime", tips::ACCESS_TOKEN_LIFETIME);
        bounded(field.value(&self.draft.access_token_lifetime), "Seconds", &ACCESS_TOKEN_LIFETIME, inherited)
    }

    fn refresh_token_lifetime(&self) -> AnyView {
        let inherited = self.defaults.refresh_token_ttl_days.unwrap_or(BUILT_IN_REFRESH_TOKEN_DAYS);
        let field = self.number("refresh_token_ttl_days", "Refresh token lifetime", tips::REFRESH_TOKEN_LIFETIME);
        let field = field.value(&self.draft.refresh_token_ttl_days);
        bounded(field, "Days from the last use", &REFRESH_TOKEN_DAYS, inherited)
    }

    fn refresh_reuse_window(&self) -> AnyView {
        let inherited = self.defaults.refresh_reuse_window.unwrap_or(BUILT_IN_REFRESH_REUSE_WINDOW);
        let field = self.number("refresh_reuse_window", "Refresh token reuse window", tips::REFRESH_REUSE_WINDOW);
        bounded(field.value(&self.draft.refresh_reuse_window), "Seconds", &REFRESH_REUSE_WINDOW, inherited)
    }

    /// The default, in the words of its choice, then each value.
    fn with_default<T: Default + Copy + PartialEq + ToString>(
        &self,
        default: Option<T>,
        all: &[T],
        word: impl Fn(&T) -> (&'static str, &'static str),
    ) -> Vec<Choice> {
        let (label, help) = word(&default.unwrap_or_default());
        let default = Choice::new("", format!("{}: {label}", self.inherited), help);
        let each = all.iter().map(|value| {
            let (label, help) = word(value);
            Choice::new(value.to_string(), label, help)
        });
        std::iter::once(default).chain(each).collect()
    }

    fn number(&self, name: &'static str, label: &'static str, tip: Tip) -> Field {
        Field::new(name, label).tip(tip).error(message(self.errors, name)).kind("number")
    }
}

/// A number within a range, and the one that counts where none is typed.
fn bounded(field: Field, unit: &str, range: &'static RangeInclusive<i64>, inherited: i64) -> AnyView {
    let field = field.help(format!("{unit}, {}.", bounds(range, inherited))).placeholder(inherited.to_string());
    field.check(Check::optional_range(range)).view()
}

/// "from 60 to 86,400; empty: 3,600".
fn bounds(range: &RangeInclusive<i64>, inherited: i64) -> String {
    let number = |number: i64| count(number.unsigned_abs());
    format!("from {} to {}; empty: {}", number(*range.start()), number(*range.end()), number(inherited))
}
