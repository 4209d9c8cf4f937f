//! The deeds of other nodes: changes, seen by the revision, which every change replaces; and delays that they brought.

use std::time::Duration;

use crate::error::Error;
use crate::{Idp, audit, settings};

/// The longest time that another node's change may go unnoticed.
const PERIOD: Duration = Duration::from_secs(1);

impl Idp {
    /// Looks at the revision again and again, and forgets what was cached when it is another one. Runs until it is dropped.
    /// A database that is away is no reason to stop.
    pub async fn watch_changes(&self) {
        let (mut known, mut head) = (None, None);
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.look(&mut known).await {
                tracing::debug!(%error, "cannot look for changes of other nodes");
            }
            // In the log of another machine, it is known to whoever doubts the record.
            match settings::find(self.store.read(), audit::HEAD).await {
                Ok(now) if now != head => {
                    tracing::info!(head = now.as_deref().unwrap_or("none"), "the head of the record of changes");
                    head = now;
                }
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "cannot read the head of the record of changes"),
            }
        }
    }

    async fn look(&self, known: &mut Option<String>) -> Result<(), Error> {
        self.learn_delays().await?;
        let revision = settings::find(self.store.read(), audit::REVISION).await?;
        if revision == *known {
            return Ok(());
        }
        self.catalog.clear();
        self.reload_keyring().await?;
        *known = revision;
        Ok(())
    }
}
