//! Security profiles in words, made from the table of their demands.

use leptos::prelude::*;
use oauth::client::{ClientAuthMethod, Demands, SecurityProfile};
use oauth::jose::{SigningAlg, VerifyingAlg};

use crate::console::tips;
use crate::ui::{Choice, Tone, note, radio_cards};

/// The choice of a profile. `undecided` is the one that counts while nobody decided. `legacy` is there while the operator allows it, or
/// the client has it.
pub(super) fn profile_cards(
    chosen: &str,
    undecided: SecurityProfile,
    legacy_is_on: bool,
    error: Option<String>,
) -> AnyView {
    let by_kind = Choice::new("", "not decided", format!("{undecided} counts, as long as the client is what it is."));
    let is_offered =
        |profile: &&SecurityProfile| **profile != SecurityProfile::Legacy || legacy_is_on || chosen == profile.as_str();
    let all = SecurityProfile::ALL.iter().filter(is_offered).map(|profile| {
        let help = format!("{} {}", about(*profile), demanded(profile.demands()));
        Choice::new(profile, profile.as_str(), &help)
    });
    let choices = std::iter::once(by_kind).chain(all).collect();
    radio_cards("security_profile", "Security profile", tips::SECURITY_PROFILE, choices, chosen, error)
}

fn about(profile: SecurityProfile) -> &'static str {
    match profile {
        SecurityProfile::OAuth21 => "Good practice today: for every new application.",
        SecurityProfile::Oidc => "For an application that has a secret and cannot do PKCE.",
        SecurityProfile::Fapi2 => "For money, health, and whatever else must not be stolen (FAPI 2.0).",
        SecurityProfile::Fapi2MessageSigning => {
            "The same, where it must be possible to prove later what was asked and answered (FAPI 2.0 Message Signing)."
        }
        SecurityProfile::Legacy => {
            "Only for an old client that cannot exchange a code: its tokens go through the browser, where scripts and histories see them."
        }
    }
}

/// The warning about a client with the profile `legacy`.
pub(super) fn legacy_note(profile: SecurityProfile, legacy_is_on: bool) -> Option<AnyView> {
    if profile != SecurityProfile::Legacy {
        return None;
    }
    Some(note(
        Tone::Warn,
        if legacy_is_on {
            "This client may get its tokens through the browser. That is for old clients: let it use codes as soon as it can."
        } else {
            "The setting LEGACY_RESPONSE_TYPES is off: this client gets codes, and requests for tokens at the authorization endpoint are refused."
        },
    ))
}

/// The demands in one sentence.
fn demanded(demands: Demands) -> String {
    let mut words = Vec::new();
    if demands.pkce {
        words.push("PKCE".to_owned());
    }
    if demands.pushed_requests {
        words.push("pushed requests".to_owned());
    }
    if demands.bound_tokens {
        words.push("tokens that are bound to a key of the client".to_owned());
    }
    if demands.auth_methods != ClientAuthMethod::ALL {
        words.push(list(demands.auth_methods));
    }
    if demands.client_algs != VerifyingAlg::ALL {
        words.push(format!("signatures by {}", list(demands.client_algs)));
    }
    if demands.id_token_algs != SigningAlg::ALL {
        words.push(format!("ID tokens by {}", list(demands.id_token_algs)));
    }
    if demands.https_redirects {
        words.push("redirect URIs by https".to_owned());
    }
    if demands.lasting_refresh_tokens {
        words.push("refresh tokens that stay the same".to_owned());
    }
    if demands.signed_requests {
        words.push("signed requests".to_owned());
    }
    if demands.signed_answers {
        words.push("signed answers".to_owned());
    }
    if words.is_empty() { "It demands nothing more.".to_owned() } else { format!("It demands {}.", words.join("; ")) }
}

fn list(values: &[impl ToString]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_says_what_it_demands() {
        let said = |profile: SecurityProfile| demanded(profile.demands());
        assert_eq!(said(SecurityProfile::Oidc), "It demands nothing more.");
        assert_eq!(said(SecurityProfile::Legacy), "It demands nothing more.");
        assert_eq!(said(SecurityProfile::OAuth21), "It demands PKCE.");
        assert_eq!(
            said(SecurityProfile::Fapi2),
            "It demands PKCE; pushed requests; tokens that are bound to a key of the client; private_key_jwt, tls_client_auth, self_signed_tls_client_auth; signatures by PS256, ES256, EdDSA; ID tokens by ES256, EdDSA; \
             redirect URIs by https; refresh tokens that stay the same."
        );
    }
}
