//! Health: a server that cannot write can neither sign anybody in nor issue a token, so health is a small write.

use std::time::Duration;

use tokio::sync::Mutex;

use crate::error::Error;
use crate::{Idp, random, settings};

/// The setting that is written. Its value says nothing.
const HEALTH: &str = "health";

/// Time for which an answer is given again: whoever asks, and however often, costs one write in it.
const PERIOD: Duration = Duration::from_secs(1);

/// Time within which the write must be done.
const PATIENCE: Duration = Duration::from_secs(5);

/// The last answer: the time it was found, and whether all was well.
#[derive(Debug, Default)]
pub(crate) struct LastHealth(Mutex<Option<(Duration, bool)>>);

impl Idp {
    /// True when the server can write to its database. With a full disk, a read-only file or a standby it cannot, though they answer.
    pub async fn is_well(&self) -> bool {
        // Those who ask at once wait for one answer.
        let mut last = self.health.0.lock().await;
        let now = self.clock.elapsed();
        if let Some((at, well)) = *last
            && now < at + PERIOD
        {
            return well;
        }
        let value = random::nonce();
        let written =
            self.store.write(move |tx| Box::pin(async move { settings::put(tx, HEALTH, &value).await.map(drop) }));
        let written = match tokio::time::timeout(PATIENCE, written).await {
            Ok(written) => written,
            Err(_) => Err(Error::Unavailable),
        };
        if let Err(error) = &written {
            tracing::warn!(?error, "the server is not well: it cannot write to its database");
        }
        *last = Some((now, written.is_ok()));
        written.is_ok()
    }
}
