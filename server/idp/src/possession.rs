//! Proofs of possession (DPoP, RFC 9449): their signatures, and that each is good once.

use oauth::client_auth::SingleUse;
use oauth::dpop::{self, DpopProof, Possession, Proven};
use oauth::error::OAuthError;
use oauth::refusal::Reason;
use sea_orm::DatabaseTransaction;

use crate::Idp;
use crate::clients::assertion::spend_once;
use crate::error::Error;
use crate::jose::is_signed_by;

impl Idp {
    /// The key that the proof in `header` shows, which came with `request`. The proof is not spent yet: whatever is written for the
    /// request spends it in its own transaction.
    ///
    /// # Errors
    /// `invalid_dpop_proof`; `use_dpop_nonce` with which [`Idp::dpop_nonce`] goes.
    pub fn judge_possession(&self, header: &str, request: &Proven<'_>) -> Result<Possession, OAuthError> {
        let proof = DpopProof::parse(header)?;
        let possession = proof.verify(request, self.hosts(), &self.seal, self.now())?;
        if is_signed_by(&proof.key, &proof.jwt) {
            return Ok(possession);
        }
        Err(OAuthError::because(Reason::DpopRefused, "the DPoP proof is refused: its jwk did not sign it"))
    }

    /// The nonce for whoever shows a proof of another time.
    #[must_use]
    pub fn dpop_nonce(&self) -> String {
        dpop::nonce(&self.seal, self.now())
    }

    /// Spends the proof of a request for which nothing else is written.
    ///
    /// # Errors
    /// [`Error::ProofUsed`] when it came before, here or on another node.
    pub async fn spend_possession(&self, possession: &Possession) -> Result<(), Error> {
        let once = possession.once;
        self.store.write(move |tx| Box::pin(spend(tx, once))).await
    }
}

/// Spends a proof, last of all that a transaction writes: what is refused for another reason spends nothing.
pub(crate) async fn spend(tx: &DatabaseTransaction, once: SingleUse) -> Result<(), Error> {
    match spend_once(tx, once).await {
        Err(Error::Conflict) => Err(Error::ProofUsed),
        other => other,
    }
}
