//! What every handler can reach.

use std::sync::Arc;

use idp::Idp;
use oauth::id::Issuer;

use crate::protocol::discovery::MetadataCache;

/// The server: cheap to clone, one per request.
#[derive(Debug, Clone)]
pub struct App {
    pub(crate) idp: Idp,
    pub(crate) metadata: Arc<MetadataCache>,
}

impl App {
    #[must_use]
    pub fn new(idp: Idp) -> Self {
        Self { idp, metadata: Arc::default() }
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        self.idp.issuer()
    }
}
