//! The name of the request that is being answered, known to everything that runs on its behalf: what an answer shows a person
//! and what the lines of the log carry is the same.

use std::sync::Arc;

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
}
