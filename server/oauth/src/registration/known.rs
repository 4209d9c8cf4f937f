//! Documents of well-known clients, written by hand from what they published. A host that answers no data centre, as claude.ai does
//! at times, is then no reason to refuse its users. What is fetched counts before them.

/// The day on which they were looked over: 26 November 2026, in seconds since 1970.
pub const KNOWN_SINCE: i64 = 1_795_651_200;

/// A document that is part of this server.
#[derive(Debug, Clone, Copy)]
pub struct KnownDocument {
    pub client_id: &'static str,
    pub document: &'static str,
}

macro_rules! known {
    ($($client_id:literal => $file:literal),+ $(,)?) => {
        /// All of them.
        pub const KNOWN_DOCUMENTS: &[KnownDocument] = &[
            $(KnownDocument { client_id: $client_id, document: include_str!(concat!("documents/", $file)) }),+
        ];
    };
}

known! {
    "https://claude.ai/oauth/mcp-oauth-client-metadata" => "claude.json",
    "https://claude.ai/oauth/claude-code-client-metadata" => "claude_code.json",
    "https://chatgpt.com/oauth/client.json" => "chatgpt.json",
    "https://chatgpt.com/oauth/codex/client.json" => "codex.json",
    "https://vscode.dev/oauth/client-metadata.json" => "vscode.json",
    "https://opencode.ai/oauth/opencode/client.json" => "opencode.json",
    "https://goose-docs.ai/oauth/client-metadata.json" => "goose.json",
}

/// The document of this client, if it is one of them.
#[must_use]
pub fn find_known(client_id: &str) -> Option<&'static str> {
    KNOWN_DOCUMENTS.iter().find(|known| known.client_id == client_id).map(|known| known.document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientAuthMethod, ClientOrigin, GrantType};
    use crate::id::ClientId;
    use crate::jose::AssertionAlg;
    use crate::registration::{ClientUrl, read_document};

    #[test]
    fn every_known_client_is_served_as_it_asks() {
        for (client_id, name, sent, refreshes) in [
            (
                "https://claude.ai/oauth/mcp-oauth-client-metadata",
                "Claude",
                "https://claude.ai/api/mcp/auth_callback",
                true,
            ),
            (
                "https://claude.ai/oauth/claude-code-client-metadata",
                "Claude Code",
                "http://localhost:57470/callback",
                true,
            ),
            ("https://claude.ai/oauth/claude-code-client-metadata", "Claude Code", "http://127.0.0.1:9/callback", true),
            (
                "https://chatgpt.com/oauth/client.json",
                "ChatGPT",
                "https://chatgpt.com/connector_platform_oauth_redirect",
                true,
            ),
            ("https://chatgpt.com/oauth/codex/client.json", "Codex", "http://127.0.0.1:1455/callback", true),
            ("https://vscode.dev/oauth/client-metadata.json", "Visual Studio Code", "http://127.0.0.1:50000/", true),
            (
                "https://vscode.dev/oauth/client-metadata.json",
                "Visual Studio Code",
                "https://vscode.dev/redirect",
                true,
            ),
            ("https://opencode.ai/oauth/opencode/client.json", "OpenCode", "http://127.0.0.1:19876/callback", true),
            ("https://goose-docs.ai/oauth/client-metadata.json", "Goose", "http://[::1]:1/oauth_callback", true),
        ] {
            let url = ClientUrl::parse(client_id).unwrap();
            let description = read_document(&url, find_known(client_id).unwrap().as_bytes()).unwrap();
            let client = description.to_client(ClientId::new(client_id), url.host(), ClientOrigin::MetadataDocument);
            assert_eq!(client.client_name, name, "{client_id}");
            assert_eq!(client.may_use(GrantType::RefreshToken), refreshes, "{client_id}");
            // ChatGPT prefers to sign, and could do without.
            let signs = client_id == "https://chatgpt.com/oauth/client.json";
            let method = if signs { ClientAuthMethod::PrivateKeyJwt } else { ClientAuthMethod::None };
            assert_eq!(client.token_endpoint_auth_method, method, "{client_id}");
            let alg = client.token_endpoint_auth_signing_alg;
            assert_eq!((client.jwks_uri.is_some(), alg), (signs, signs.then_some(AssertionAlg::RS256)), "{client_id}");
            assert!(client.find_redirect_uri(sent).is_some(), "{client_id} {sent}");
            assert!(client.find_redirect_uri("https://evil.example/").is_none());
        }
        for known in KNOWN_DOCUMENTS {
            let url = ClientUrl::parse(known.client_id).unwrap();
            assert!(read_document(&url, known.document.as_bytes()).is_ok(), "{}", known.client_id);
        }
    }
}
