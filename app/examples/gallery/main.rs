//! Writes every page with sample data into a directory, to be looked at:
//! `cargo run -p app --features ssr --example gallery -- target/gallery`. The style sheet is expected beside them.

mod acting;
mod activity;
mod console;
mod dashboard;
mod history;
mod people;
mod resources;
mod sample;
mod scopes;
mod trusts;

use std::path::PathBuf;
use std::{env, fs, io};

use app::Theme;
use app::console::Console;
use app::console::flash::Flash;

/// The directory of the style sheet, seen from a page.
const PKG: &str = ".";

fn main() -> io::Result<()> {
    let directory = env::args_os().nth(1).map_or_else(|| PathBuf::from("target/gallery"), PathBuf::from);
    fs::create_dir_all(&directory)?;
    let console = Console { pkg: PKG.to_owned(), nonce: "sample".to_owned(), theme: Theme::Auto, flash: None };
    let saved = Console { flash: Some(Flash::Saved), ..console.clone() };
    let pages = people::pages(PKG).into_iter().chain(console::pages(&console, &saved));
    let pages = pages
        .chain(dashboard::pages(&console, &console::keys()))
        .chain(resources::pages(&console))
        .chain(scopes::pages(&console))
        .chain(trusts::pages(&console))
        .chain(activity::pages(&console))
        .chain(acting::pages(&console))
        .chain(history::pages(&console));
    for (name, html) in pages {
        fs::write(directory.join(format!("{name}.html")), html)?;
    }
    Ok(())
}
