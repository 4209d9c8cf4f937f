//! The admin token: its form, and the check of one that is presented.

use std::net::IpAddr;

use oauth::secret::{Secret, SecretDigest};
use tokio::sync::Semaphore;

use crate::audit::Actor;
use crate::error::Error;
use crate::password::Asker;
use crate::throttle::{Admission, Attempt, Counted};
use crate::{Idp, password, settings};

/// The setting that holds the digest of the admin token, or the hash that another server kept of it.
pub(crate) const ADMIN_TOKEN: &str = "admin_token_digest";

/// The shortest admin token that is accepted, in bytes. One made here has 43; whoever chooses a short one chooses the risk.
pub const MIN_ADMIN_TOKEN: usize = 8;

/// The longest, in bytes. Headers are bounded, too.
pub const MAX_ADMIN_TOKEN: usize = 512;

/// Calls of the admin API whose token is looked at at once. A right token there costs no write, so whatever is looked at before
/// the first wrong one of many is counted goes through: no more than these.
static TURNS: Semaphore = Semaphore::const_new(4);

/// Reason why a text is no admin token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdminTokenError {
    #[error("is only {0} bytes long")]
    TooShort(usize),
    #[error("is longer than {MAX_ADMIN_TOKEN} bytes")]
    TooLong,
    #[error("has a character that no header can carry; letters, digits, signs of ASCII and spaces inside can be")]
    Character,
}

/// The admin token in `text`, without the blanks around it. It travels in a header, so it is made of visible ASCII characters and
/// spaces (RFC 9110 §5.5).
///
/// # Errors
/// A token that is too short or too long, or could never be sent.
pub fn parse_admin_token(text: &str) -> Result<Secret, AdminTokenError> {
    let text = text.trim();
    if text.len() < MIN_ADMIN_TOKEN {
        Err(AdminTokenError::TooShort(text.len()))
    } else if text.len() > MAX_ADMIN_TOKEN {
        Err(AdminTokenError::TooLong)
    } else if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Err(AdminTokenError::Character)
    } else {
        Ok(Secret::new(text))
    }
}

/// The admin token as the database keeps it: a digest, or an imported hash. A write that rests on the token repeats the check by
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptToken(String);

impl KeptToken {
    pub(crate) fn of(token: &Secret) -> Self {
        Self(encode(&token.digest()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Idp {
    /// The admin token as it is kept, if `presented` is the one.
    pub(crate) async fn match_admin_token(&self, presented: &Secret) -> Result<Option<KeptToken>, Error> {
        let Some(kept) = settings::find(self.store.read(), ADMIN_TOKEN).await? else {
            return Ok(None);
        };
        if let Some(digest) = decode(&kept) {
            return Ok((digest == presented.digest()).then_some(KeptToken(kept)));
        }
        if !password::verify(presented.expose(), Some(&kept), Asker::default()).await? {
            return Ok(None);
        }
        // A hash that was imported is slow, and this is asked at every call: from now on there is a digest.
        let digest = KeptToken::of(presented);
        let better = digest.clone();
        let replaced = self
            .store
            .write(move |tx| Box::pin(async move { settings::replace(tx, ADMIN_TOKEN, &kept, better.as_str()).await }));
        if replaced.await? {
            return Ok(Some(digest));
        }
        // Another call did so meanwhile; or there is another token now.
        let now = settings::find(self.store.read(), ADMIN_TOKEN).await?;
        Ok((now.as_deref() == Some(digest.as_str())).then_some(digest))
    }

    /// Checks the admin token of a call of the admin API. With a `caller`, wrong ones delay further calls from that address. What
    /// the actor does later is refused once there is another token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn check_admin_token(
        &self,
        presented: &Secret,
        caller: Option<IpAddr>,
    ) -> Result<Admission<Actor>, Error> {
        let Some(address) = caller else {
            let kept = self.match_admin_token(presented).await?;
            return Ok(kept.map_or(Admission::Refused, |kept| Admission::Admitted(Actor::by_token(kept))));
        };
        let _turn = TURNS.acquire().await.map_err(Error::internal)?;
        let counters = self.counters(Counted::AdminApi, address);
        let wait = self.find_delay(&counters).await?;
        if wait > 0 {
            return Ok(Admission::Delayed { wait });
        }
        if let Some(kept) = self.match_admin_token(presented).await? {
            return Ok(Admission::Admitted(Actor::by_token(kept)));
        }
        match self.count_attempt(counters).await? {
            Attempt::Counted(counted) => {
                tracing::warn!(%address, wait = counted.delay(self.now()), "a call with a wrong admin token was refused");
                Ok(Admission::Refused)
            }
            Attempt::Delayed { wait } => Ok(Admission::Delayed { wait }),
        }
    }
}

fn encode(digest: &SecretDigest) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest.as_bytes())
}

fn decode(text: &str) -> Option<SecretDigest> {
    use base64::Engine as _;
    SecretDigest::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_no_header_can_carry_is_refused() {
        for good in ["12345678", "  padded-with-blanks ", "with spaces inside", "~!@#$%^&*()_+"] {
            assert_eq!(parse_admin_token(good).unwrap().expose(), good.trim());
        }
        assert_eq!(parse_admin_token(" short ").unwrap_err(), AdminTokenError::TooShort(5));
        assert_eq!(parse_admin_token(&"x".repeat(513)).unwrap_err(), AdminTokenError::TooLong);
        for bad in ["geheim-schlüssel", "with\ttab-inside", "with\nline-end", "with\0nul-inside", "zero\u{200b}width"]
        {
            assert_eq!(parse_admin_token(bad).unwrap_err(), AdminTokenError::Character, "{bad:?}");
        }
    }
}
