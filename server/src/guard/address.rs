//! The caller: the other end of the connection, or the address that trusted proxies name in `X-Forwarded-For`.
//!
//! The header `Forwarded` (RFC 7239) is not read. A proxy that sets one of the two hands on the other as the caller wrote it, so
//! reading both would let anybody choose an address.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

pub(super) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of whoever sent a request. In every request; an extractor. IPv4 addresses in IPv6 clothes are IPv4 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CallerAddress(IpAddr);

impl CallerAddress {
    /// For requests that did not come through a socket.
    pub(crate) const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// The address itself. What counts callers counts the networks of it, [`idp::Network`].
    pub(crate) fn address(self) -> IpAddr {
        self.0
    }
}

impl fmt::Display for CallerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CallerAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::UNKNOWN))
    }
}

/// The proxies whose word about a caller counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

/// Words for networks that many proxies are in.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];
const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

impl TrustedProxies {
    /// Addresses, networks and the words `loopback` and `private`, split by commas or spaces.
    ///
    /// # Errors
    /// The first that is none of them.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut networks = Vec::new();
        for word in text.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty()) {
            match word {
                "loopback" => networks.extend(LOOPBACK.iter().filter_map(|network| network.parse::<IpNet>().ok())),
                "private" => networks.extend(PRIVATE.iter().filter_map(|network| network.parse::<IpNet>().ok())),
                _ => networks.push(parse_network(word).ok_or_else(|| word.to_owned())?),
            }
        }
        Ok(Self(networks))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Each proxy appends the address it was called from, so the list is read from its end, past the proxies that are trusted.
    /// Anybody may have written what stands left of the first other address. A text that is no address ends the walk where it came to.
    pub(super) fn find_caller(&self, peer: IpAddr, headers: &HeaderMap) -> CallerAddress {
        let mut caller = peer.to_canonical();
        if !self.trust(caller) {
            return CallerAddress(caller);
        }
        let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
        for entry in lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
            let Some(address) = std::str::from_utf8(entry).ok().and_then(|entry| parse_address(entry.trim())) else {
                break;
            };
            caller = address;
            if !self.trust(caller) {
                break;
            }
        }
        CallerAddress(caller)
    }
}

fn parse_network(word: &str) -> Option<IpNet> {
    word.parse().ok().or_else(|| word.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical())))
}

/// An address as proxies write it: alone, in brackets, or with a port.
fn parse_address(text: &str) -> Option<IpAddr> {
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = text.parse::<IpAddr>().ok().or_else(in_brackets).or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn caller(trusted: &str, peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        TrustedProxies::parse(trusted).unwrap().find_caller(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn an_untrusted_peer_is_the_caller_whatever_it_says() {
        assert_eq!(caller("", "203.0.113.7", &["198.51.100.1"]), "203.0.113.7");
        assert_eq!(caller("10.0.0.1", "10.0.0.2", &["198.51.100.1"]), "10.0.0.2");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_is_the_caller() {
        let trusted = "10.0.0.0/8, 2001:db8::1";
        assert_eq!(caller(trusted, "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(caller(trusted, "10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller(trusted, "10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        assert_eq!(caller(trusted, "2001:db8::1", &["1.1.1.1", "198.51.100.1", "10.0.0.3,10.0.0.4"]), "198.51.100.1");
        assert_eq!(caller(trusted, "10.0.0.1", &["10.0.0.3, 10.0.0.4"]), "10.0.0.3", "all of them are proxies");
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        for (entry, address) in [
            ("198.51.100.1:4711", "198.51.100.1"),
            ("[2001:db8::2]", "2001:db8::2"),
            ("[2001:db8::2]:4711", "2001:db8::2"),
            ("2001:db8::2", "2001:db8::2"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("  198.51.100.1\t", "198.51.100.1"),
        ] {
            assert_eq!(caller("10.0.0.1", "10.0.0.1", &[entry]), address, "{entry}");
        }
    }

    #[test]
    fn what_is_no_address_ends_the_walk() {
        for nonsense in ["unknown", "", "_hidden", "198.51.100", "198.51.100.1:", "ä", "[::1", "fe80::1%eth0"] {
            let line = format!("198.51.100.1, {nonsense}, 10.0.0.2");
            assert_eq!(caller("10.0.0.0/8", "10.0.0.1", &[&line]), "10.0.0.2", "{nonsense}");
            assert_eq!(caller("10.0.0.0/8", "10.0.0.1", &[nonsense]), "10.0.0.1", "{nonsense}");
        }
    }

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_trusted_as_itself() {
        assert_eq!(caller("10.0.0.0/8", "::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller("::ffff:10.0.0.1", "10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller("loopback", "::1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller("private", "fd00::1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller("private", "11.0.0.1", &["198.51.100.1"]), "11.0.0.1");
    }
}
