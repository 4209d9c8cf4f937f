//! The name of the request that is being answered, known to everything that runs on its behalf: what an answer shows a person
//! and what the lines of the log carry is the same.

use std::sync::Arc;

use oauth::time::Timestamp;

/// Digits of an ID that is made here.
const LENGTH: usize = 20;

tokio::task_local! {
    static CURRENT: Arc<str>;
}

/// Runs `future` as part of the request `id`.
pub async fn scope<F: Future>(id: Arc<str>, future: F) -> F::Output {
    CURRENT.scope(id, future).await
}

/// The request that is being answered; none outside a request, as in background work.
#[must_use]
pub fn current() -> Option<Arc<str>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// The second at which an ID was made here, which is its beginning ([`crate::random::request_id`]); `None` for one that a proxy made in
/// another shape, and for one of the future.
#[must_use]
pub fn made_at(id: &str, now: Timestamp) -> Option<Timestamp> {
    let is_ours = id.len() == LENGTH && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let second = id.get(..8).filter(|_| is_ours)?;
    let at = Timestamp(i64::from_str_radix(second, 16).ok()?);
    (at <= now).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_runs_for_a_request_knows_its_id() {
        let within = scope("r-1".into(), async {
            tokio::task::yield_now().await;
            current()
        });
        assert_eq!(within.await.as_deref(), Some("r-1"));
        assert_eq!(current(), None);
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        let now = Timestamp(1_800_000_000);
        assert_eq!(made_at(&crate::random::request_id(now), now), Some(now));
        assert_eq!(made_at("6927f8c17b9ce33e27f8", now), Some(Timestamp(0x6927_f8c1)));
        for other in [
            "",
            "christopher",
            "0123456789abcdef",
            "6927f8c17b9ce33e27fg",
            "6927F8C17B9CE33E27F8",
            "ffffffff7b9ce33e27f8",
        ] {
            assert_eq!(made_at(other, now), None, "{other}");
        }
        assert_eq!(made_at("ääääääääää", now), None);
    }
}
