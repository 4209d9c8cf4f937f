//! The interactive parts of the console: server-rendered like everything else, then hydrated by WASM. Each only adds to what
//! works without it.

mod check;
mod control;
pub mod copy_button;
pub mod live_error;
pub mod palette;
pub mod save_bar;
pub mod search;
mod site;
pub mod theme_switch;
pub mod uri_verdicts;

pub use check::{Check, UriRule};
pub use copy_button::CopyButton;
pub use live_error::LiveError;
pub use palette::Palette;
pub use save_bar::SaveBar;
pub use search::{ConsoleError, Hit, HitKind};
pub use site::base;
pub use theme_switch::{THEME_COOKIE, ThemeSwitch};
pub use uri_verdicts::UriVerdicts;
