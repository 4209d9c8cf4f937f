//! Whoever sends a request, by the keys that it proves to have (RFC 9449, RFC 8705).

use std::sync::Arc;

use crate::access_token::Confirmation;
use crate::certificate::ClientCertificate;
use crate::client::Client;
use crate::dpop::Possession;
use crate::error::OAuthError;
use crate::refusal::Reason;

/// The keys of whoever sends a request.
#[derive(Debug, Clone, Default)]
pub struct Holder {
    /// By a DPoP proof.
    pub key: Option<Possession>,
    /// By the connection, on which the certificate was shown.
    pub certificate: Option<Arc<ClientCertificate>>,
}

impl Holder {
    /// All that the holder can show of what a token may be bound to.
    #[must_use]
    pub fn shown(&self) -> Confirmation {
        Confirmation {
            jkt: self.key.as_ref().map(|key| key.jkt.clone()),
            x5t: self.certificate.as_ref().map(|certificate| certificate.thumbprint.clone()),
        }
    }
}

impl Client {
    /// Makes sure that a token request comes with the proofs that the client must give.
    ///
    /// # Errors
    /// `invalid_dpop_proof`, or `invalid_request` without a certificate.
    pub fn check_holder(&self, holder: &Holder) -> Result<(), OAuthError> {
        if self.rules().requires_certificate && holder.certificate.is_none() {
            return Err(OAuthError::new(Reason::CertificateUnshown));
        }
        self.check_possession(holder.key.as_ref())
    }

    /// The keys that access tokens of the client are bound to, which `holder` gets: that of a proof, if there is one, and the certificate of
    /// a client that is registered for that (RFC 8705 §3).
    #[must_use]
    pub fn bound_to(&self, holder: &Holder) -> Confirmation {
        let shown = holder.shown();
        Confirmation { x5t: shown.x5t.filter(|_| self.rules().requires_certificate), ..shown }
    }
}
