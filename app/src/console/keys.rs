//! Signing keys.

use leptos::prelude::*;
use oauth::jose::SigningAlg;
use oauth::time::Timestamp;

use super::frame::Entry;
use super::{Console, tips};
use crate::ui::{Choice, Tone, moment, page_head, select, table, tag};

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Signs.
    Active,
    /// Is published already, and will sign.
    Next,
    /// Signs no more; still published, because tokens it signed live.
    Retiring,
    /// Signs no more, and is published no more.
    Retired,
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct KeyRow {
    pub kid: String,
    pub alg: SigningAlg,
    pub state: KeyState,
    pub created_at: Timestamp,
    /// When it comes into the next state by itself: a retiring key, when the last token that it signed has ended.
    pub step_at: Option<Timestamp>,
}

/// The keys, newest first, and the form to rotate one. Sends `alg`.
#[derive(Debug, Clone)]
pub struct KeyListPage {
    pub keys: Vec<KeyRow>,
    pub now: Timestamp,
}

impl KeyListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Keys), "Signing keys", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let now = self.now;
        let rows = self.keys.into_iter().map(|key| row(key, now)).collect();
        let jwks = oauth::metadata::path::JWKS;
        view! {
            {page_head(
                Vec::new(),
                "Signing keys",
                "What ID tokens and JWT access tokens are signed with.",
                view! { <a class="btn" href=jwks>"Public keys"</a> },
            )}
            <section class="card">{table("Signing keys", &["Key ID", "Algorithm", "State", "-Created"], rows)}</section>
            {rotate()}
        }
    }
}

fn row(key: KeyRow, now: Timestamp) -> AnyView {
    let (tone, name, step) = match key.state {
        KeyState::Active => (Tone::Good, "Active", "to be replaced "),
        KeyState::Next => (Tone::Plain, "Next", "becomes active "),
        KeyState::Retiring => (Tone::Warn, "Retiring", "safe to remove "),
        KeyState::Retired => (Tone::Plain, "Retired", ""),
    };
    let step = key.step_at.map(|at| view! { <div class="tiny">{step}{moment(at, now)}</div> });
    view! {
        <tr>
            <td><code class="long">{key.kid}</code></td>
            <td>{key.alg.as_str()}</td>
            <td>{tag(tone, name)}{step}</td>
            <td class="num wide">{moment(key.created_at, now)}</td>
        </tr>
    }
    .into_any()
}

fn rotate() -> AnyView {
    let choices = SigningAlg::ALL
        .into_iter()
        .map(|alg| {
            let label = match alg {
                SigningAlg::RS256 => "RS256: RSA, understood by every client",
                SigningAlg::ES256 => "ES256: elliptic curve, short signatures",
                SigningAlg::EdDsa => "EdDSA: Ed25519, short and fast",
            };
            Choice::new(alg, label, "")
        })
        .collect();
    view! {
        <section class="section">
            <div class="section-head">
                <h2>"Rotate"</h2>
                <div class="muted small">
                    <p>
                        "The next key of this algorithm signs from now on, if it has been published for a day; else a new one. There \
                         is no need to do this by hand, unless a key may have become known or rotation is switched off."
                    </p>
                    <p>
                        "The one before stays published for as long as tokens it signed are valid, so nobody is signed out and \
                         nothing that was issued breaks. Clients that read the public keys pick the new one up by themselves."
                    </p>
                </div>
            </div>
            <form class="card section-body" method="post">
                {select("alg", "Algorithm", "Each algorithm has a key of its own; a client's settings say which one it gets.", tips::KEY_ALGORITHM, choices, "RS256", None)}
                <div class="actions"><button class="btn primary">"Rotate key"</button></div>
            </form>
        </section>
    }
    .into_any()
}
