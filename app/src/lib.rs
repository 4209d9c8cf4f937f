//! The pages of Signet.
//!
//! A page is a struct: everything it shows, loaded before it is built, and a `render` that makes a complete HTML document of it.
//! Pages know nothing of HTTP and ask nobody for data, so each of them can be looked at with sample data
//! (`cargo run -p app --features ssr --example gallery`).
//!
//! - [`pages`]: for the people who sign in. Plain HTML, no script at all.
//! - [`account`]: for people, about their own account. Like those.
//! - [`console`]: for administrators, under `/admin/ui`. Complete without scripts too; its [`islands`] are hydrated by WASM.
//! - [`ui`]: what both are made of.
//! - [`text`]: the sentences of the pages for people, a file per language.

#![cfg_attr(feature = "ssr", recursion_limit = "256")]

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod console;
/// Of the console, islands know the addresses.
#[cfg(not(feature = "ssr"))]
pub mod console {
    pub mod path;
}
#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
pub mod explained;
pub mod islands;
#[cfg(feature = "ssr")]
pub mod pages;
pub mod path;
#[cfg(feature = "ssr")]
pub mod qr;
pub mod text;
pub mod ui;

#[cfg(feature = "ssr")]
pub use document::Theme;
