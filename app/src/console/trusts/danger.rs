//! Deleting a trust.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::trust::{Trust, TrustKind};

use super::trust_head;
use crate::console::frame::Entry;
use crate::console::{Console, path, tips};
use crate::ui::{Danger, danger_zone, message};

/// Deleting a trust. Sends what was typed as `confirm`.
#[derive(Debug, Clone)]
pub struct TrustDangerPage {
    pub trust: Trust,
    pub errors: FieldErrors,
}

impl TrustDangerPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Trusts), format!("{} danger zone", self.trust.name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = match self.trust.kind() {
            TrustKind::IdentityProvider => {
                "The trust and its links to accounts are gone at once and for good. Its assertions are refused, and the tokens \
                 that were given by them count for nothing any more. The accounts stay."
            }
            TrustKind::WorkloadIssuer => {
                "The trust and its rules are gone at once and for good. Its assertions are refused, and the tokens that were \
                 given by them count for nothing any more. The clients stay."
            }
            TrustKind::AuthorizationServer => {
                "The trust is gone at once and for good. Nobody gets assertions for that server any more; what it gave for \
                 earlier ones is its own."
            }
        };
        let delete = danger_zone(Danger {
            title: "Delete",
            text: text.into_any(),
            action: path::trust_part(self.trust.id.as_str(), "delete"),
            hidden: None,
            confirm: self.trust.issuer.clone(),
            tip: tips::CONFIRM,
            button: "Delete trust",
            error: message(&self.errors, "confirm"),
        });
        view! { {trust_head(&self.trust, "Danger zone")} {delete} }
    }
}
