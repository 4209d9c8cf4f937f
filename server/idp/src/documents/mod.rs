//! Clients whose ID is the URL of their document (draft-ietf-oauth-client-id-metadata-document-02).
//!
//! The consents and grants of such a client are kept like those of any other, under a row that is written together with the first code: a
//! stranger who only asks leaves nothing behind. Until then, and whenever somebody is asked again, the document is looked at: in
//! memory, in the row, at its URL. When it cannot be had, the last good copy counts for a week, then the one that is part of this
//! server. The token endpoint judges by the row alone.

mod hosts;
mod kept;
mod memory;
mod settle;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use oauth::client::{Client, ClientOrigin};
use oauth::error::{Problem, TokenError};
use oauth::id::ClientId;
use oauth::refusal::Reason;
use oauth::registration::{ClientUrl, DocumentSource, HostVerdict, same_answers, same_proof};
use oauth::time::Timestamp;
use sea_orm::EntityTrait;

pub(crate) use hosts::hold_host;
pub use hosts::{AskedHost, HostRules};
pub use kept::DocumentRow;
pub use memory::ClientDocument;
pub(crate) use memory::Memory;
pub(crate) use settle::{LOCK, Settled, settle, sweep};

use crate::Idp;
use crate::catalog::RegisteredClient;
use crate::client_defaults;
use crate::clients::hold::Judged;
use crate::entity::{client, client_document};
use crate::error::Error;
use crate::outbound::{FetchError, Limits};

/// Seconds for which the last good copy counts while the document cannot be had.
const LAST_GOOD: i64 = 7 * 86_400;

/// A client in front of the authorization endpoint.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub client: Arc<Client>,
    /// The document that describes it, to be written with the first code; none if all that it says is kept here.
    pub(crate) document: Option<Arc<ClientDocument>>,
    /// Nobody here has allowed it anything yet.
    pub is_new: bool,
    /// Answers go elsewhere, or it proves itself otherwise, than when people were asked before.
    pub asks_anew: bool,
    /// The row of a client that is kept here as it is shown.
    pub(crate) row: Option<Judged>,
}

/// Reason why there is no visitor.
#[derive(Debug)]
pub enum VisitError {
    Problem(Problem),
    Failed(Error),
}

impl From<Error> for VisitError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Problem> for VisitError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Visitor {
    /// One that is kept here, or waits to be.
    fn registered(found: &RegisteredClient) -> Self {
        let is_new = found.stamp == UNWRITTEN;
        let row = (!is_new).then(|| Judged::from(found));
        Self { client: found.client.clone(), document: None, is_new, asks_anew: false, row }
    }

    /// The host of its document, as people are shown it.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        place(&self.client)
    }
}

/// The host of the document of a client that nobody here registered, as people are shown it.
pub(crate) fn place(client: &Client) -> Option<String> {
    let url = ClientUrl::parse(client.client_id.as_str()).ok()?;
    client.origin.is_dynamic().then(|| url.place())
}

impl Idp {
    /// The client that a request for authorization names: a registered one first, then one with a document. `redirect_uri` is the
    /// one that the request names: a document that does not have it is looked at again.
    ///
    /// # Errors
    /// The problem to show to the person, or a failure.
    pub async fn find_visitor(&self, client_id: &ClientId, redirect_uri: Option<&str>) -> Result<Visitor, VisitError> {
        let registered = self.find_registered(client_id).await?;
        if let Some(found) = &registered
            && found.origin != ClientOrigin::MetadataDocument
        {
            return Ok(Visitor::registered(found));
        }
        let unknown = || Problem::UnknownClient { client_id: client_id.to_string() };
        if !ClientUrl::is_meant(client_id.as_str()) {
            return Err(unknown().into());
        }
        let url = ClientUrl::parse(client_id.as_str()).map_err(|error| unusable(client_id, &error.to_string()))?;
        match self.host_rules().await?.policy.judge(url.host()) {
            HostVerdict::Allowed => {}
            HostVerdict::Blocked => return Err(unknown().into()),
            verdict @ (HostVerdict::NotAllowed | HostVerdict::Ask) => {
                let (host, asks) = (url.host().to_owned(), verdict == HostVerdict::Ask);
                return Err(Problem::ClientHost { client_id: client_id.to_string(), host, asks }.into());
            }
        }
        let found = match registered {
            Some(found) => Some(found),
            None => self.look_again(client_id).await?,
        };
        let Some(found) = found else {
            let document = self.current_document(&url, None, redirect_uri).await?;
            let defaults = client_defaults::find(self.store.read()).await?.policy;
            let client = Client { defaults, ..document.newcomer() };
            self.check_described(&client, None)?;
            let (client, document) = (Arc::new(client), Some(document));
            return Ok(Visitor { client, document, is_new: true, asks_anew: false, row: None });
        };
        if found.origin != ClientOrigin::MetadataDocument {
            return Ok(Visitor::registered(&found));
        }
        let row = client_document::Entity::find_by_id(client_id.as_str()).one(self.store.read()).await;
        let stored = row.map_err(Error::from)?.and_then(|row| ClientDocument::stored(&url, row)).map(Arc::new);
        if stored.as_ref().is_some_and(|stored| stored.source == DocumentSource::Upload) {
            return Ok(Visitor::registered(&found));
        }
        let document = self.current_document(&url, stored.clone(), redirect_uri).await?;
        let client = document.description.applied_to(&found.client);
        self.check_described(&client, Some(&found))?;
        let asks_anew = !same_answers(&found.client, &client);
        let is_kept = client == *found.client && stored.is_some_and(|stored| stored.stands_for(&document));
        let document = Some(document).filter(|_| !is_kept);
        let row = is_kept.then(|| Judged::from(&*found));
        Ok(Visitor { client: Arc::new(client), document, is_new: false, asks_anew, row })
    }

