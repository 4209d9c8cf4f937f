//! The networks that stand for a caller. Whoever has one IPv6 address has a /64, often a /56, and for the asking a /48 (RFC 6177):
//! what is counted by caller is counted for each of them, and the wider ones are allowed more.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Prefixes of IPv6 networks, in bits, the narrowest first.
const WIDTHS: [u8; 3] = [64, 56, 48];

/// A network that is counted as one caller: an IPv4 address, or an IPv6 network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    /// Bits of the prefix.
    prefix: u8,
}

impl Network {
    /// The networks of an address, the narrowest first: one for IPv4, three for IPv6. An IPv4 address in IPv6 clothes is an IPv4
    /// address.
    pub fn all_of(address: IpAddr) -> impl Iterator<Item = Self> {
        let (alone, address) = match address.to_canonical() {
            IpAddr::V4(address) => (Some(Self { address: address.into(), prefix: 32 }), None),
            IpAddr::V6(address) => (None, Some(address)),
        };
        let wide = address.into_iter().flat_map(|address| WIDTHS.map(|prefix| Self::of(address, prefix)));
        alone.into_iter().chain(wide)
    }

    /// The narrowest network of an address.
    #[must_use]
    pub fn narrowest(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self { address: address.into(), prefix: 32 },
            IpAddr::V6(address) => Self::of(address, 64),
        }
    }

    /// The width: 0 for what one caller has for sure, 1 for a /56, 2 for a /48.
    #[must_use]
    pub fn width(&self) -> usize {
        WIDTHS.iter().position(|prefix| *prefix == self.prefix).unwrap_or_default()
    }

    /// The multiple of one caller's allowance that it has: 1, 4 or 16. Neighbours who do not know each other may share it.
    #[must_use]
    pub fn allowance(&self) -> u32 {
        4_u32.pow(u32::try_from(self.width()).unwrap_or_default())
    }

    fn of(address: Ipv6Addr, prefix: u8) -> Self {
        let mask = u128::MAX << (128 - u32::from(prefix));
        Self { address: Ipv6Addr::from_bits(address.to_bits() & mask).into(), prefix }
    }
}

impl fmt::Display for Network {
    /// `198.51.100.1`, `2001:db8::/48`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => write!(f, "{address}/{}", self.prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_counted_in_ever_wider_networks() {
        let networks = |address: &str| {
            let networks = Network::all_of(address.parse().unwrap());
            networks.map(|network| format!("{network} {}", network.allowance())).collect::<Vec<_>>()
        };
        assert_eq!(
            networks("2001:db8:1:2ff:3:4:5:6"),
            ["2001:db8:1:2ff::/64 1", "2001:db8:1:200::/56 4", "2001:db8:1::/48 16"]
        );
        assert_eq!(networks("2001:db8::"), ["2001:db8::/64 1", "2001:db8::/56 4", "2001:db8::/48 16"]);
        assert_eq!(networks("198.51.100.1"), ["198.51.100.1 1"]);
        assert_eq!(networks("::ffff:198.51.100.1"), ["198.51.100.1 1"]);
        let address = "2001:db8:1:2:3:4:5:6".parse().unwrap();
        assert_eq!(Network::all_of(address).next(), Some(Network::narrowest(address)));
    }
}
