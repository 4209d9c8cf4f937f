//! The search behind the palette.

use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

/// Why a server function did not answer. Closed: nothing from inside the server reaches the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ConsoleError {
    #[error("Your console session has ended. Sign in again.")]
    SignedOut,
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

/// The way from [`search`] to the data. The server puts one into the context of server functions.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct SearchDoor(std::sync::Arc<dyn Fn(String) -> Answer + Send + Sync>);

#[cfg(feature = "ssr")]
type Answer = std::pin::Pin<Box<dyn Future<Output = Result<Vec<Hit>, ConsoleError>> + Send>>;

#[cfg(feature = "ssr")]
impl SearchDoor {
    /// A door to `answer`, which gets what was typed and gives the best few hits, best first.
    pub fn new<F>(answer: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<Hit>, ConsoleError>> + Send + 'static,
    {
        Self(std::sync::Arc::new(move |query| Box::pin(answer(query))))
    }
}

#[cfg(feature = "ssr")]
impl std::fmt::Debug for SearchDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SearchDoor")
    }
}

/// Clients and users that fit what was typed.
///
/// # Errors
/// When nobody is signed in to the console, or the database is away.
#[server(prefix = "/admin/ui/api", endpoint = "search", input = leptos::server_fn::codec::Json)]
pub async fn search(query: String) -> Result<Vec<Hit>, ConsoleError> {
    let SearchDoor(answer) = use_context().ok_or(ConsoleError::SignedOut)?;
    answer(query).await
}
