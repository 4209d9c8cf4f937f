//! Certificates of clients, as proxies hand them on (RFC 8705): the one file that reads X.509.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use oauth::certificate::{CertificateSubject, ClientCertificate, SubjectKind, attribute};
use oauth::jwk::{PublicJwk, Thumbprint};
use openssl::bn::{BigNum, BigNumContext};
use openssl::nid::Nid;
use openssl::pkey::Id;
use openssl::x509::{GeneralNameRef, X509, X509NameEntryRef, X509Ref};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Bytes of a coordinate of P-256.
const COORDINATE: i32 = 32;

/// The certificate in a header, in one of three forms: a byte sequence (`Client-Cert`, RFC 9440 §2.1), PEM in percent-encoding
/// (`$ssl_client_escaped_cert` of nginx), or one element of `X-Forwarded-Client-Cert` (Envoy). `None`: it cannot be read, or there are two.
#[must_use]
pub fn read_certificate(header: &str, is_verified: bool) -> Option<ClientCertificate> {
    let header = header.trim();
    let certificate = match header.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')) {
        Some(base64) => the_one_of_der(&STANDARD.decode(base64).ok()?)?,
        None if header.starts_with("-----BEGIN") => the_one_of_pem(&percent_decoded(header)?)?,
        None => the_one_of_pem(&percent_decoded(forwarded(header)?)?)?,
    };
    let der = certificate.to_der().ok()?;
    Some(ClientCertificate {
        thumbprint: Thumbprint::kept(URL_SAFE_NO_PAD.encode(Sha256::digest(der))),
        key: key_of(&certificate),
        subjects: subjects_of(&certificate),
        is_verified,
    })
}

/// The certificate that the octets are, with nothing behind it.
fn the_one_of_der(octets: &[u8]) -> Option<X509> {
    X509::from_der(octets).ok().filter(|certificate| certificate.to_der().is_ok_and(|der| der == octets))
}

/// The certificate of a text that is nothing but that. A reader of PEM passes over what does not begin a line.
fn the_one_of_pem(text: &[u8]) -> Option<X509> {
    let text = std::str::from_utf8(text).ok()?;
    X509::from_pem(text.as_bytes()).ok().filter(|_| text.matches("-----BEGIN").count() == 1)
}

/// The value of `Cert` in the only element of a list of Envoy's. Values may be in quotes, in which a quote has a backslash before it.
fn forwarded(header: &str) -> Option<&str> {
    let (mut pairs, mut begin, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (at, c) in header.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => return None,
            ';' if !is_quoted => {
                pairs.push(header.get(begin..at)?);
                begin = at + 1;
            }
            _ => {}
        }
    }
    pairs.push(header.get(begin..)?);
    let mut found = pairs
        .into_iter()
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("cert"))
        .map(|(_, value)| value.trim().trim_matches('"'));
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

/// A text in which a sign may stand as `%` and two hexadecimal digits (RFC 3986 §2.1). A plus sign is one.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let digit = |octet: Option<u8>| char::from(octet?).to_digit(16);
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?,
            other => other,
        });
    }
    Some(octets)
}

fn key_of(certificate: &X509Ref) -> Option<Thumbprint> {
    let key = certificate.public_key().ok()?;
    let text = |bytes: &[u8]| Value::from(URL_SAFE_NO_PAD.encode(bytes));
    let jwk = match key.id() {
        Id::RSA => {
            let rsa = key.rsa().ok()?;
            json!({ "kty": "RSA", "n": text(&rsa.n().to_vec()), "e": text(&rsa.e().to_vec()) })
        }
        Id::EC => {
            let ec = key.ec_key().ok()?;
            (ec.group().curve_name()? == Nid::X9_62_PRIME256V1).then_some(())?;
            let (mut x, mut y) = (BigNum::new().ok()?, BigNum::new().ok()?);
            let mut context = BigNumContext::new().ok()?;
            ec.public_key().affine_coordinates(ec.group(), &mut x, &mut y, &mut context).ok()?;
            let [x, y] = [x.to_vec_padded(COORDINATE).ok()?, y.to_vec_padded(COORDINATE).ok()?];
            json!({ "kty": "EC", "crv": "P-256", "x": text(&x), "y": text(&y) })
        }
        Id::ED25519 => json!({ "kty": "OKP", "crv": "Ed25519", "x": text(&key.raw_public_key().ok()?) }),
        _ => return None,
    };
    Some(PublicJwk::parse(jwk.as_object()?).ok()?.key.thumbprint())
}

