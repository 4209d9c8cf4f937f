//! Secrets that were just made, on their way through one redirect to the page that shows them.
//!
//! The browser carries such a secret in a cookie for that page. It is sealed (RFC 7516; `dir`, `A256GCM`) under a key of this
//! installation, of the console's session and of the page, so that it opens on every node, in no other session and on no other page, and
//! for a minute only. Nothing is stored: the page takes the cookie away. What is no secret may travel in an address, and for longer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::secret::Secret;
use zeroize::Zeroizing;

use crate::Idp;
use crate::audit::Actor;
use crate::jose;

/// Seconds from the deed to the page.
pub const HANDOVER_LIFETIME: i64 = 60;

/// The purpose for which the keys of such seals are derived.
const LABEL: &str = "a secret on its way to the page that shows it";

impl Idp {
    /// `secret`, sealed for the page at `place` and the session of `actor`; `None` for an actor without a session.
    #[must_use]
    pub fn hand_over(&self, actor: &Actor, place: &str, secret: &Secret) -> Option<Secret> {
        self.hand_over_for(actor, place, secret, HANDOVER_LIFETIME)
    }

    /// The same for another number of seconds.
    #[must_use]
    pub fn hand_over_for(&self, actor: &Actor, place: &str, secret: &Secret, lifetime: i64) -> Option<Secret> {
        let until = self.now().plus(lifetime).0;
        let text = Zeroizing::new(format!("{until} {}", secret.expose()));
        jose::seal_text(self.handover_key(actor, place)?.as_slice(), &text).map(Secret::new)
    }

    /// The secret that was sealed for this page and session, while its time is not over.
    #[must_use]
    pub fn take_over(&self, actor: &Actor, place: &str, sealed: &Secret) -> Option<Secret> {
        let text = jose::unseal_text(self.handover_key(actor, place)?.as_slice(), sealed.expose())?;
        let (until, secret) = text.split_once(' ')?;
        let until: i64 = until.parse().ok()?;
        (self.now().0 < until).then(|| Secret::new(secret))
    }

    fn handover_key(&self, actor: &Actor, place: &str) -> Option<Zeroizing<[u8; 32]>> {
        let session = URL_SAFE_NO_PAD.encode(actor.session()?.as_bytes());
        Some(self.options.app_secret.derive(&format!("{LABEL}\n{session}\n{place}")))
    }
}

#[cfg(test)]
mod tests {
    use oauth::time::Timestamp;

    use super::*;
    use crate::clock::Clock;
    use crate::testing::{Kind, TestDatabase, open_node};

    #[tokio::test]
    async fn a_secret_opens_in_its_session_on_its_page_and_for_a_minute() {
        let database = TestDatabase::create(Kind::Sqlite).await.unwrap();
        let clock = Clock::fixed(Timestamp(1_800_000_000));
        let idp = open_node(&database, &clock).await;
        let session = |value: &str| Actor::by_session(Secret::new(value).digest());
        let (here, secret) = (session("one"), Secret::new("s3cret"));
        let sealed = idp.hand_over(&here, "/a", &secret).unwrap();
        assert!(!sealed.expose().contains("s3cret"));
        let opened = |actor: &Actor, place: &str, sealed: &Secret| {
            idp.take_over(actor, place, sealed).map(|secret| secret.expose().to_owned())
        };
        assert_eq!(opened(&here, "/a", &sealed).as_deref(), Some("s3cret"));
        assert_eq!(opened(&here, "/b", &sealed), None);
        assert_eq!(opened(&session("two"), "/a", &sealed), None);
        assert_eq!(opened(&Actor::system(), "/a", &sealed), None);
        let (rest, tag) = sealed.expose().rsplit_once('.').unwrap();
        for damaged in ["", "a.b.c.d.e", rest, &format!("{rest}."), &format!("{rest}.{}", &tag[..2])] {
            assert_eq!(opened(&here, "/a", &Secret::new(damaged)), None, "{damaged}");
        }
        clock.advance(HANDOVER_LIFETIME - 1);
        assert!(opened(&here, "/a", &sealed).is_some());
        clock.advance(1);
        assert_eq!(opened(&here, "/a", &sealed), None);
    }
}
