//! The metadata document, made again only when what it says has changed.

use std::sync::Arc;

use axum::body::Bytes;
use oauth::metadata::Offers;

/// The metadata document last made, and what it was made from.
#[derive(Debug, Default)]
pub(crate) struct MetadataCache(arc_swap::ArcSwapOption<Entry>);

#[derive(Debug)]
struct Entry {
    scopes: idp::Scopes,
    resources: Arc<idp::KnownResources>,
    keyring: Arc<idp::Keyring>,
    offers: Offers,
    document: Arc<Document>,
}

/// Bytes as served.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) bytes: Bytes,
    pub(crate) etag: String,
}

impl MetadataCache {
    /// The document, if it was made of these.
    pub(crate) fn find(
        &self,
        scopes: &idp::Scopes,
        resources: &Arc<idp::KnownResources>,
        keyring: &Arc<idp::Keyring>,
        offers: Offers,
    ) -> Option<Arc<Document>> {
        let entry = self.0.load();
        let entry = entry.as_ref()?;
        let same = Arc::ptr_eq(&entry.scopes, scopes) && Arc::ptr_eq(&entry.keyring, keyring);
        let current = same && Arc::ptr_eq(&entry.resources, resources) && entry.offers == offers;
        current.then(|| entry.document.clone())
    }

    /// Keeps a document that was made of these.
    pub(crate) fn keep(
        &self,
        (scopes, resources, keyring): (idp::Scopes, Arc<idp::KnownResources>, Arc<idp::Keyring>),
        offers: Offers,
        bytes: Bytes,
    ) -> Arc<Document> {
        let etag = idp::etag(&bytes);
        let document = Arc::new(Document { bytes, etag });
        self.0.store(Some(Arc::new(Entry { scopes, resources, keyring, offers, document: document.clone() })));
        document
    }
}
