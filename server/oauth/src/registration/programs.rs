//! Programs that keep the client ID that they registered once for ever, told by where they want answers.

use fluent_uri::Uri;

use crate::destination::Destination;
use crate::words::words;

words! {
    /// A program that a request seems to come from. Anybody may ask in its name: this is for advice, never for a decision.
    Program {
        Claude = "Claude",
        ClaudeCode = "Claude Code",
        ChatGpt = "ChatGPT",
        Codex = "Codex",
        VsCode = "Visual Studio Code",
        Cursor = "Cursor",
        GeminiCli = "Gemini CLI",
        Antigravity = "Antigravity",
        OpenCode = "OpenCode",
        Goose = "Goose",
        Inspector = "MCP Inspector",
        /// Another one.
        #[default]
        Other = "other",
    }
}

impl Program {
    /// The program that waits at this redirect URI, by its host, port and path. `None`: it could be any web site.
    #[must_use]
    pub fn of(redirect_uri: &str) -> Option<Self> {
        let path = Uri::parse(redirect_uri).ok()?.path().as_str().to_owned();
        match Destination::of(redirect_uri) {
            Destination::Site(host) => match host.as_str() {
                "claude.ai" | "claude.com" => Some(Self::Claude),
                "chatgpt.com" => Some(Self::ChatGpt),
                "vscode.dev" | "insiders.vscode.dev" => Some(Self::VsCode),
                "www.cursor.com" | "cursor.com" => Some(Self::Cursor),
                "antigravity.google" => Some(Self::Antigravity),
                _ => None,
            },
            Destination::App(scheme) => Some(if scheme == "cursor" { Self::Cursor } else { Self::Other }),
            Destination::Loopback(place) => {
                let port = place.rsplit_once(':').map_or("", |(_, port)| port);
                Some(match (port, path.as_str()) {
                    ("7777", "/oauth/callback") => Self::GeminiCli,
                    ("8787", "/callback") => Self::Cursor,
                    ("19876", _) => Self::OpenCode,
                    ("6274", _) => Self::Inspector,
                    (_, "" | "/") => Self::VsCode,
                    (_, "/oauth_callback") => Self::Goose,
                    (_, "/callback") => Self::ClaudeCode,
                    (_, path) if path.starts_with("/callback/") => Self::Codex,
                    _ => Self::Other,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_by_where_they_wait() {
        use Program as P;
        for (uri, program) in [
            ("https://claude.ai/api/mcp/auth_callback", Some(P::Claude)),
            ("http://localhost:57470/callback", Some(P::ClaudeCode)),
            ("https://chatgpt.com/connector/oauth/abc", Some(P::ChatGpt)),
            ("http://127.0.0.1:1455/callback/a1", Some(P::Codex)),
            ("http://127.0.0.1:33418/", Some(P::VsCode)),
            ("https://vscode.dev/redirect", Some(P::VsCode)),
            ("cursor://anysphere.cursor-mcp/oauth/callback", Some(P::Cursor)),
            ("http://localhost:8787/callback", Some(P::Cursor)),
            ("http://localhost:7777/oauth/callback", Some(P::GeminiCli)),
            ("https://antigravity.google/oauth-callback", Some(P::Antigravity)),
            ("http://127.0.0.1:19876/mcp/oauth/callback", Some(P::OpenCode)),
            ("http://[::1]:1/oauth_callback", Some(P::Goose)),
            ("http://localhost:6274/oauth/callback", Some(P::Inspector)),
            ("http://localhost:5000/signin-oidc", Some(P::Other)),
            ("com.example.app:/cb", Some(P::Other)),
            ("https://app.example/cb", None),
            ("https://claude.ai.evil.example/cb", None),
        ] {
            assert_eq!(Program::of(uri), program, "{uri}");
        }
    }
}
