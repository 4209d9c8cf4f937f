//! The icon set: 16 × 16, drawn with one stroke in the colour of the text beside it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// An icon. Always decoration: what it means is said in words beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Icon {
    Dashboard,
    Activity,
    Clients,
    Agents,
    Trusts,
    Scopes,
    Resources,
    Consents,
    Users,
    Sessions,
    Keys,
    Settings,
    Bin,
    Web,
    Spa,
    Native,
    Machine,
    Search,
    Menu,
    Check,
    Copy,
    Plus,
    Alert,
    Info,
    Right,
    Out,
    Person,
    Light,
    Dark,
    Auto,
    Close,
}

impl Icon {
    fn paths(self) -> &'static str {
        match self {
            Self::Dashboard => r#"<path d="M2 9.5 8 3l6 6.5M4 8.5V13h8V8.5"/>"#,
            Self::Activity => r#"<path d="M1.5 8h3l2-5 3 10 2-5h3"/>"#,
            Self::Clients => {
                r#"<rect x="2" y="2" width="5" height="5" rx="1"/><rect x="9" y="2" width="5" height="5" rx="1"/><rect x="2" y="9" width="5" height="5" rx="1"/><rect x="9" y="9" width="5" height="5" rx="1"/>"#
            }
            Self::Agents => r#"<rect x="2.5" y="5.5" width="11" height="8" rx="2"/><path d="M8 2.5v3M6 9v1M10 9v1"/>"#,
            Self::Trusts => {
                r#"<path d="M8 1.8 13 3.7v4c0 3-1.9 5.2-5 6.5-3.1-1.3-5-3.5-5-6.5v-4zM5.7 8l1.6 1.6 3-3.2"/>"#
            }
            Self::Scopes => r#"<path d="M2 4h12M2 8h12M2 12h7"/>"#,
            Self::Resources => {
                r#"<ellipse cx="8" cy="4" rx="5" ry="2"/><path d="M3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2"/>"#
            }
            Self::Consents => r#"<path d="M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M5.7 9.7l1.6 1.6 3-3.2"/>"#,
            Self::Users => {
                r#"<circle cx="6.5" cy="5.5" r="2.5"/><path d="M1.8 13.5c.5-2.5 2.3-3.8 4.7-3.8s4.2 1.3 4.7 3.8M10.5 3.3a2.5 2.5 0 0 1 0 4.4M12.2 10.1c1.1.6 1.8 1.7 2.1 3.4"/>"#
            }
            Self::Sessions => {
                r#"<rect x="1.5" y="2.5" width="13" height="8.5" rx="1.2"/><path d="M5 13.5h6M8 11v2.5"/>"#
            }
            Self::Keys => r#"<circle cx="5" cy="11" r="3"/><path d="m7.2 8.8 6-6M11 5l2 2"/>"#,
            Self::Settings => {
                r#"<path d="M2 5h6M12 5h2M2 11h2M8 11h6"/><circle cx="10" cy="5" r="2"/><circle cx="6" cy="11" r="2"/>"#
            }
            Self::Bin => r#"<path d="M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4"/>"#,
            Self::Web => {
                r#"<rect x="2" y="2" width="12" height="5" rx="1"/><rect x="2" y="9" width="12" height="5" rx="1"/><path d="M4.5 4.5h.01M4.5 11.5h.01"/>"#
            }
            Self::Spa => r#"<rect x="1.5" y="3" width="13" height="10" rx="1.5"/><path d="M1.5 6h13"/>"#,
            Self::Native => r#"<rect x="4" y="1.5" width="8" height="13" rx="1.8"/><path d="M7 12h2"/>"#,
            Self::Machine => r#"<path d="m4 5 3 3-3 3M9 11h4"/>"#,
            Self::Search => r#"<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>"#,
            Self::Menu => r#"<path d="M2 4h12M2 8h12M2 12h12"/>"#,
            Self::Check => r#"<path d="m3 8.5 3.2 3L13 5"/>"#,
            Self::Copy => {
                r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 3.5a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1"/>"#
            }
            Self::Plus => r#"<path d="M8 3v10M3 8h10"/>"#,
            Self::Alert => r#"<path d="M8 2.2 14.5 13.5h-13zM8 6.5v3M8 11.5h.01"/>"#,
            Self::Info => r#"<circle cx="8" cy="8" r="6"/><path d="M8 7.5v3.5M8 5h.01"/>"#,
            Self::Right => r#"<path d="m6 3.5 4.5 4.5L6 12.5"/>"#,
            Self::Out => r#"<path d="M6 2.5H3.5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1H6M10.5 11l3-3-3-3M13.5 8H6"/>"#,
            Self::Person => r#"<circle cx="8" cy="5.5" r="2.5"/><path d="M3 14c.6-2.6 2.5-4 5-4s4.4 1.4 5 4"/>"#,
            Self::Light => {
                r#"<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1"/>"#
            }
            Self::Dark => r#"<path d="M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3z"/>"#,
            Self::Auto => r#"<rect x="1.5" y="2.5" width="13" height="8.5" rx="1.2"/><path d="M5.5 13.5h5"/>"#,
            Self::Close => r#"<path d="m4 4 8 8M12 4l-8 8"/>"#,
        }
    }

    /// The icon, 16 pixels wide.
    #[must_use]
    pub fn view(self) -> impl IntoView {
        view! {
            <svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" inner_html=self.paths()></svg>
        }
    }
}

#[cfg(feature = "ssr")]
const SEAL: &str = r#"<circle cx="12" cy="12" r="9"/><path d="M15.2 8.6c-.8-.9-1.9-1.3-3.2-1.3-1.9 0-3.2 1-3.2 2.4 0 3.3 6.6 1.4 6.6 4.7 0 1.5-1.4 2.5-3.4 2.5-1.4 0-2.7-.5-3.5-1.5"/>"#;

/// The seal of Signet, the one thing in brass.
#[cfg(feature = "ssr")]
pub(crate) fn seal(size: &'static str) -> impl IntoView {
    view! {
        <svg class="seal-mark" width=size height=size viewBox="0 0 24 24" aria-hidden="true" inner_html=SEAL></svg>
    }
}
