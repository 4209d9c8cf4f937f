//! Addresses that a document of a stranger may make this server speak to: those of the public Internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 networks that are not public: the special-purpose registry (RFC 6890, RFC 6598, RFC 5737, RFC 7526), multicast and the
/// reserved rest.
const SPECIAL_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
];

/// The only IPv6 network of public addresses (RFC 4291 §2.4). Outside are loopback, IPv4 addresses in IPv6 clothes, NAT64
/// (RFC 6052), unique local, link-local and multicast addresses.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Networks in it that are not public: protocol assignments with Teredo and ORCHID (RFC 2928), documentation (RFC 3849, RFC 9637),
/// 6to4 (RFC 3056) and AS112.
const SPECIAL_V6: [(Ipv6Addr, u32); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// True for an address of the public Internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        // 224.0.0.0 and all above: multicast, and what was never given out.
        IpAddr::V4(address) => {
            address.octets() < [224, 0, 0, 0] && !SPECIAL_V4.iter().any(|network| holds_v4(*network, address))
        }
        IpAddr::V6(address) => {
            holds_v6(GLOBAL_V6, address) && !SPECIAL_V6.iter().any(|network| holds_v6(*network, address))
        }
    }
}

/// True for an address of this machine alone, in IPv6 clothes or not.
pub(super) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn holds_v4((network, prefix): (Ipv4Addr, u32), address: Ipv4Addr) -> bool {
    (network.to_bits() ^ address.to_bits()) >> (32 - prefix) == 0
}

fn holds_v6((network, prefix): (Ipv6Addr, u32), address: Ipv6Addr) -> bool {
    (network.to_bits() ^ address.to_bits()) >> (128 - prefix) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIAL: &str = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 \
        172.31.255.255 192.0.0.8 192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7 \
        203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 \
        ::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:0:1::1 \
        2001:1ff::1 2001:10::1 2001:20::1 2001:db8::1 2002:a9fe:a9fe::1 2620:4f:8000::1 3fff::1 3fff:fff::1 fc00::1 \
        fd00:ec2::254 fe80::1 fec0::1 ff02::1 4000::1";

    const PUBLIC: &str = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.0.0.1 128.0.0.1 169.253.0.1 169.255.0.1 \
        172.15.255.255 172.32.0.1 192.0.1.1 192.167.0.1 192.169.0.1 198.17.0.1 198.20.0.1 223.255.255.255 2001:200::1 \
        2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450::1 3ffe::1";

    #[test]
    fn special_addresses_are_told_from_public_ones() {
        for (addresses, public) in [(SPECIAL, false), (PUBLIC, true)] {
            for address in addresses.split_whitespace() {
                assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
            }
        }
        for (address, loopback) in [("127.0.0.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.0.0.1", false)]
        {
            assert_eq!(is_loopback(address.parse().unwrap()), loopback, "{address}");
        }
    }
}
