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
        let mut known = None;
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.look(&mut known).await {
                tracing::debug!(%error, "cannot look for changes of other nodes");
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
