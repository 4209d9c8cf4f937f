//! The fields about a client that asks for people by name (CIBA).

use leptos::prelude::*;
use oauth::client::{DeliveryMode, GrantType};
use oauth::jose::VerifyingAlg;

use super::form::ClientForm;
use crate::console::tips;
use crate::islands::Check;
use crate::ui::{Choice, Field, message, section, select};

impl ClientForm<'_> {
    /// The way in which it hears of answers, and signs; nothing for a client that does not ask for people.
    pub(super) fn ciba(&self) -> Option<AnyView> {
        let draft = self.draft;
        let names = [
            "backchannel_token_delivery_mode",
            "backchannel_client_notification_endpoint",
            "backchannel_authentication_request_signing_alg",
        ];
        let asks = names.iter().any(|name| self.errors.find(name).is_some())
            || draft.grant_types.iter().any(|grant| grant == GrantType::Ciba.as_str())
            || !draft.backchannel_client_notification_endpoint.is_empty()
            || !draft.backchannel_authentication_request_signing_alg.is_empty();
        asks.then(|| section("Backchannel authentication", "For the grant type ciba.", self.backchannel()))
    }

    fn backchannel(&self) -> AnyView {
        let draft = self.draft;
        let choices = DeliveryMode::ALL.iter().map(|mode| {
            let label = match mode {
                DeliveryMode::Poll => "poll: it asks until there is an answer",
                DeliveryMode::Ping => "ping: it is told that there is one",
            };
            Choice::new(mode, label, "")
        });
        let mode = if draft.backchannel_token_delivery_mode.is_empty() {
            DeliveryMode::default().as_str()
        } else {
            &draft.backchannel_token_delivery_mode
        };
        let mode = select(
            "backchannel_token_delivery_mode",
            "Delivery",
            "With ping it may poll, too.",
            tips::DELIVERY_MODE,
            choices.collect(),
            mode,
            message(self.errors, "backchannel_token_delivery_mode"),
        );
        let endpoint = Field::new("backchannel_client_notification_endpoint", "Notification endpoint")
            .value(&draft.backchannel_client_notification_endpoint)
            .help("For ping: where it is told.")
            .tip(tips::NOTIFICATION_ENDPOINT)
            .kind("url")
            .placeholder("https://")
            .error(message(self.errors, "backchannel_client_notification_endpoint"))
            .code()
            .check(Check::FetchedUrl);
        let unsigned = Choice::new("", "It need not sign", "");
        let algs = VerifyingAlg::ALL.iter().map(|alg| Choice::new(alg, alg.as_str(), ""));
        let alg = select(
            "backchannel_authentication_request_signing_alg",
            "Authentication request algorithm",
            "With one, requests that the client did not sign by it are refused.",
            tips::BACKCHANNEL_ALGORITHM,
            std::iter::once(unsigned).chain(algs).collect(),
            &draft.backchannel_authentication_request_signing_alg,
            message(self.errors, "backchannel_authentication_request_signing_alg"),
        );
        view! { {mode} {endpoint.view()} {alg} }.into_any()
    }
}
