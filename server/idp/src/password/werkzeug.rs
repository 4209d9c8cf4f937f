//! Hashes in the format of Werkzeug, as Flask applications keep them: `method$salt$hex`. They are only ever verified; the first
//! sign-in replaces them.

use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;

/// Most memory that one scrypt may take, in bytes: twice what Werkzeug takes by default. A row asks for it, so it is bounded.
const MAX_SCRYPT_MEMORY: u64 = 64 * 1_024 * 1_024;

/// Most times over that one scrypt may run.
const MAX_SCRYPT_PARALLELISM: u32 = 4;

/// Most rounds of PBKDF2: twice what Werkzeug makes by default.
const MAX_ROUNDS: u32 = 2_000_000;

/// Longest salt, in bytes. Werkzeug makes 8 or 16.
const MAX_SALT: usize = 128;

/// A hash that is understood, with costs that one sign-in may have.
#[derive(Debug, Clone)]
pub(crate) struct WerkzeugHash {
    method: Method,
    salt: String,
    digest: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Method {
    Scrypt(scrypt::Params),
    Pbkdf2(Prf, u32),
}

#[derive(Debug, Clone, Copy)]
enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

impl WerkzeugHash {
    /// Reads `scrypt:N:r:p$salt$hex` or `pbkdf2:sha256:rounds$salt$hex` (or sha1, sha512); `None` for anything else, and for
    /// costs beyond what one sign-in may take.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '$');
        let (method, salt, hex) = (parts.next()?, parts.next()?, parts.next()?);
        let (method, length) = Method::parse(method)?;
        let good_salt = (1..=MAX_SALT).contains(&salt.len()) && salt.bytes().all(|byte| byte.is_ascii_graphic());
        let digest = decode_hex(hex)?;
        (good_salt && digest.len() == length).then(|| Self { method, salt: salt.to_owned(), digest })
    }

    /// True when this is the hash of `password`.
    pub(crate) fn verify(&self, password: &[u8]) -> bool {
        let mut digest = vec![0; self.digest.len()];
        let salt = self.salt.as_bytes();
        match self.method {
            Method::Scrypt(params) => {
                if scrypt::scrypt(password, salt, &params, &mut digest).is_err() {
                    return false;
                }
            }
            Method::Pbkdf2(Prf::Sha1, rounds) => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, rounds, &mut digest),
            Method::Pbkdf2(Prf::Sha256, rounds) => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, &mut digest),
            Method::Pbkdf2(Prf::Sha512, rounds) => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, &mut digest),
        }
        digest.ct_eq(&self.digest).into()
    }
}

impl Method {
    /// The method, and the length of its digest in bytes.
    fn parse(text: &str) -> Option<(Self, usize)> {
        let words: Vec<&str> = text.split(':').collect();
        match words.as_slice() {
            ["scrypt", n, r, p] => {
                let (n, r, p): (u64, u32, u32) = (n.parse().ok()?, r.parse().ok()?, p.parse().ok()?);
                let memory = n.checked_mul(u64::from(r))?.checked_mul(128)?;
                let bounded = n.is_power_of_two() && memory <= MAX_SCRYPT_MEMORY && p <= MAX_SCRYPT_PARALLELISM;
                let log_n = u8::try_from(n.trailing_zeros()).ok().filter(|_| bounded)?;
                Some((Self::Scrypt(scrypt::Params::new(log_n, r, p, 64).ok()?), 64))
            }
            ["pbkdf2", prf, rounds] => {
                let rounds = rounds.parse().ok().filter(|rounds| (1..=MAX_ROUNDS).contains(rounds))?;
                let (prf, length) = match *prf {
                    "sha1" => (Prf::Sha1, 20),
                    "sha256" => (Prf::Sha256, 32),
                    "sha512" => (Prf::Sha512, 64),
                    _ => return None,
                };
                Some((Self::Pbkdf2(prf, rounds), length))
            }
            _ => None,
        }
    }
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    // 64 bytes are the longest digest there is.
    if text.len() > 128 || !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs.map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

#[cfg(test)]
mod tests;
