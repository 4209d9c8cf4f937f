//! The place to which the answer to an authorization request goes, as far as a person can judge it.

use fluent_uri::Uri;

/// The receiver of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A web site: host, and port where it is not the usual one. Names beyond ASCII are in their A-label form (RFC 5890
    /// §2.3.2.1), which cannot look like another name.
    Site(String),
    /// A program on the person's own device that listens there (RFC 8252 §7.3): host and port.
    Loopback(String),
    /// An app on the person's own device that claimed the scheme (RFC 8252 §7.1). What looks like a host behind it is nobody's.
    App(String),
}

impl Destination {
    /// The destination that a redirect URI names.
    #[must_use]
    pub fn of(redirect_uri: &str) -> Self {
        let Ok(uri) = Uri::parse(redirect_uri) else {
            return Self::App(redirect_uri.to_owned());
        };
        let scheme = uri.scheme().as_str().to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => "80",
            "https" => "443",
            _ => return Self::App(scheme),
        };
        let Some(authority) = uri.authority() else {
            return Self::App(scheme);
        };
        let host = authority.host().to_ascii_lowercase();
        let port = authority.port().map(|port| port.as_str()).filter(|port| !port.is_empty() && *port != default_port);
        let place = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        if is_loopback(&host) { Self::Loopback(place) } else { Self::Site(place) }
    }

    /// True when the answer stays on the person's device, where any program may wait for it (RFC 8252 §8.6).
    #[must_use]
    pub fn is_on_device(&self) -> bool {
        !matches!(self, Self::Site(_))
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Site(place) | Self::Loopback(place) | Self::App(place)) = self;
        f.write_str(place)
    }
}

/// Any address of the loopback network, and its name (RFC 6761 §6.3).
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    address.map_or_else(|_| host == "localhost" || host.ends_with(".localhost"), |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_shown_as_what_it_is() {
        let site = |text: &str| Destination::Site(text.to_owned());
        let loopback = |text: &str| Destination::Loopback(text.to_owned());
        let app = |text: &str| Destination::App(text.to_owned());
        for (uri, destination) in [
            ("https://App.example:443/cb", site("app.example")),
            ("https://app.example:8443/cb", site("app.example:8443")),
            ("https://xn--bcher-kva.example/cb", site("xn--bcher-kva.example")),
            ("https://127.0.0.1.evil.example/cb", site("127.0.0.1.evil.example")),
            ("http://127.0.0.1:5000/cb", loopback("127.0.0.1:5000")),
            ("http://127.9.9.9/cb", loopback("127.9.9.9")),
            ("http://[::1]:1/cb", loopback("[::1]:1")),
            ("http://localhost/cb", loopback("localhost")),
            ("com.evil.app://accounts.bank.example/cb", app("com.evil.app")),
            ("com.example.app:/cb", app("com.example.app")),
        ] {
            assert_eq!(Destination::of(uri), destination, "{uri}");
            assert_eq!(destination.is_on_device(), !matches!(destination, Destination::Site(_)));
        }
    }
}
