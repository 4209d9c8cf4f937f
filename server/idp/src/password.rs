//! Password hashes: argon2id on threads of its own, never more at once than there are cores.

mod turns;
mod werkzeug;

use std::sync::{Arc, LazyLock};

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use oauth::user::{MAX_PASSWORD, Password, presented_password};
use zeroize::Zeroizing;

pub(crate) use turns::Asker;
use turns::Turns;
pub(crate) use werkzeug::WerkzeugHash;

use crate::error::Error;
use crate::random;

/// KiB of memory, passes and lanes of one hash: the first choice of the OWASP cheat sheet, about 15 ms of a core.
const MEMORY: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Longest password that is looked at, in bytes. No longer one can have been set.
const MAX_LENGTH: usize = 4 * MAX_PASSWORD;

/// Those who may wait for each core: two seconds' worth of hashes.
const WAITING: usize = 128;

/// As many as there are cores: more at once would only make everybody wait longer, at 19 MiB each.
static TURNS: LazyLock<Arc<Turns>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Turns::new(cores, cores * WAITING)
});

/// The hash to store, as a PHC string.
///
/// # Errors
/// [`Error::Busy`] when too many wait.
pub(crate) async fn hash(password: &Password) -> Result<String, Error> {
    let password = password.clone();
    in_turn(Asker::default(), move || argon2id(password.expose()))
        .await?
        .map_err(|error| Error::internal(error.to_string()))
}

/// True when `password` is the one behind `stored`: in the form that passwords are set in or, for one that was set before there was
/// that form, as it was typed. Takes as long where nothing is stored, so that the time does not tell which
/// users exist; only a hash that was imported takes a time of its own until it is replaced.
///
/// # Errors
/// [`Error::Busy`] when too many wait.
pub(crate) async fn verify(password: &str, stored: Option<&str>, asker: Asker) -> Result<bool, Error> {
    if password.len() > MAX_LENGTH {
        return Ok(false);
    }
    let (prepared, typed) = (presented_password(password), Zeroizing::new(password.to_owned()));
    let stored = stored.map(str::to_owned).unwrap_or_default();
    let check =
        move || matches(prepared.expose(), &stored) || (prepared.expose() != *typed && matches(&typed, &stored));
    in_turn(asker, check).await
}

fn matches(password: &str, stored: &str) -> bool {
    if let Some(hash) = find_argon2(stored) {
        return Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    }
    if let Some(hash) = WerkzeugHash::parse(stored) {
        return hash.verify(password.as_bytes());
    }
    let _ = argon2id(password);
    false
}

/// True when `stored` is not what [`hash`] makes now: it is to be replaced when its password is known.
#[must_use]
pub(crate) fn needs_rehash(stored: &str) -> bool {
    let current = find_argon2(stored).filter(|hash| hash.algorithm == Algorithm::Argon2id.ident());
    let params = current.and_then(|hash| Params::try_from(&hash).ok());
    params.is_none_or(|params| (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY, PASSES, LANES))
}

fn find_argon2(stored: &str) -> Option<PasswordHash<'_>> {
    PasswordHash::new(stored).ok().filter(|hash| Algorithm::try_from(hash.algorithm).is_ok())
}

fn argon2id(password: &str) -> Result<String, argon2::password_hash::Error> {
    let params = Params::new(MEMORY, PASSES, LANES, None)?;
    let salt = SaltString::encode_b64(&random::bytes::<16>())?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(argon2.hash_password(password.as_bytes(), &salt)?.to_string())
}

/// Runs `work` off the threads that serve requests. The turn is held until the work is done, even if nobody waits for it any more.
async fn in_turn<T: Send + 'static>(asker: Asker, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let turn = TURNS.take(asker).await?;
    let work = move || {
        let result = work();
        drop(turn);
        result
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn verify(password: &str, stored: Option<&str>) -> Result<bool, Error> {
        super::verify(password, stored, Asker::default()).await
    }

    /// Of "correct horse", m=19456, t=2, p=1, made by another implementation.
    const HASH_ELSEWHERE: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$0AuQxA+RjPiJeA19Op7DwrFxnfh9xeTU2T6mFj2wThc";

    async fn hash(text: &str) -> String {
        super::hash(&Password::parse(text).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_password_is_recognised() {
        let hash = hash("correct horse").await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!verify("correct horsf", Some(&hash)).await.unwrap());
        assert!(!verify("", Some(&hash)).await.unwrap());
        assert!(!needs_rehash(&hash));
    }

    #[tokio::test]
    async fn it_is_the_same_password_however_a_keyboard_composes_it() {
        let (composed, decomposed) = ("Ärger mit Ö", "A\u{308}rger mit\u{a0}O\u{308}");
        for set in [composed, decomposed] {
            let hash = hash(set).await;
            assert!(verify(composed, Some(&hash)).await.unwrap() && verify(decomposed, Some(&hash)).await.unwrap());
        }
        // Hashed before there was one form, and before anything was refused.
        for old in [decomposed, "tab\tbed", "zero\u{200b}width"] {
            let hash = argon2id(old).unwrap();
            assert!(verify(old, Some(&hash)).await.unwrap(), "{old:?}");
            assert!(!verify("zerowidth", Some(&hash)).await.unwrap());
        }
    }

    #[tokio::test]
    async fn nothing_opens_an_account_without_a_password() {
        for stored in [
            None,
            Some(""),
            Some("plain"),
            Some("$argon2id$broken"),
            Some("$2b$12$abcdefghijklmnopqrstuv"),
            Some("scrypt:1:1:1$a$b"),
        ] {
            assert!(!verify("plain", stored).await.unwrap(), "{stored:?}");
            assert!(!verify("", stored).await.unwrap(), "{stored:?}");
        }
    }

    #[tokio::test]
    async fn hashes_of_another_implementation_are_understood() {
        assert!(verify("correct horse", Some(HASH_ELSEWHERE)).await.unwrap());
        assert!(!needs_rehash(HASH_ELSEWHERE));
    }

    #[tokio::test]
    async fn a_hash_with_other_parameters_opens_and_is_to_be_replaced() {
        let salt = SaltString::encode_b64(&[7; 16]).unwrap();
        for argon2 in [
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8_192, 1, 1, None).unwrap()),
            Argon2::new(Algorithm::Argon2d, Version::V0x13, Params::new(MEMORY, PASSES, LANES, None).unwrap()),
        ] {
            let old = argon2.hash_password(b"correct horse", &salt).unwrap().to_string();
            assert!(verify("correct horse", Some(&old)).await.unwrap());
            assert!(needs_rehash(&old));
        }
        assert!(needs_rehash("scrypt:32768:8:1$salt$00"));
    }

    #[tokio::test]
    async fn a_password_that_is_too_long_to_have_been_set_is_wrong() {
        let long = "x".repeat(MAX_LENGTH + 1);
        let hash = argon2id(&long).unwrap();
        assert!(!verify(&long, Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_user_takes_as_long_as_a_known_one() {
        let stored = hash("correct horse").await;
        // The quickest of a few runs, and a wide margin: without the work it would be a thousand times less.
        let quickest = async |stored: Option<&str>| {
            let mut quickest = std::time::Duration::MAX;
            for _ in 0..4 {
                let start = std::time::Instant::now();
                verify("wrong", stored).await.unwrap();
                quickest = quickest.min(start.elapsed());
            }
            quickest
        };
        let (known, unknown) = (quickest(Some(&stored)).await, quickest(None).await);
        assert!(unknown > known / 10, "{unknown:?}, {known:?}");
    }
}
