//! The words for changes and for whoever made them.

use oauth::difference::ChangeRecord;

/// The words for the deed of a change. A scope that was new was once recorded as saved.
pub(in crate::console) fn deed_of(change: &ChangeRecord) -> String {
    match (change.action.as_str(), &change.before) {
        ("scope.save", None) if !change.is_erased() => deed("scope.create"),
        (action, _) => deed(action),
    }
}

/// The words for a deed.
pub(in crate::console) fn deed(action: &str) -> String {
    let words = match action {
        "settings.client_defaults" => "Changed",
        "audit.sweep" => "Old changes swept",
        "audit.erase" => "Words about a person erased",
        "trust.link" => "Account linked",
        "trust.unlink" => "Link ended",
        "key.withdraw" => "Withdrawn",
        "registration.token" => "Initial access tokens changed",
        "resource.discover" => "Found",
        "server.set_up" => "Server set up",
        "server.reset_admin_token" => "Admin token reset",
        "console.open" => "Console opened",
        "console.close" => "Console closed",
        _ => match of_any_kind(action.split_once('.').map_or(action, |(_, deed)| deed)) {
            Some(words) => words,
            None => return action.to_owned(),
        },
    };
    words.to_owned()
}

fn of_any_kind(deed: &str) -> Option<&'static str> {
    Some(match deed {
        "create" => "Created",
        "update" | "save" | "policy" => "Changed",
        "delete" => "Deleted",
        "restore" => "Restored",
        "erase" => "Erased",
        "secret_add" => "Secret added",
        "secret_revoke" => "Secret revoked",
        "secret_replace" => "Secret replaced",
        "set_password" => "Password set",
        "revoke_tokens" => "Signed out everywhere",
        "revoke" => "Grant revoked",
        "revoke_grants" => "Grants revoked",
        "end_session" => "Session ended",
        "end_sessions" => "Sessions ended",
        "withdraw_consent" => "Consent withdrawn",
        "withdraw_consents" => "Consents withdrawn",
        "withdraw_scope" => "Part of a consent withdrawn",
        "rotate" => "Rotated",
        "publish" => "Published",
        "import" => "Imported",
        "retire" => "Retired",
        _ => return None,
    })
}

pub(in crate::console) fn author(actor: &str) -> &str {
    match actor {
        "admin" => "An administrator",
        "admin_api" => "The admin API",
        "command_line" => "The command line",
        "system" => "The server",
        "user" => "The user",
        "client" => "The client",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Adds the texts in the sources that look like an action of one of these kinds.
    fn collect(folder: &Path, actions: &mut BTreeSet<String>) {
        const KINDS: [&str; 11] = [
            "client",
            "user",
            "scope",
            "resource",
            "trust",
            "key",
            "registration",
            "client_hosts",
            "settings",
            "audit",
            "server",
        ];
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, actions);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                actions.extend(text.split('"').filter_map(|text| {
                    let (kind, deed) = text.split_once('.')?;
                    let is_word =
                        !deed.is_empty() && deed.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                    (KINDS.contains(&kind) && is_word).then(|| text.to_owned())
                }));
            }
        }
    }

    #[test]
    fn each_action_of_the_record_has_words() {
        let mut actions = BTreeSet::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/idp/src"), &mut actions);
        assert!(actions.len() > 30, "{actions:?}");
        for action in actions {
            assert_ne!(deed(&action), action);
        }
    }
}
