//! Certificates of clients (RFC 8705), as far as they are looked at here. Whoever holds the bytes has parsed them.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::client::{Client, ClientAuthMethod};
use crate::field::FieldProblem;
use crate::jwk::Thumbprint;
use crate::words::words;

words! {
    /// The kind of a subject, as OpenSSL calls it.
    SubjectKind {
        /// `tls_client_auth_subject_dn` (RFC 8705 §2.1.2): a distinguished name (RFC 4514).
        #[default]
        Dn = "DN",
        /// `tls_client_auth_san_dns`.
        Dns = "DNS",
        /// `tls_client_auth_san_uri`.
        Uri = "URI",
        /// `tls_client_auth_san_ip`.
        Ip = "IP",
        /// `tls_client_auth_san_email`.
        Email = "email",
    }
}

/// The certificates of clients that a proxy hands on to this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HandedOn {
    #[default]
    Nothing,
    /// Nobody says which of them an authority vouches for.
    Unverified,
    Verified,
}

impl HandedOn {
    /// True where a client could prove itself by the method.
    #[must_use]
    pub fn allows(self, method: ClientAuthMethod) -> bool {
        match method {
            ClientAuthMethod::Tls => self == Self::Verified,
            ClientAuthMethod::SelfSignedTls => self.can_bind(),
            _ => true,
        }
    }

    /// True where tokens can be bound to certificates.
    #[must_use]
    pub fn can_bind(self) -> bool {
        self != Self::Nothing
    }

    /// The first field of a client that could not work here, and that is not as it was `before`.
    ///
    /// # Errors
    /// The field, and the setting that it needs.
    pub fn check(self, client: &Client, before: Option<&Client>) -> Result<(), (&'static str, FieldProblem)> {
        let (method, header) = (client.token_endpoint_auth_method, FieldProblem::CertificatesOff("CLIENT_CERT_HEADER"));
        let is_bound = |client: &Client| client.tls_client_certificate_bound_access_tokens;
        if !self.allows(method) && before.is_none_or(|before| before.token_endpoint_auth_method != method) {
            let verify = FieldProblem::CertificatesOff("CLIENT_CERT_VERIFY_HEADER");
            return Err(("token_endpoint_auth_method", if self.can_bind() { verify } else { header }));
        }
        if is_bound(client) && !self.can_bind() && !before.is_some_and(is_bound) {
            return Err(("tls_client_certificate_bound_access_tokens", header));
        }
        Ok(())
    }
}

/// The longest subject, in bytes.
const MAX_SUBJECT: usize = 1_000;

/// A subject that a certificate can have, in the one form in which subjects are compared: `DN:CN=shop,O=Example`, `DNS:shop.example`.
/// A client is registered with one (RFC 8705 §2.1.2), and a certificate may have many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CertificateSubject {
    kind: SubjectKind,
    value: String,
}

impl CertificateSubject {
    /// # Errors
    /// [`FieldProblem::CertificateSubject`] for a text that no certificate can have as its subject.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let text = text.trim();
        if text.len() > MAX_SUBJECT {
            return Err(FieldProblem::TooLong(MAX_SUBJECT));
        }
        let (kind, value) = text.split_once(':').ok_or(FieldProblem::CertificateSubject)?;
        let kind = SubjectKind::find(kind.trim()).ok_or(FieldProblem::CertificateSubject)?;
        Self::new(kind, value.trim()).ok_or(FieldProblem::CertificateSubject)
    }

    /// The subject of a kind, if the value is one.
    #[must_use]
    pub fn new(kind: SubjectKind, value: &str) -> Option<Self> {
        if value.is_empty() || value.chars().any(char::is_control) {
            return None;
        }
        let value = match kind {
            SubjectKind::Dn => canonical_name(value)?,
            SubjectKind::Dns => value.to_ascii_lowercase(),
            SubjectKind::Ip => value.parse::<IpAddr>().ok()?.to_string(),
            SubjectKind::Uri => value.to_owned(),
            SubjectKind::Email => value.contains('@').then(|| value.to_owned())?,
        };
        Some(Self { kind, value })
    }
}

impl fmt::Display for CertificateSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.value)
    }
}

impl From<CertificateSubject> for String {
    fn from(subject: CertificateSubject) -> Self {
        subject.to_string()
    }
}

impl TryFrom<String> for CertificateSubject {
    type Error = FieldProblem;

    fn try_from(text: String) -> Result<Self, FieldProblem> {
        Self::parse(&text)
    }
}

