//! A server elsewhere that takes our assertions: the names that our clients have there, and its resources.

use serde::{Deserialize, Serialize};

use super::TrustError;
use crate::client::check_client_id;
use crate::field::FieldProblem;
use crate::id::ClientId;
use crate::resource::ResourceIdentifier;
use crate::scope::Scope;

/// The longest ID of a client elsewhere, in bytes.
const MAX_CLIENT_THERE: usize = 2_048;

/// A client of this server, and its ID at the other one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientThere {
    pub client_id: ClientId,
    pub there: String,
}

impl ClientThere {
    /// Reads a line: the ID here, then the ID there, if it is another one.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(line: &str) -> Result<Self, FieldProblem> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (here, there) = match words.as_slice() {
            [one] => (*one, *one),
            [here, there] => (*here, *there),
            _ => return Err(TrustError::ClientThere.into()),
        };
        if there.len() > MAX_CLIENT_THERE || !there.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TrustError::ClientThere.into());
        }
        Ok(Self { client_id: ClientId::new(check_client_id(here)?), there: there.to_owned() })
    }
}

impl std::fmt::Display for ClientThere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.client_id.as_str())?;
        if self.there == self.client_id.as_str() { Ok(()) } else { write!(f, " {}", self.there) }
    }
}

/// A resource of the other server, and the most that assertions of ours say may be done there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceThere {
    pub identifier: ResourceIdentifier,
    #[serde(default)]
    pub scope: Scope,
}

impl ResourceThere {
    /// Reads a line: the identifier, then scopes.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(line: &str) -> Result<Self, FieldProblem> {
        let (identifier, scope) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        let identifier = ResourceIdentifier::parse(identifier)?;
        Ok(Self { identifier, scope: Scope::parse(scope).map_err(|_| FieldProblem::Scope)? })
    }
}

impl std::fmt::Display for ResourceThere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.identifier, self.scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_another_server_is_lines_and_back() {
        for line in ["app", "app app-there", "https://agent.example/client.json x"] {
            assert_eq!(ClientThere::parse(line).unwrap().to_string(), line);
        }
        assert_eq!(ClientThere::parse("app").unwrap().there, "app");
        for bad in ["", "a b c", "a/b", "app ü"] {
            assert!(ClientThere::parse(bad).is_err(), "{bad}");
        }
        let there = ResourceThere::parse(" https://notes.example/mcp  read write ").unwrap();
        assert_eq!(there.to_string(), "https://notes.example/mcp read write");
        for bad in ["", "notes", "https://notes.example/#x", "https://notes.example a\"b"] {
            assert!(ResourceThere::parse(bad).is_err(), "{bad}");
        }
    }
}
