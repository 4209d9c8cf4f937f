//! The state that every handler can reach.

use std::sync::Arc;

use idp::Idp;
use oauth::id::Issuer;

use crate::console::Streams;
use crate::guard::{Guard, GuardConfig};
use crate::metadata::MetadataCache;
use crate::metrics::Metrics;

/// The server: cheap to clone, one per request.
#[derive(Debug, Clone)]
pub struct Signet {
    pub(crate) idp: Idp,
    pub(crate) metadata: Arc<MetadataCache>,
    pub(crate) metrics: Arc<Metrics>,
    /// Pages of the console that follow the activity.
    pub(crate) streams: Arc<Streams>,
    /// True when `/dev/*` answers.
    pub(crate) dev_endpoints: bool,
    pub(crate) guard: Arc<Guard>,
    /// Pages of clients may watch whether somebody is still signed in.
    pub(crate) session_management: bool,
    /// A proxy takes the path of the issuer off requests.
    pub(crate) proxy_strips_path: bool,
}

impl Signet {
    #[must_use]
    pub fn new(idp: Idp) -> Self {
        Self {
            idp,
            metadata: Arc::default(),
            metrics: Arc::default(),
            streams: Arc::default(),
            dev_endpoints: false,
            session_management: false,
            guard: Arc::default(),
            proxy_strips_path: false,
        }
    }

    /// The server with `/dev/*` switched on or off.
    #[must_use]
    pub fn with_dev_endpoints(self, dev_endpoints: bool) -> Self {
        Self { dev_endpoints, ..self }
    }

    /// The server with `check_session_iframe`, or without.
    #[must_use]
    pub fn with_session_management(self, session_management: bool) -> Self {
        Self { session_management, ..self }
    }

    /// The server behind a proxy that takes the path of the issuer off requests, or not.
    #[must_use]
    pub fn with_stripped_path(self, proxy_strips_path: bool) -> Self {
        Self { proxy_strips_path, ..self }
    }

    /// The server with limits and delays. Without them, everybody may guess and flood.
    #[must_use]
    pub fn with_guard(self, config: &GuardConfig) -> Self {
        let guard = Arc::new(Guard::new(config, self.idp.clock()));
        Self { guard, ..self }
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        self.idp.issuer()
    }
}
