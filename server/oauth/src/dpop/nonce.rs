//! Nonces of this server (RFC 9449 §8): a tag of a stretch of time. All nodes make the same, and nobody keeps them.

use crate::seal::{Seal, Sealed};
use crate::time::Timestamp;

/// Seconds for which there is one nonce. It is good for as long again.
const STRETCH: i64 = 180;

/// The nonce that is given at `now`.
#[must_use]
pub fn nonce(seal: &Seal, now: Timestamp) -> String {
    seal.tag(Sealed::DpopNonce, &[&stretch(now).to_string()])
}

/// The end of a nonce that is good at `now`.
pub(super) fn end_of(nonce: &str, seal: &Seal, now: Timestamp) -> Option<Timestamp> {
    let latest = stretch(now);
    let is_of = |stretch: &i64| seal.accepts(nonce, Sealed::DpopNonce, &[&stretch.to_string()]);
    [latest, latest - 1].into_iter().find(is_of).map(|stretch| Timestamp((stretch + 2) * STRETCH))
}

fn stretch(now: Timestamp) -> i64 {
    now.0.div_euclid(STRETCH)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn a_nonce_is_of_this_installation() {
        let now = Timestamp(1_800_000_000);
        assert!(end_of(&nonce(&seal(1), now), &seal(1), now).is_some());
        for other in [nonce(&seal(2), now), String::new(), "x".repeat(43)] {
            assert_eq!(end_of(&other, &seal(1), now), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_nonce_is_good_for_one_to_two_stretches(given in -10_000..10_000_i64, after in 0..1_000_i64) {
            let (seal, given) = (seal(1), Timestamp(given));
            let now = given.plus(after);
            match end_of(&nonce(&seal, given), &seal, now) {
                Some(end) => prop_assert!(now < end && after < 2 * STRETCH),
                None => prop_assert!(after >= STRETCH),
            }
        }
    }
}
