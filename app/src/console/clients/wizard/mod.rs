//! The wizard: what kind of application it is, a few questions, and a client with code that uses it.

pub mod choose;
pub mod questions;
pub(super) mod snippet;

use oauth::client::{Client, ClientDraft, ClientKind, GrantType, check_new_client_id};

use snippet::Snippet;

/// The scope that lets a refresh token outlive the session.
const OFFLINE_ACCESS: &str = "offline_access";

/// A framework or platform that people come with: a kind of client with answers filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starter {
    Spa,
    PythonWeb,
    CommandLine,
    Device,
    Web,
    Native,
    Machine,
}

impl Starter {
    pub const ALL: [Self; 7] =
        [Self::Spa, Self::PythonWeb, Self::CommandLine, Self::Web, Self::Native, Self::Device, Self::Machine];

    /// The word in the address of the wizard's second page.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spa => "spa",
            Self::PythonWeb => "python",
            Self::CommandLine => "cli",
            Self::Device => "device",
            Self::Web => "web",
            Self::Native => "native",
            Self::Machine => "machine",
        }
    }

    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|starter| starter.as_str() == word)
    }

    /// The one whose code fits a client; none where people neither sign in nor a machine asks for itself.
    pub(super) fn for_client(client: &Client) -> Option<Self> {
        if client.may_ask_for_codes() {
            match client.kind {
                ClientKind::Web => Some(Self::Web),
                ClientKind::Spa => Some(Self::Spa),
                ClientKind::Native => Some(Self::Native),
                ClientKind::Machine => None,
            }
        } else if client.may_use(GrantType::DeviceCode) {
            Some(Self::Device)
        } else {
            client.may_use(GrantType::ClientCredentials).then_some(Self::Machine)
        }
    }

    /// The word of the sample that was asked for; the first one's if there is none such.
    #[must_use]
    pub fn code(self, asked: &str) -> &'static str {
        let mut ids = self.snippets().iter().map(|snippet| snippet.id);
        ids.clone().find(|id| *id == asked).or_else(|| ids.next()).unwrap_or_default()
    }

    #[must_use]
    pub fn kind(self) -> ClientKind {
        match self {
            Self::Spa => ClientKind::Spa,
            Self::PythonWeb | Self::Web => ClientKind::Web,
            Self::CommandLine | Self::Native | Self::Device => ClientKind::Native,
            Self::Machine => ClientKind::Machine,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Spa => "Single-page app",
            Self::PythonWeb => "Python web app",
            Self::CommandLine => "Command line or notebook",
            Self::Device => "Device or remote terminal",
            Self::Web => "Server-side web app",
            Self::Native => "Native or mobile app",
            Self::Machine => "Machine-to-machine",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Spa => {
                "Runs in the browser, where nothing stays secret: React, Vue, Svelte. On port 3000 to begin with."
            }
            Self::PythonWeb => "Flask, Django or FastAPI, on port 5000 to begin with. It keeps a secret on the server.",
            Self::CommandLine => "A script or Jupyter. It opens a browser and waits for the answer on a loopback port.",
            Self::Device => {
                "A television, a printer, a shell on another machine. It shows a code, and people sign in on their phone."
            }
            Self::Web => "Runs on a server and keeps a secret: Node, Java, Go, Rust, PHP, Ruby.",
            Self::Native => {
                "Runs on a phone or a desktop, with a scheme of its own or an https address that it claims."
            }
            Self::Machine => "Acts for itself: nightly jobs, services that call services. Nobody signs in.",
        }
    }

    fn facts(self) -> &'static str {
        match self.kind() {
            _ if self == Self::Device => "Device code · no secret",
            ClientKind::Web => "Authorization code · client secret",
            ClientKind::Spa | ClientKind::Native => "Authorization code with PKCE · no secret",
            ClientKind::Machine => "Client credentials · client secret",
        }
    }

    /// The draft that fills the second page.
    #[must_use]
    pub fn preset(self) -> ClientDraft {
        let redirect_uris = match self {
            Self::Spa => "http://localhost:3000/callback\nhttp://127.0.0.1:3000/callback",
            Self::PythonWeb | Self::CommandLine => {
                "http://127.0.0.1:5000/oauth2/callback\nhttp://localhost:5000/oauth2/callback"
            }
            Self::Web => "http://127.0.0.1:3000/callback\nhttp://localhost:3000/callback",
            Self::Native | Self::Device | Self::Machine => "",
        };
        let draft = ClientDraft::preset(self.kind());
        let grant_types = if self == Self::Device {
            [GrantType::DeviceCode, GrantType::RefreshToken].map(|grant| grant.to_string()).to_vec()
        } else {
            draft.grant_types.clone()
        };
        ClientDraft {
            client_name: self.title().to_owned(),
            redirect_uris: redirect_uris.to_owned(),
            grant_types,
            ..draft
        }
    }

    /// True where browsers are sent back to the application.
    fn redirects(self) -> bool {
        !matches!(self, Self::Device | Self::Machine)
    }

    pub(super) fn snippets(self) -> &'static [Snippet] {
        match self {
            Self::Spa => &snippet::SPA,
            Self::PythonWeb => &snippet::PYTHON_WEB,
            Self::CommandLine => &snippet::COMMAND_LINE,
            Self::Device => &snippet::DEVICE,
            Self::Web => &snippet::WEB,
            Self::Native => &snippet::NATIVE,
            Self::Machine => &snippet::MACHINE,
        }
    }
}

