//! The certificate by which a client connected: `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705 §2).

use super::Proven;
use crate::certificate::ClientCertificate;
use crate::client::{Client, ClientAuthMethod};
use crate::error::{OAuthError, TokenError};
use crate::refusal::Reason;

/// Judges the certificate of a request that says nothing else of who it comes from. One that was made by whoever shows it is the client's if
/// its key is (RFC 8705 §2.2), which is for whoever has the keys.
///
/// # Errors
/// `invalid_client`.
pub(super) fn verify<'a>(client: &Client, shown: Option<&'a ClientCertificate>) -> Result<Proven<'a>, TokenError> {
    let certificate = shown.ok_or_else(|| TokenError::new(Reason::CertificateMissing))?;
    if client.token_endpoint_auth_method == ClientAuthMethod::SelfSignedTls {
        return Ok(Proven::SelfSigned(certificate));
    }
    if !certificate.is_verified {
        return Err(TokenError::new(Reason::CertificateUnverified));
    }
    match &client.tls_client_auth_subject {
        Some(subject) if certificate.subjects.contains(subject) => Ok(Proven::Nothing),
        subject => {
            let sent: Vec<_> = certificate.subjects.iter().map(ToString::to_string).collect();
            let error = OAuthError::new(Reason::CertificateOther).sent("tls_client_auth_subject", sent.join(" "));
            Err(error.expected(subject.iter()).into())
        }
    }
}