    /// Makes sure that a client can work as it describes itself.
    fn check_described(&self, client: &Client, before: Option<&Client>) -> Result<(), Problem> {
        if before.is_some() && client.check_demands().is_err() {
            return Err(unusable(&client.client_id, "it is not what the client's security profile demands"));
        }
        let checked = self.certificates().check(client, before);
        checked.map_err(|(field, problem)| unusable(&client.client_id, &format!("{field}: {problem}")))
    }

    /// The client as far as a page may show it before it is looked at closely: nothing is fetched for it. One that came with a
    /// document is called by its host, for it gave itself its name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_face(&self, client_id: &ClientId) -> Result<Option<Arc<Client>>, Error> {
        let registered = self.find_client(client_id).await?;
        if registered.as_ref().is_some_and(|client| client.origin != ClientOrigin::MetadataDocument) {
            return Ok(registered);
        }
        let Ok(url) = ClientUrl::parse(client_id.as_str()) else { return Ok(None) };
        let came = || self.documents.find(&url).map(|document| Arc::new(document.newcomer()));
        let client = registered.or_else(came);
        Ok(client.map(|client| Arc::new(Client { client_name: url.place(), ..Client::clone(&client) })))
    }

    /// The row of a client that is not among those that are known and enabled: somebody may have written it a moment ago.
    ///
    /// # Errors
    /// One that is disabled is refused like one that is not known, and not greeted anew.
    async fn look_again(&self, client_id: &ClientId) -> Result<Option<Arc<RegisteredClient>>, VisitError> {
        let row = client::Entity::find_by_id(client_id.as_str()).one(self.store.read()).await.map_err(Error::from)?;
        match row {
            None => Ok(None),
            Some(row) if row.enabled => {
                self.catalog.clear();
                Ok(self.find_registered(client_id).await?)
            }
            Some(_) => Err(Problem::UnknownClient { client_id: client_id.to_string() }.into()),
        }
    }

    /// The document to go by now.
    async fn current_document(
        &self,
        url: &ClientUrl,
        stored: Option<Arc<ClientDocument>>,
        redirect_uri: Option<&str>,
    ) -> Result<Arc<ClientDocument>, Problem> {
        let now = self.now();
        let live = |document: &Arc<ClientDocument>| document.source == DocumentSource::Live;
        let kept = self.documents.find(url).into_iter().chain(stored).filter(live).max_by_key(|kept| kept.fetched_at);
        if let Some(kept) = &kept
            && now < kept.fresh_until
            && (kept.has(redirect_uri) || !self.documents.may_look_again(url, now))
        {
            return Ok(kept.clone());
        }
        let reason = match self.fetch_document(url, now).await {
            Ok(document) => return Ok(document),
            Err(reason) => reason,
        };
        let kept = kept.filter(|kept| now.since(kept.fetched_at) <= LAST_GOOD);
        let instead = kept.or_else(|| ClientDocument::built_in(url).map(Arc::new));
        let client_id = ClientId::new(url.as_str());
        let document = instead.ok_or_else(|| unusable(&client_id, &reason))?;
        tracing::info!(
            client_id = url.as_str(),
            source = document.source.as_str(),
            "an earlier copy stands in for a document"
        );
        Ok(document)
    }

    async fn fetch_document(&self, url: &ClientUrl, now: Timestamp) -> Result<Arc<ClientDocument>, Arc<str>> {
        if let Some(reason) = self.documents.failed_lately(url, now) {
            return Err(reason);
        }
        let fetched = self.outbound.get(url.as_str(), Limits::DOCUMENT).await.map_err(|error| for_people(&error));
        let client_id = url.as_str();
        match fetched.and_then(|fetched| ClientDocument::fetched(url, &fetched, now)) {
            Ok(document) => {
                let document = Arc::new(document);
                if self.documents.find(url).is_some_and(|before| before.text != document.text) {
                    tracing::info!(client_id, "the document of a client has changed");
                }
                for dropped in &document.description.dropped {
                    tracing::debug!(client_id, dropped, "a part of the document of a client was left out");
                }
                self.documents.keep(&document);
                Ok(document)
            }
            Err(reason) => {
                tracing::warn!(client_id, reason, "the document of a client cannot be used");
                self.documents.note_failure(url, now, &reason);
                Err(reason.into())
            }
        }
    }

    /// A client whose document names other keys by now than its row, as its document says. Documents are looked at once a minute
    /// for that, and those that an administrator put here never.
    pub(crate) async fn rolled_client(&self, client: &Client) -> Option<Client> {
        if client.origin != ClientOrigin::MetadataDocument {
            return None;
        }
        let url = ClientUrl::parse(client.client_id.as_str()).ok()?;
        let row = client_document::Entity::find_by_id(url.as_str()).one(self.store.read()).await.ok()?;
        if row.is_some_and(|row| row.source == DocumentSource::Upload.as_str()) {
            return None;
        }
        let now = self.now();
        let document = if self.documents.may_look_again(&url, now) {
            self.fetch_document(&url, now).await.ok()?
        } else {
            self.documents.find(&url)?
        };
        let rolled = document.description.applied_to(client);
        let other = (&rolled.jwks, &rolled.jwks_uri) != (&client.jwks, &client.jwks_uri);
        (other && same_proof(client, &rolled)).then_some(rolled)
    }

    /// A client with a document that nobody has allowed anything yet, for the token endpoint: whatever it presents is not known.
    ///
    /// # Errors
    /// `temporarily_unavailable` when its document cannot be had. A client that is told `invalid_client` forgets all it has.
    pub(crate) async fn find_newcomer(
        &self,
        client_id: &ClientId,
    ) -> Result<Option<Arc<RegisteredClient>>, TokenError> {
        if ClientUrl::parse(client_id.as_str()).is_err() {
            return Ok(None);
        }
        match self.find_visitor(client_id, None).await {
            Ok(visitor) => Ok(Some(Arc::new(RegisteredClient::new(visitor.client, Vec::new(), UNWRITTEN)))),
            Err(VisitError::Problem(Problem::ClientDocument { reason, .. })) => {
                let why = format!("the document of the client cannot be used at the moment: {reason}");
                Err(TokenError::because(Reason::ClientDocumentAway, why))
            }
            Err(VisitError::Problem(_)) => Ok(None),
            Err(VisitError::Failed(error)) => Err(error.into()),
        }
    }
}

/// The stamp of a client without a row. No row has it, so nothing is written for such a client.
pub(crate) const UNWRITTEN: i64 = -1;

fn unusable(client_id: &ClientId, reason: &str) -> Problem {
    Problem::ClientDocument { client_id: client_id.to_string(), reason: reason.to_owned() }
}

/// The reason as far as it is about what everybody may fetch. What this server finds in its own network is for its log.
fn for_people(error: &FetchError) -> String {
    match error {
        FetchError::Redirect(_)
        | FetchError::Status(_)
        | FetchError::ContentType(_)
        | FetchError::Coding(_)
        | FetchError::TooLarge(..)
        | FetchError::Broken(_) => error.to_string(),
        FetchError::Busy | FetchError::Timeout(_) => "it could not be fetched in time".to_owned(),
        FetchError::Url(_)
        | FetchError::NotPublic { .. }
        | FetchError::NotEncrypted(_)
        | FetchError::Unresolved(_)
        | FetchError::Unreachable { .. }
        | FetchError::Tls { .. } => "it cannot be fetched".to_owned(),
    }
}
