//! Code for the application of a client. The texts are files of `snippets/`.

use oauth::client::{Client, ClientAuthMethod};
use oauth::redirect_uri::RedirectUri;

/// A file that somebody can begin with.
#[derive(Debug, Clone, Copy)]
pub(in crate::console::clients) struct Snippet {
    /// The word that a form sends.
    pub(in crate::console::clients) id: &'static str,
    pub(in crate::console::clients) title: &'static str,
    /// The name of the file.
    pub(in crate::console::clients) file: &'static str,
    /// The command that installs what it needs; may be empty.
    pub(in crate::console::clients) install: &'static str,
    /// The command that runs it; empty for a part of a larger program.
    pub(in crate::console::clients) run: &'static str,
    /// With `{{issuer}}`, `{{client_id}}`, `{{redirect_uri}}`, `{{scope}}` and `{{scopes}}`, the last being quoted words.
    template: &'static str,
    quoting: Quoting,
}

/// The escapes that keep a value from ending the quotation it stands in. None of the values can hold `"`, `\` or a space.
#[derive(Debug, Clone, Copy)]
enum Quoting {
    /// In double quotes, where nothing else has a meaning.
    Plain,
    /// In single quotes of a shell.
    Shell,
    /// In double quotes of Kotlin, where `$` begins an expression.
    Dollar,
}

macro_rules! snippet {
    ($title:literal, $source:literal as $file:literal, $install:literal, $run:literal, $quoting:ident) => {
        Snippet {
            id: $source,
            title: $title,
            file: $file,
            install: $install,
            run: $run,
            template: include_str!(concat!("../snippets/", $source)),
            quoting: Quoting::$quoting,
        }
    };
}

const FLASK: Snippet = snippet!("Python: Flask and Authlib", "web_flask.py" as "app.py", "pip install flask authlib requests", "OIDC_CLIENT_SECRET='<client secret>' python app.py", Plain);
const LOOPBACK: Snippet = snippet!("Python", "cli.py" as "sign_in.py", "", "python sign_in.py", Plain);

pub(super) static SPA: [Snippet; 2] = [
    snippet!("JavaScript: oidc-client-ts", "spa_oidc_client_ts.js" as "auth.js", "npm install oidc-client-ts", "", Plain),
    snippet!("JavaScript: oauth4webapi", "spa_oauth4webapi.js" as "auth.js", "npm install oauth4webapi", "", Plain),
];
pub(super) static PYTHON_WEB: [Snippet; 1] = [FLASK];
pub(super) static COMMAND_LINE: [Snippet; 1] = [LOOPBACK];
pub(super) static DEVICE: [Snippet; 2] = [
    snippet!("Python", "device.py" as "sign_in.py", "", "python sign_in.py", Plain),
    snippet!("Node: openid-client", "device.mjs" as "sign_in.mjs", "npm install openid-client", "node sign_in.mjs", Plain),
];
pub(super) static WEB: [Snippet; 4] = [
    snippet!("Node: openid-client", "web_node.mjs" as "app.mjs", "npm install openid-client", "OIDC_CLIENT_SECRET='<client secret>' node app.mjs", Plain),
    snippet!(
        "Go: go-oidc",
        "web_go.go" as "main.go",
        "go mod init app && go get github.com/coreos/go-oidc/v3/oidc golang.org/x/oauth2",
        "OIDC_CLIENT_SECRET='<client secret>' go run .",
        Plain
    ),
    snippet!(
        "Java: Spring Boot",
        "web_spring.java" as "App.java",
        "Add spring-boot-starter-web and spring-boot-starter-oauth2-client to the project.",
        "OIDC_CLIENT_SECRET='<client secret>' mvn spring-boot:run",
        Plain
    ),
    FLASK,
];
pub(super) static NATIVE: [Snippet; 3] = [
    snippet!("iOS: AppAuth", "native_ios.swift" as "SignIn.swift", "Add github.com/openid/AppAuth-iOS as a package.", "", Plain),
    snippet!(
        "Android: AppAuth",
        "native_android.kt" as "SignIn.kt",
        "Add net.openid:appauth to the dependencies.",
        "",
        Dollar
    ),
    LOOPBACK,
];
pub(super) static MACHINE: [Snippet; 4] = [
    snippet!("curl", "machine.sh" as "get_token.sh", "", "OIDC_CLIENT_SECRET='<client secret>' bash get_token.sh", Shell),
    snippet!("Python: requests", "machine.py" as "get_token.py", "pip install requests", "OIDC_CLIENT_SECRET='<client secret>' python get_token.py", Plain),
    snippet!("Node: openid-client", "machine.mjs" as "get_token.mjs", "npm install openid-client", "OIDC_CLIENT_SECRET='<client secret>' node get_token.mjs", Plain),
    snippet!(
        "Rust: openidconnect",
        "machine.rs" as "main.rs",
        "cargo add openidconnect && cargo add tokio --features macros,rt-multi-thread",
        "OIDC_CLIENT_SECRET='<client secret>' cargo run",
        Plain
    ),
];

impl Snippet {
    /// True when this client can use the code: it proves itself as the code does, and has an address to come back to, at which a
    /// program that listens for the answer can.
    pub(in crate::console::clients) fn fits(&self, client: &Client) -> bool {
        let method = client.token_endpoint_auth_method;
        let proves = if self.template.contains("OIDC_CLIENT_SECRET") {
            method.shows_secret()
        } else {
            method == ClientAuthMethod::None
        };
        let redirect_uri = client.redirect_uris.first();
        let returns = !self.template.contains("{{redirect_uri}}") || redirect_uri.is_some();
        proves && returns && (self.id != LOOPBACK.id || redirect_uri.is_some_and(is_loopback))
    }

    /// The code for this client.
    pub(in crate::console::clients) fn render(&self, issuer: &str, client: &Client) -> String {
        let redirect_uri = client.redirect_uris.first().map(RedirectUri::as_str).unwrap_or_default();
        let scope = client.rules().default_scope.to_string();
        let words: Vec<String> = scope.split(' ').map(|word| format!("\"{}\"", self.quote(word))).collect();
        // One pass, so that a value is never taken for a placeholder.
        let mut parts = self.template.split("{{");
        let mut code = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
            match name {
                "issuer" => code.push_str(&self.quote(issuer)),
                "client_id" => code.push_str(&self.quote(client.client_id.as_str())),
                "redirect_uri" => code.push_str(&self.quote(redirect_uri)),
                "scope" => code.push_str(&self.quote(&scope)),
                "scopes" => code.push_str(&words.join(", ")),
                _ => {}
            }
            code.push_str(rest);
        }
        code
    }

    fn quote(&self, value: &str) -> String {
        match self.quoting {
            Quoting::Plain => value.to_owned(),
            Quoting::Shell => value.replace('\'', r"'\''"),
            Quoting::Dollar => value.replace('$', r"\$"),
        }
    }
}

/// True when a program beside the browser can listen there: plain HTTP, and IPv4.
fn is_loopback(uri: &RedirectUri) -> bool {
    let origin = uri.origin().unwrap_or_default();
    let host = origin.strip_prefix("http://").and_then(|authority| authority.split(':').next());
    matches!(host, Some("127.0.0.1" | "localhost"))
}