/// True for a client that gets refresh tokens.
fn refreshes(draft: &ClientDraft) -> bool {
    draft.grant_types.iter().any(|grant| grant == GrantType::RefreshToken.as_str())
}

/// The draft with refresh tokens or without: the grant type and the scope go together here.
#[must_use]
pub fn with_refresh(draft: ClientDraft, refresh: bool) -> ClientDraft {
    let token = GrantType::RefreshToken.as_str();
    let mut grant_types: Vec<String> = draft.grant_types.into_iter().filter(|grant| grant != token).collect();
    let mut scope: Vec<&str> = draft.scope.split_whitespace().filter(|word| *word != OFFLINE_ACCESS).collect();
    if refresh {
        grant_types.push(token.to_owned());
        scope.push(OFFLINE_ACCESS);
    }
    let scope = scope.join("\n");
    ClientDraft { grant_types, scope, ..draft }
}

/// A client ID made of a name: "My shop" is `my-shop`. `None` if what the name has of ASCII letters and digits makes no ID.
#[must_use]
pub fn id_of(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let id: String = words.collect::<Vec<_>>().join("-").chars().take(60).collect();
    Some(id.trim_end_matches('-').to_owned()).filter(|id| check_new_client_id(id).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_becomes_a_client_once_it_has_an_id_and_redirect_uri() {
        for starter in Starter::ALL {
            let mut draft = ClientDraft { client_id: "c".to_owned(), ..starter.preset() };
            if starter == Starter::Native {
                draft.redirect_uris = "com.example.app:/callback".to_owned();
            }
            assert_eq!(draft.check(None).unwrap().kind, starter.kind());
            assert_eq!(Starter::find(starter.as_str()), Some(starter));
        }
    }

    #[test]
    fn an_id_is_made_of_the_letters_and_digits_of_a_name() {
        assert_eq!(id_of("  My Shop (beta)").as_deref(), Some("my-shop-beta"));
        for unfit in ["متجر", "2026", "New", "Wizard!"] {
            assert_eq!(id_of(unfit), None, "{unfit}");
        }
    }

    #[test]
    fn refresh_tokens_come_and_go_with_their_scope() {
        let without = with_refresh(Starter::Spa.preset(), false);
        assert_eq!((without.scope.as_str(), refreshes(&without)), ("openid\nprofile\nemail", false));
        assert_eq!(with_refresh(without, true), Starter::Spa.preset());
    }
}
