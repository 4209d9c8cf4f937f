//! Certificates of clients, for tests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Name};

/// A certificate with its key.
#[derive(Debug)]
pub struct TestCertificate {
    certificate: X509,
    key: PKey<Private>,
}

impl TestCertificate {
    /// One that vouches for itself, and may for others. `name` are the parts of its subject, the most general first; `others` alternative
    /// names as OpenSSL writes them.
    #[must_use]
    pub fn new(name: &[(&str, &str)], others: &[&str]) -> Self {
        Self::made(name, others, None)
    }

    /// One that this one vouches for.
    #[must_use]
    pub fn issue(&self, name: &[(&str, &str)], others: &[&str]) -> Self {
        Self::made(name, others, Some(self))
    }

    fn made(name: &[(&str, &str)], others: &[&str], by: Option<&Self>) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("OpenSSL knows P-256");
        let key = EcKey::generate(&group).and_then(PKey::from_ec_key).expect("a key can be made");
        let made = (|| {
            let mut subject = X509Name::builder()?;
            for (kind, value) in name {
                subject.append_entry_by_text(kind, value)?;
            }
            let (subject, mut builder) = (subject.build(), X509::builder()?);
            let serial = crate::random::token();
            let serial = BigNum::from_slice(serial.as_bytes().get(..8).unwrap_or_default())?.to_asn1_integer()?;
            builder.set_version(2)?;
            builder.set_serial_number(&serial)?;
            builder.set_subject_name(&subject)?;
            builder.set_issuer_name(by.map_or(&*subject, |by| by.certificate.subject_name()))?;
            builder.set_pubkey(&key)?;
            builder.set_not_before(&*Asn1Time::days_from_now(0)?)?;
            builder.set_not_after(&*Asn1Time::days_from_now(2)?)?;
            if by.is_none() {
                builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
            }
            let mut alternatives = SubjectAlternativeName::new();
            for other in others {
                match other.split_once(':') {
                    Some(("IP", value)) => alternatives.ip(value),
                    Some(("URI", value)) => alternatives.uri(value),
                    Some(("email", value)) => alternatives.email(value),
                    _ => alternatives.dns(other.trim_start_matches("DNS:")),
                };
            }
            if !others.is_empty() {
                let alternatives = alternatives.build(&builder.x509v3_context(None, None))?;
                builder.append_extension(alternatives)?;
            }
            builder.sign(by.map_or(&key, |by| &by.key), MessageDigest::sha256())?;
            Ok::<_, openssl::error::ErrorStack>(builder.build())
        })();
        Self { certificate: made.expect("OpenSSL takes it"), key }
    }

    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        self.certificate.to_der().expect("it is a certificate")
    }

    #[must_use]
    pub fn pem(&self) -> String {
        String::from_utf8(self.certificate.to_pem().expect("it is a certificate")).expect("PEM is text")
    }

    /// The private key.
    #[must_use]
    pub fn key_pem(&self) -> String {
        String::from_utf8(self.key.private_key_to_pem_pkcs8().expect("it is a key")).expect("PEM is text")
    }

    /// Its public key, in a JWK Set.
    #[must_use]
    pub fn jwks(&self) -> String {
        let coordinates = (|| {
            let (key, mut context) = (self.key.ec_key()?, BigNumContext::new()?);
            let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
            key.public_key().affine_coordinates(key.group(), &mut x, &mut y, &mut context)?;
            Ok::<_, openssl::error::ErrorStack>([x.to_vec_padded(32)?, y.to_vec_padded(32)?])
        })();
        let [x, y] = coordinates.expect("it is on P-256").map(|number| URL_SAFE_NO_PAD.encode(number));
        serde_json::json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": x, "y": y }] }).to_string()
    }
}
