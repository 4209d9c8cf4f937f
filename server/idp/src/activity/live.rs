//! Events as they are written, by whichever node. While anybody follows, one task of this process looks at what is new, once a second
//! for all who do.
//!
//! IDs are in the order of time, but events of several nodes arrive out of it, and what is counted by the minute up to a minute after its
//! end: the task looks back, and knows what it has seen.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use oauth::activity::{Event, EventFilter};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex, broadcast};
use uuid::Uuid;

use super::list::read;
use crate::entity::event;
use crate::error::Error;
use crate::users::{account_id, subject_of};
use crate::{Idp, random};

/// The pause between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Seconds that the task looks back.
const LOOK_BACK: i64 = 80;

/// Events that the task looks at, the newest. Where there are more, some may be missed, and that is told.
const MOST: usize = 10_000;

/// Looks that wait for somebody who is slow. Beyond that they have fallen behind.
const MOST_WAITING: usize = 16;

/// Those who follow the events of this process.
#[derive(Debug)]
pub(crate) struct Live {
    new: broadcast::Sender<Arc<News>>,
    /// True while the task runs.
    runs: Mutex<bool>,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self { new: broadcast::Sender::new(MOST_WAITING), runs: Mutex::default() }
    }
}

/// New events, for one who follows them.
#[derive(Debug)]
pub struct Following {
    filter: EventFilter,
    new: broadcast::Receiver<Arc<News>>,
}

/// Events that came.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// The oldest first.
    pub events: Vec<Event>,
    /// True where others may have come, and are missing: they came faster than they were taken.
    pub are_missed: bool,
}

impl Following {
    /// The events that came: at least one, or the word that some are missed.
    pub async fn next(&mut self) -> News {
        loop {
            match self.new.recv().await {
                Ok(news) => {
                    let found: Vec<Event> = news.events.iter().filter(|it| self.filter.finds(it)).cloned().collect();
                    if !found.is_empty() || news.are_missed {
                        return News { events: found, are_missed: news.are_missed };
                    }
                }
                Err(RecvError::Lagged(_) | RecvError::Closed) => return News { are_missed: true, ..News::default() },
            }
        }
    }
}

impl Idp {
    /// Follows the events that the filter finds, from now on. Whatever is written after this returns comes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn follow_events(&self, filter: &EventFilter) -> Result<Following, Error> {
        // Events name their user in one spelling.
        let user = filter.user.as_ref().map(|user| account_id(user).map_or_else(|_| user.clone(), subject_of));
        let filter = EventFilter { user, ..filter.clone() };
        let new = self.live.new.subscribe();
        let mut runs = self.live.runs.lock().await;
        if !*runs {
            let seen = self.latest_events().await?;
            *runs = true;
            let idp = self.clone();
            tokio::spawn(async move { idp.watch_events(seen).await });
        }
        Ok(Following { filter, new })
    }

    /// Looks at what is new until nobody follows.
    async fn watch_events(&self, mut seen: HashSet<Uuid>) {
        loop {
            tokio::time::sleep(PAUSE).await;
            {
                let mut runs = self.live.runs.lock().await;
                if self.live.new.receiver_count() == 0 {
                    *runs = false;
                    return;
                }
            }
            match self.look_at_events(&mut seen).await {
                Ok(news) if news.events.is_empty() => {}
                Ok(news) => drop(self.live.new.send(Arc::new(news))),
                Err(error) => tracing::debug!(%error, "cannot look for new events"),
            }
        }
    }

    async fn look_at_events(&self, seen: &mut HashSet<Uuid>) -> Result<News, Error> {
        let latest = self.latest_events().await?;
        let unseen: Vec<Uuid> = latest.difference(seen).copied().collect();
        let mut events = Vec::new();
        if !unseen.is_empty() {
            let rows = event::Entity::find().filter(event::Column::Id.is_in(unseen)).order_by_asc(event::Column::Id);
            events = rows.all(self.store.read()).await?.into_iter().map(read).collect();
        }
        let are_missed = latest.len() >= MOST;
        *seen = latest;
        Ok(News { events, are_missed })
    }

    /// The latest events; at most [`MOST`].
    async fn latest_events(&self) -> Result<HashSet<Uuid>, Error> {
        let since = random::first_uuid_v7(self.now().plus(-LOOK_BACK));
        let latest = event::Entity::find()
            .select_only()
            .column(event::Column::Id)
            .filter(event::Column::Id.gte(since))
            .order_by_desc(event::Column::Id)
            .limit(MOST as u64);
        Ok(latest.into_tuple::<Uuid>().all(self.store.read()).await?.into_iter().collect())
    }
}