/// The subject, and its alternative names.
fn subjects_of(certificate: &X509Ref) -> Vec<CertificateSubject> {
    // The most specific part comes last in a certificate, and first in a text (RFC 4514 §2.1).
    let parts: Option<Vec<_>> = certificate.subject_name().entries().map(part_of).collect();
    let name = parts.map(|parts| parts.into_iter().rev().collect::<Vec<_>>().join(","));
    let name = name.and_then(|name| CertificateSubject::new(SubjectKind::Dn, &name));
    let others = certificate.subject_alt_names();
    name.into_iter().chain(others.iter().flatten().filter_map(alternative)).collect()
}

fn part_of(entry: &X509NameEntryRef) -> Option<String> {
    let value = entry.data().to_string().ok()?;
    let object = entry.object();
    let kind = match object.nid() {
        Nid::UNDEF => object.to_string(),
        nid => nid.short_name().ok()?.to_owned(),
    };
    Some(attribute(&kind, &value))
}

fn alternative(name: &GeneralNameRef) -> Option<CertificateSubject> {
    let ip = || {
        let octets = name.ipaddress()?;
        let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
        four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
    };
    let of = CertificateSubject::new;
    let by_text = name.dnsname().and_then(|dns| of(SubjectKind::Dns, dns));
    let by_text = by_text.or_else(|| of(SubjectKind::Uri, name.uri()?));
    by_text.or_else(|| of(SubjectKind::Email, name.email()?)).or_else(|| of(SubjectKind::Ip, &ip()?.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::certificate::TestCertificate;

    fn percent(text: &str) -> String {
        text.bytes()
            .map(
                |b| {
                    if b.is_ascii_alphanumeric() || b == b'-' { char::from(b).to_string() } else { format!("%{b:02X}") }
                },
            )
            .collect()
    }

    #[test]
    fn one_certificate_is_the_same_in_every_form() {
        let made =
            TestCertificate::new(&[("CN", "shop, Inc."), ("O", "Exämple")], &["DNS:Shop.example", "IP:10.0.0.1"]);
        let (pem, der) = (percent(&made.pem()), STANDARD.encode(made.der()));
        let plain = read_certificate(&pem, true).unwrap();
        assert!(plain.is_verified && plain.key.is_some());
        for subject in [r"DN:O=Exämple,CN=shop\, Inc.", "DNS:shop.example", "IP:10.0.0.1"] {
            assert!(
                plain.subjects.contains(&CertificateSubject::parse(subject).unwrap()),
                "{subject} {:?}",
                plain.subjects
            );
        }
        for header in [
            format!(":{der}:"),
            format!("By=spiffe://a;Hash=ab;Subject=\"CN=a,O=\\\"b;Cert=c\";Cert=\"{pem}\""),
            format!("cert={pem}"),
        ] {
            assert_eq!(read_certificate(&header, true), Some(plain.clone()), "{header}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        let made = TestCertificate::new(&[("CN", "shop")], &[]);
        let (pem, twice) = (percent(&made.pem()), STANDARD.encode([made.der(), made.der()].concat()));
        for header in [
            "",
            "::",
            ":AAAA:",
            "-----BEGIN%20CERTIFICATE-----",
            "Hash=ab",
            "Cert=",
            "%",
            "%zz",
            &format!("{pem}, {pem}"),
            &format!("{pem}{pem}"),
            &format!("Cert={pem}{pem}"),
            &format!(":{twice}:"),
            &format!("Cert={pem},Cert={pem}"),
            &format!("Cert={pem};Cert={pem}"),
            &format!("Subject=\"a;Cert={pem}\""),
        ] {
            assert_eq!(read_certificate(header, true), None, "{header}");
        }
    }
}
