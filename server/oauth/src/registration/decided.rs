//! Decisions of administrators about a client that goes on describing itself (RFC 7592 §2.2).
//!
//! A member that is another one than the client said was decided here. It stays, however often and by whichever words the client
//! describes itself again, until it is set to what the client said.

use serde_json::{Map, Value};

use crate::client::Client;

/// A client after it described itself anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redescribed {
    /// The client as it is now.
    pub client: Client,
    /// The client as it said, where nobody decided otherwise, and as it said before, where somebody did: the next description is
    /// compared with this.
    pub said: Client,
}

/// The `client`, which `said` something before, as it is `described` now.
///
/// # Errors
/// Never, as far as is known: what is read was written from clients.
pub(super) fn redescribe(client: &Client, said: &Client, described: &Client) -> serde_json::Result<Redescribed> {
    let (Value::Object(is), Value::Object(said), Value::Object(described)) =
        (serde_json::to_value(client)?, serde_json::to_value(said)?, serde_json::to_value(described)?)
    else {
        return Ok(Redescribed { client: client.clone(), said: said.clone() });
    };
    let (after, said) = merge(&is, &said, &described);
    let read = |document: Map<String, Value>| -> serde_json::Result<Client> {
        Ok(Client { defaults: client.defaults.clone(), ..serde_json::from_value(Value::Object(document))? })
    };
    Ok(Redescribed { client: read(after)?, said: read(said)? })
}

/// The members after the description, and those that are said. A member that is not there has its default.
fn merge(
    is: &Map<String, Value>,
    said: &Map<String, Value>,
    described: &Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    let (mut after, mut says) = (Map::new(), Map::new());
    let mut put = |name: &String, now: Option<&Value>, said: Option<&Value>| {
        after.extend(now.map(|value| (name.clone(), value.clone())));
        says.extend(said.map(|value| (name.clone(), value.clone())));
    };
    let mut names: Vec<&String> = is.keys().chain(said.keys()).chain(described.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let values = [is.get(name), said.get(name), described.get(name)];
        let parts = values.map(|value| match value {
            None => Some(Map::new()),
            Some(value) => value.as_object().cloned(),
        });
        match (values, parts) {
            (_, [Some(is), Some(said), Some(described)]) => {
                let (now, said) = merge(&is, &said, &described);
                let [now, said] = [now, said].map(|part| Some(part).filter(|part| !part.is_empty()).map(Value::Object));
                put(name, now.as_ref(), said.as_ref());
            }
            ([now, before, described], _) if now == before => put(name, described, described),
            ([now, before, _], _) => put(name, now, before),
        }
    }
    (after, says)
}
