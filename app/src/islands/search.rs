//! The search behind the palette.

use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

/// Why a server function did not answer. Closed: nothing from inside the server reaches the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ConsoleError {
    #[error("The database cannot be reached just now.")]
    Unavailable,
    #[error("The server did not answer.")]
    Transport,
}

impl FromServerFnError for ConsoleError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Transport
    }
}

/// A kind of hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HitKind {
    Page,
    Client,
    User,
}

/// Something to jump to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub kind: HitKind,
    pub title: String,
    /// A detail that tells it from others of the same title: an ID, an address. May be empty.
    pub detail: String,
    /// A path of the console.
    pub href: String,
}

/// Clients and users that fit what was typed.
///
/// # Errors
/// When the database is away, or nobody is signed in to the console any more.
#[server(prefix = "/admin/ui/api", endpoint = "search", input = leptos::server_fn::codec::Json)]
pub async fn search(query: String) -> Result<Vec<Hit>, ConsoleError> {
    // Only browsers call this. The server answers at the address without it: `server/src/console/search.rs`.
    drop(query);
    Err(ConsoleError::Transport)
}
