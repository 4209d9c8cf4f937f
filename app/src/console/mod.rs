//! The console: pages for administrators under `/admin/ui`. Every form is a plain POST, every filter and tab an address; the
//! islands only add.

mod editing;
mod frame;

pub mod api;
pub mod clients;
pub mod dashboard;
pub mod flash;
pub mod keys;
pub mod not_found;
pub mod path;
pub mod scopes;
pub(crate) mod tips;
pub mod users;

use crate::Theme;
pub use editing::{Again, Editing};
pub use flash::Flash;

/// What every page of the console needs to know beside its own data.
#[derive(Debug, Clone)]
pub struct Console {
    /// Where the style sheet and the scripts are: `/pkg/<build hash>`.
    pub pkg: String,
    /// Of the scripts, as the Content-Security-Policy names it.
    pub nonce: String,
    pub theme: Theme,
    /// What was just done, to be said once.
    pub flash: Option<Flash>,
}