/// Attribute types that names are written with, and their object identifiers (RFC 4514 §3).
const TYPES: [(&str, &str); 12] = [
    ("CN", "2.5.4.3"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("ORGANIZATIONIDENTIFIER", "2.5.4.97"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
];

/// A distinguished name in one form: types in capitals, values as they are, escaped where they must be, no space around signs.
fn canonical_name(text: &str) -> Option<String> {
    let parts: Vec<String> = split_name(text)?
        .into_iter()
        .map(|part| {
            let (kind, value) = part.split_once('=')?;
            Some(attribute(kind, &unescaped(value.trim_matches(' '))?))
        })
        .collect::<Option<_>>()?;
    Some(parts.join(","))
}

/// One attribute of a name, in the form in which names are compared. `kind` is a word, or an object identifier.
#[must_use]
pub fn attribute(kind: &str, value: &str) -> String {
    let kind = kind.trim().to_ascii_uppercase();
    let kind = TYPES.iter().find(|(_, oid)| *oid == kind).map_or(kind.as_str(), |(name, _)| name);
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    format!("{kind}={escaped}")
}

/// The attributes of a name, still escaped. None that has two in one place, which nobody uses.
fn split_name(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut begin, mut is_escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            ',' => {
                parts.push(text.get(begin..at)?);
                begin = at + 1;
            }
            '+' | '"' | '<' | '>' | ';' => return None,
            _ => {}
        }
    }
    parts.push(text.get(begin..)?);
    (!is_escaped).then_some(parts)
}

/// A value without its escapes (RFC 4514 §2.4): a sign after a backslash, or an octet of UTF-8 as two hexadecimal digits.
fn unescaped(value: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(octet) = rest.next() {
        if octet != b'\\' {
            octets.push(octet);
            continue;
        }
        let next = rest.next()?;
        let digit = |octet: u8| char::from(octet).to_digit(16);
        match digit(next) {
            Some(high) => octets.push(u8::try_from(high * 16 + digit(rest.next()?)?).ok()?),
            None => octets.push(next),
        }
    }
    String::from_utf8(octets).ok().filter(|value| !value.is_empty())
}

/// A certificate that a client showed when it connected, in the words of a proxy that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of its DER encoding: `x5t#S256` (RFC 8705 §3.1).
    pub thumbprint: Thumbprint,
    /// The thumbprint of its public key (RFC 7638), if that is one of the kinds that clients register.
    pub key: Option<Thumbprint>,
    /// Its name, and the alternative ones.
    pub subjects: Vec<CertificateSubject>,
    /// True when the proxy says that an authority it trusts vouches for it.
    pub is_verified: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_subject_is_one_text_however_it_is_written() {
        for (typed, kept) in [
            ("DN:CN=shop,O=Example", "DN:CN=shop,O=Example"),
            ("DN: cn=shop , o = Example ", "DN:CN=shop,O=Example"),
            ("DN:2.5.4.3=shop,1.2.3=x", "DN:CN=shop,1.2.3=x"),
            (r"DN:CN=a\, b,O=c\+d", r"DN:CN=a\, b,O=c\+d"),
            (r"DN:CN=M\C3\BCller", "DN:CN=Müller"),
            ("DNS:Shop.Example", "DNS:shop.example"),
            ("URI:https://shop.example/A", "URI:https://shop.example/A"),
            ("IP:2001:DB8::0001", "IP:2001:db8::1"),
            ("email:a@example.com", "email:a@example.com"),
        ] {
            let subject = CertificateSubject::parse(typed).unwrap();
            assert_eq!(subject.to_string(), kept, "{typed}");
            assert_eq!(CertificateSubject::parse(kept).unwrap(), subject);
            let stored = serde_json::to_string(&subject).unwrap();
            assert_eq!(serde_json::from_str::<CertificateSubject>(&stored).unwrap(), subject);
        }
        assert_ne!(CertificateSubject::parse("DN:CN=a,O=b"), CertificateSubject::parse("DN:O=b,CN=a"));
        assert_ne!(CertificateSubject::parse("DN:CN=a,O=b"), CertificateSubject::parse(r"DN:CN=a\,O\=b"));
    }

    #[test]
    fn what_no_certificate_can_have_is_refused() {
        let long = format!("DNS:{}", "x".repeat(MAX_SUBJECT));
        for typed in [
            "",
            "shop",
            "DN:",
            "DN:shop",
            "DN:CN=",
            r"DN:CN=a\",
            "DN:CN=a+O=b",
            "IP:shop",
            "email:shop",
            "dn:CN=a",
            "DNS:a\0b",
            &long,
        ] {
            assert!(CertificateSubject::parse(typed).is_err(), "{typed}");
        }
    }
}
