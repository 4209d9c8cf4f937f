//! `docs/configuration.md` names every setting, and shows the errors that the binary gives.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use signet::config::{Fallback, SETTINGS};

use crate::server::{ISSUER, Server};

const PAGE: &str = include_str!("../../../docs/configuration.md");

/// The last line of a binary that was started in `directory` with these variables and refused to run.
fn start(directory: &Path, variables: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_signet"))
        .arg("serve")
        .current_dir(directory)
        .env_clear()
        .env("RUST_LOG", "error")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{variables:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    stderr.lines().last().unwrap().trim_start_matches("signet: ").to_owned()
}

/// The lines of the page's text blocks, each with the setting it stands under.
fn shown() -> Vec<(&'static str, &'static str)> {
    let (mut inside, mut setting, mut lines) = (false, "", Vec::new());
    for line in PAGE.lines() {
        match line {
            "```text" => inside = true,
            "```" => inside = false,
            line if inside => lines.push((setting, line.trim_start_matches("signet: "))),
            line => setting = line.strip_prefix("### `").and_then(|rest| rest.split('`').next()).unwrap_or(setting),
        }
    }
    lines
}

#[test]
fn each_error_on_the_page_is_what_the_binary_says() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut tried = 0;
    for (setting, line) in shown() {
        let directory = tempfile::tempdir().unwrap();
        let start = |variables: &[(&str, &str)]| start(directory.path(), variables);
        let variable = line.split(':').next().unwrap();
        let said = if let Some((value, _)) = line.split_once('“').and_then(|(_, rest)| rest.split_once('”')) {
            start(&[(variable, value)])
        } else if let Some((_, rest)) = line.split_once("it is only ") {
            let bytes = rest.split(' ').next().unwrap().parse().unwrap();
            start(&[(variable, &"x".repeat(bytes))])
        } else if line.contains("Address already in use") {
            start(&[(variable, &address)]).replace(&address, line.split(' ').nth(4).unwrap().trim_end_matches(':'))
        } else if line.contains("it repeats a short piece") {
            let secret = "6dfa24e9b1c07853f0a1d2c3b4e59687";
            let repeated = "abcd1234".repeat(5);
            start(&[("ISSUER", "https://id.example.com"), ("APP_SECRET", secret), (variable, &repeated)])
        } else if line.starts_with("APP_SECRET does not match") {
            let url = format!("sqlite:///{}/oauth.db", directory.path().display());
            let clock = idp::clock::Clock::system();
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async { Server::open_provider(&url, ISSUER, clock).await.close().await });
            start(&[("APP_SECRET", &"b".repeat(32))])
        } else if line.contains("holds only 3 bytes") {
            std::fs::write(directory.path().join("oauth.db.secret"), "abc").unwrap();
            start(&[])
        } else if line.contains("anybody could send it") || line.contains("CLIENT_CERT_HEADER must be set") {
            let value = if variable == "MTLS_URL" { "https://mtls.example" } else { "X-Client" };
            start(&[(variable, value)])
        } else if line.contains("/nonexistent/x.db") {
            start(&[(variable, "sqlite:////nonexistent/x.db")])
        } else if line.contains("expected a file after sqlite:") {
            start(&[(variable, "sqlite:")])
        } else if line.contains("expected sqlite:///file.db") {
            start(&[(variable, "oracle://db")])
        } else if line.contains("that a proxy could take off") {
            start(&[(variable, "true")])
        } else {
            // Half a minute of waiting for a database that never answers.
            assert!(line.contains("pool timed out while waiting for an open connection"), "who tries this? {line}");
            continue;
        };
        let (begin, end) = line.split_once('…').unwrap_or((line, ""));
        assert!(said.starts_with(begin) && said.ends_with(end), "under {setting}\nshown: {line}\nsaid:  {said}");
        tried += 1;
    }
    assert!(tried > 15, "{tried}");
}

/// The text under the heading of a setting, up to the next heading.
fn section(name: &str) -> Option<&'static str> {
    let (_, rest) = PAGE.split_once(&format!("\n### `{name}`"))?;
    rest.split("\n#").next()
}

#[test]
fn the_page_has_every_setting_and_its_default() {
    for setting in SETTINGS {
        let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{}` |", setting.name)));
        let text = row.or(section(setting.name)).unwrap_or_else(|| panic!("{} is not on the page", setting.name));
        if let Fallback::Value(value) = setting.default {
            let shown = text.contains(&format!("Default `{value}`")) || text.ends_with(&format!("| `{value}` |"));
            assert!(shown, "{}: the default {value} is not on the page", setting.name);
        }
    }
    let headings = PAGE.lines().filter_map(|line| line.strip_prefix("### `")?.split('`').next());
    for name in headings {
        assert!(SETTINGS.iter().any(|setting| setting.name == name), "{name} is no setting");
    }
}

#[test]
fn the_help_has_every_setting() {
    let help = Command::new(env!("CARGO_BIN_EXE_signet")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for setting in SETTINGS {
        let line = help.lines().find(|line| line.split_whitespace().next() == Some(setting.name));
        let default = format!("{} [{}]", setting.about, setting.default.text());
        assert!(line.is_some_and(|line| line.ends_with(&default)), "{}: {line:?}", setting.name);
    }
}
