//! `docs/configuration.md` names every setting, and shows the errors that the binary gives.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../../docs/configuration.md");

/// What the binary says on its last line when it is started in `directory` with these variables, and does not stay.
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
            let other = |name: &str| [("APP_SECRET", name.repeat(32))];
            Command::new(env!("CARGO_BIN_EXE_signet"))
                .args(["keys", "list"])
                .current_dir(directory.path())
                .env_clear()
                .envs(other("a"))
                .output()
                .unwrap();
            start(&[("APP_SECRET", &"b".repeat(32))])
        } else if line.contains("holds only 3 bytes") {
            std::fs::write(directory.path().join("oauth.db.secret"), "abc").unwrap();
            start(&[])
        } else if line.contains("/nonexistent/x.db") {
            start(&[(variable, "sqlite:////nonexistent/x.db")])
        } else if line.contains("expected a file after sqlite:") {
            start(&[(variable, "sqlite:")])
        } else if line.contains("expected sqlite:///file.db") {
            start(&[(variable, "oracle://db")])
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

#[test]
fn the_page_has_every_setting_that_the_help_has() {
    let help = Command::new(env!("CARGO_BIN_EXE_signet")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let is_setting = |word: &&str| word.len() > 5 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let named: Vec<&str> = help.lines().filter_map(|line| line.split_whitespace().next()).filter(is_setting).collect();
    assert!(named.len() > 12, "{named:?}");
    for name in &named {
        assert!(
            PAGE.contains(&format!("### `{name}`")) || PAGE.contains(&format!("| `{name}` |")),
            "{name} is not on the page"
        );
    }
    let headings = PAGE.lines().filter_map(|line| line.strip_prefix("### `")?.split('`').next());
    for name in headings {
        assert!(named.contains(&name), "{name} is not in the help");
    }
}
