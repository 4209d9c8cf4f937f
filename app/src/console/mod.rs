//! The console: pages for administrators under `/admin/ui`. Every form is a plain POST, every filter and tab an address; the
//! islands only add.

mod changed;
mod choosing;
mod editing;
mod frame;

pub mod activity;
pub mod agents;
pub mod api;
pub mod bin;
pub mod chosen;
pub mod clients;
pub mod consents;
pub mod dashboard;
pub mod explain;
pub mod flash;
pub mod grants;
pub mod history;
pub mod keys;
pub(crate) mod labels;
pub mod listed;
pub mod not_found;
pub mod path;
mod question;
pub mod registration;
pub mod replays;
pub mod resources;
pub mod scopes;
pub mod sessions;
pub mod settings;
pub(crate) mod tips;
pub mod trusts;
pub mod users;
pub mod verdict;

use crate::Theme;
pub use editing::{Again, Editing, MERGE, TheirChange};
pub use flash::Flash;

/// The surroundings of a page of the console.
#[derive(Debug, Clone)]
pub struct Console {
    /// The directory of the style sheet and the scripts: `/pkg/<build hash>`.
    pub pkg: String,
    /// Of the scripts, as the Content-Security-Policy names it.
    pub nonce: String,
    pub theme: Theme,
    /// The deed that was just done, to be said once.
    pub flash: Option<Flash>,
}
