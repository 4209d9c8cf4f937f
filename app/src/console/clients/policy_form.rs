//! The questions of a policy that the forms of a new and of a registered client share. An answer left at its default is
//! inherited: the client follows when the default changes.

use leptos::prelude::*;
use oauth::client::{ClientKind, ConsentPolicy, IdTokenClaims, PolicyDraft, TokenFormat};
use oauth::field::FieldErrors;

use crate::console::tips;
use crate::ui::{Choice, Tone, message, note, radio_cards};

/// A policy with what was typed and what is wrong with it.
pub(super) struct PolicyForm<'a> {
    pub(super) draft: &'a PolicyDraft,
    pub(super) errors: &'a FieldErrors,
}

impl PolicyForm<'_> {
    pub(super) fn consent(&self, kind: ClientKind) -> AnyView {
        let word = |policy: &ConsentPolicy| match policy {
            ConsentPolicy::Always => ("Always", "At every login."),
            ConsentPolicy::Once => ("Once", "Once for each user and set of scopes; then remembered."),
            ConsentPolicy::Skip => {
                ("Skip", "Never, unless the request says prompt=consent. For your own applications.")
            }
        };
        let choices = with_default(ConsentPolicy::ALL, word);
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

    pub(super) fn token_format(&self) -> AnyView {
        let word = |format: &TokenFormat| match format {
            TokenFormat::Opaque => ("Opaque", "A random string. Revoked at once; APIs ask the server about it."),
            TokenFormat::Jwt => {
                ("JWT", "Signed (RFC 9068). APIs verify it by themselves, so it stays good until it ends.")
            }
        };
        let chosen = &self.draft.token_format;
        let error = message(self.errors, "token_format");
        let choices = with_default(TokenFormat::ALL, word);
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
        let choices = with_default(IdTokenClaims::ALL, word);
        radio_cards("id_token_claims", "Claims in ID tokens", tips::ID_TOKEN_CLAIMS, choices, chosen, error)
    }

    /// The choice whether requests must carry a code challenge. A public client has none.
    pub(super) fn require_pkce(&self) -> AnyView {
        let choices = vec![
            Choice::new("", "Default: not required", "A request may carry a code challenge (S256)."),
            Choice::new("true", "Required", "Requests without a code challenge (S256) are refused."),
            Choice::new("false", "Not required", "Whatever the default comes to be."),
        ];
        let chosen = &self.draft.require_pkce;
        radio_cards("require_pkce", "PKCE", tips::REQUIRE_PKCE, choices, chosen, message(self.errors, "require_pkce"))
    }
}

/// The default, then each value.
fn with_default<T: Default + PartialEq + ToString>(
    all: &[T],
    word: impl Fn(&T) -> (&'static str, &'static str),
) -> Vec<Choice> {
    let (label, help) = word(&T::default());
    let default = Choice::new("", format!("Default: {}", label.to_lowercase()), help);
    let each = all.iter().map(|value| {
        let (label, help) = word(value);
        Choice::new(value.to_string(), label, help)
    });
    std::iter::once(default).chain(each).collect()
}
