//! Signing keys.

use leptos::prelude::*;
use oauth::jose::{KeyState, SigningAlg};
use oauth::time::Timestamp;

use super::frame::Entry;
use super::question::Question;
use super::{Console, path, tips};
use crate::ui::{Choice, Crumb, Tone, moment, note, page_head, select, table, tag};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct KeyRow {
    pub kid: String,
    pub alg: &'static str,
    /// Clients encrypt their requests to it: it signs nothing.
    pub decrypts: bool,
    pub state: KeyState,
    pub created_at: Timestamp,
    /// When it comes into the next state by itself: a retiring key, when the last token that it signed has ended. Of a key that
    /// was withdrawn, when it was.
    pub step_at: Option<Timestamp>,
}

/// The keys, newest first, and the way to the question whether to rotate one. Asks with `alg`.
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
                "What ID tokens and JWT access tokens are signed with. Behind them, what clients encrypt their requests to.",
                view! {
                    <a class="btn" href=path::KEY_HISTORY>"History"</a>
                    <a class="btn" href=jwks>"Public keys"</a>
                },
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
        KeyState::Withdrawn => (Tone::Bad, "Withdrawn", ""),
    };
    let step = key.step_at.map(|at| view! { <div class="tiny">{step}{moment(at, now)}</div> });
    let label = format!("Withdraw {}", key.kid);
    let withdraw = key.state.is_published().then(|| {
        let href = path::key_withdrawal(&key.kid);
        view! { <div class="tiny"><a class="danger" href=href aria-label=label>"Withdraw"</a></div> }
    });
    view! {
        <tr>
            <td><code class="long">{key.kid}</code></td>
            <td>{key.alg}{key.decrypts.then(|| view! { <div class="tiny">"Encryption"</div> })}</td>
            <td>{tag(tone, name)}{step}{withdraw}</td>
            <td class="num wide">{moment(key.created_at, now)}</td>
        </tr>
    }
    .into_any()
}

/// The field that carries the ID of the key that was shown to sign with `alg`.
#[must_use]
pub fn seen(alg: SigningAlg) -> String {
    format!("active_{}", alg.as_str())
}

/// The consequence for whoever has a token that it signed.
const SIGNING_WARNING: &str = "Every ID token and JWT access token that it signed is refused here from then on: people and programs may have \
    to sign in again. Applications that check tokens by themselves believe it until they fetch the public keys \
    again, some for a day. This cannot be taken back.";

/// The question whether to withdraw a key, with what follows from it. Sends `kid`.
#[derive(Debug, Clone)]
pub struct KeyWithdrawalPage {
    pub key: KeyRow,
}

impl KeyWithdrawalPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Keys), "Withdraw a key", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let KeyRow { kid, alg, state, decrypts, .. } = self.key;
        let what_follows = match state {
            KeyState::Active if decrypts => {
                "Clients encrypt their requests to it. A new key is published from the moment you press the button, and requests of \
                 clients that keep a copy of the public keys are refused until they have fetched it."
            }
            _ if decrypts => "It decrypts requests of clients that keep an old copy of the public keys.",
            KeyState::Active => {
                "It signs now. A new key does from the moment you press the button, and applications that keep a copy of the \
                 public keys may refuse sign-ins until they have fetched it: most do so by themselves at once."
            }
            KeyState::Next => "It has signed nothing yet. Another next key is made when it is time.",
            KeyState::Retiring | KeyState::Retired | KeyState::Withdrawn => "It signs no more.",
        };
        let warning = if decrypts {
            "Every request that is encrypted to it is refused here from then on. This cannot be taken back."
        } else {
            SIGNING_WARNING
        };
        let hint = if decrypts { "The key is deleted." } else { "The key is published no more, and verifies nothing." };
        view! {
            {page_head(
                vec![Crumb::new("Signing keys", path::KEYS)],
                "Withdraw a key",
                "For a key that others may know. A key that is only old is rotated.",
                (),
            )}
            {note(Tone::Bad, warning)}
            <section class="section">
                <div class="section-head">
                    <h2>"Withdraw"</h2>
                    <div class="muted small">{hint}</div>
                </div>
                <form class="card section-body danger" method="post" action=path::KEY_WITHDRAW>
                    <input type="hidden" name="kid" value=kid.clone()/>
                    <p>"Key " <code class="long">{kid}</code> ", " {alg} ". " {what_follows}</p>
                    <div class="actions">
                        <button class="btn danger">"Withdraw key"</button>
                        <a class="btn" href=path::KEYS>"Back"</a>
                    </div>
                </form>
            </section>
        }
    }
}

/// The question whether to rotate the key of an algorithm. Sends `alg`, and as `active_…` the ID of the key that the page shows to
/// sign: the one to be replaced.
#[derive(Debug, Clone)]
pub struct KeyRotationPage {
    pub alg: SigningAlg,
    /// The key that signs now.
    pub active: KeyRow,
    /// The one that is published already.
    pub next: Option<KeyRow>,
    pub now: Timestamp,
}

impl KeyRotationPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Keys), "Rotate a key", move || self.view())
    }

    fn view(self) -> AnyView {
        let alg = self.alg.as_str();
        let next = match self.next {
            Some(next) => view! {
                "The next key is " <code class="long">{next.kid}</code> ", made " {moment(next.created_at, self.now)}
                ". It signs from then on, if it has been published for a day; else a new one does."
            }
            .into_any(),
            None => "A new key is made, and signs from then on.".into_any(),
        };
        let text = view! {
            <p>"Key " <code class="long">{self.active.kid.clone()}</code> " signs no more. " {next}</p>
            <p>
                "It stays published for as long as tokens that it signed are valid: nobody is signed out. Applications whose copy \
                 of the public keys lacks the new one may refuse sign-ins until they have fetched it: most do so by themselves at once."
            </p>
        };
        Question {
            crumbs: vec![Crumb::new("Signing keys", path::KEYS)],
            title: "Rotate a key",
            about: view! { "For every client that gets tokens signed with " {alg} "." }.into_any(),
            text: text.into_any(),
            action: path::KEYS.to_owned(),
            hidden: vec![("alg".to_owned(), alg.to_owned()), (seen(self.alg), self.active.kid)],
            button: "Rotate key",
            back: path::KEYS.to_owned(),
        }
        .view()
    }
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
                         is no need to do this by hand, unless rotation is switched off. A key that became known is withdrawn instead."
                    </p>
                    <p>
                        "The one before stays published for as long as tokens it signed are valid, so nobody is signed out and \
                         nothing that was issued breaks. Clients that read the public keys pick the new one up by themselves."
                    </p>
                </div>
            </div>
            <form class="card section-body" action=path::KEY_ROTATE>
                {select("alg", "Algorithm", "Each algorithm has a key of its own; a client's settings say which one it gets.", tips::KEY_ALGORITHM, choices, "RS256", None)}
                <div class="actions"><button class="btn primary">"Rotate key"</button></div>
            </form>
        </section>
    }
    .into_any()
}
