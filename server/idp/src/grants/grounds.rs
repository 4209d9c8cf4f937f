//! The grounds of a grant for which nobody signed in here, and how it is written: the grounds are held, then whatever is good
//! once is spent, then the tokens are written, all in one transaction.

use std::sync::Arc;

use oauth::client::Client;
use oauth::client_auth::SingleUse;
use oauth::error::TokenError;
use oauth::grant::{Grant, TokenResponse};
use oauth::id::{ClientId, ResourceId};
use oauth::refusal::Reason;
use oauth::resource::Target;
use oauth::time::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::issue::{Issued, insert_tokens};
use super::refresh::Caller;
use super::row::write_grant;
use crate::audit::Actor;
use crate::catalog::RegisteredClient;
use crate::clients::assertion::spend_once;
use crate::clients::hold::Judged;
use crate::documents::{self, ClientDocument, Settled, UNWRITTEN, VisitError};
use crate::entity::{account_link, grants};
use crate::error::Error;
use crate::resources::hold_enabled;
use crate::trusts::{JudgedTrust, write_found};
use crate::{Idp, activity, registrations, settings, users};

/// The grounds of one grant. Who changes one of them was here before, and it is seen, or waits for what is written.
#[derive(Debug, Clone)]
pub(super) struct Grounds {
    pub(super) client: Asking,
    pub(super) trust: Option<JudgedTrust>,
    pub(super) account: Option<Uuid>,
    /// The resources that the token is for: they must be there, and be for the client.
    pub(super) target: Vec<ResourceId>,
    /// The grounds of the token that is exchanged, if one is.
    pub(super) exchanged: Option<Exchanged>,
    /// The account that is to be known by what the issuer calls somebody.
    pub(super) link: Option<(account_link::Model, Actor)>,
    /// The assertion that is good once.
    pub(super) once: Option<SingleUse>,
}

/// A token that is exchanged.
#[derive(Debug, Clone)]
pub(super) struct Exchanged {
    /// From its grant to the first one.
    pub(super) chain: Vec<ChainLink>,
    /// The resources of the token, which must let the client exchange it; `None`: it is the client's own.
    pub(super) from: Option<Vec<ResourceId>>,
}

/// A thing that a grant stands on.
#[derive(Debug, Clone)]
pub(super) enum ChainLink {
    Trust(JudgedTrust),
    /// A grant, and its client.
    Grant(Uuid, Judged),
}

/// The client that asks.
#[derive(Debug, Clone)]
pub(super) enum Asking {
    Kept(Judged),
    /// It has no row yet: it came with a document, or registered itself.
    New(Arc<Client>, Option<Arc<ClientDocument>>),
}

/// An outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Yes,
    /// The grounds are others by now.
    Changed,
    /// The assertion came before.
    Spent,
}

impl Idp {
    /// The client, as it asks.
    pub(super) async fn asking(&self, client: &RegisteredClient) -> Result<Asking, TokenError> {
        if client.stamp != UNWRITTEN {
            return Ok(Asking::Kept(Judged::from(client)));
        }
        match self.find_visitor(&client.client_id, None).await {
            Ok(visitor) => Ok(match visitor.row {
                Some(row) => Asking::Kept(row),
                None => Asking::New(visitor.client, visitor.document),
            }),
            Err(VisitError::Failed(error)) => Err(error.into()),
            Err(VisitError::Problem(_)) => Err(TokenError::new(Reason::UnknownClient)),
        }
    }

    /// Signs and writes what `grant` gives at `target`. `None`: its grounds are others by now, and nothing was spent. `spent` is
    /// the answer to an assertion that came before.
    pub(super) async fn give(
        &self,
        client: &RegisteredClient,
        grant: Grant,
        issued: Issued,
        grounds: Grounds,
        spent: impl FnOnce() -> TokenError,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let now = self.now();
        activity::about_registered(&client.client_id);
        activity::about_giver(&grant);
        let rows = issued.rows.clone();
        let row = write_grant(&grant, Timestamp(rows.grant_expires_at()), now)?;
        let response = self.sign(client, &grant, None, issued).await?;
        let is_new = matches!(grounds.client, Asking::New(..));
        let written = self.store.write(move |tx| {
            let (grounds, row, rows) = (grounds.clone(), row.clone(), rows.clone());
            Box::pin(async move {
                if !grounds.hold(tx, now).await? {
                    return Ok(Written::Changed);
                }
                grounds.spend(tx, now).await?;
                grants::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                insert_tokens(tx, rows).await?;
                Ok::<_, Error>(Written::Yes)
            })
        });
        let written = match written.await {
            // Somebody else made the link, or the account or the trust is gone.
            Err(Error::Stale | Error::NotFound) => Written::Changed,
            Err(Error::Conflict) => Written::Spent,
            other => other?,
        };
        if is_new {
            // This node may be the last to know.
            self.catalog.clear();
        }
        match written {
            // What belongs to an exchange is for its caller to say; there is no ID token in one.
            Written::Yes => Ok(Some(TokenResponse { id_token: None, ..response })),
            Written::Changed => Ok(None),
            Written::Spent => Err(spent()),
        }
    }

    /// The same for a grant of its own right at `target`.
    pub(super) fn prepare_without_refresh(
        &self,
        client: &Client,
        grant: &Grant,
        target: &Target,
        caller: &Caller,
    ) -> Result<Issued, Error> {
        self.prepare(client, grant, &grant.scope, target, None, &caller.holder)
    }
}

impl Grounds {
    pub(super) fn of(client: Asking) -> Self {
        Self { client, trust: None, account: None, target: Vec::new(), exchanged: None, link: None, once: None }
    }

    /// Locks them in the order in which everybody does: setting, trust, account, client, resource, grant.
    async fn hold(&self, tx: &DatabaseTransaction, now: Timestamp) -> Result<bool, Error> {
        if let Asking::New(client, Some(_)) = &self.client {
            settings::lock(tx, documents::LOCK).await?;
            if !documents::hold_host(tx, &client.client_id).await? {
                return Ok(false);
            }
        }
        let chain = self.exchanged.iter().flat_map(|exchanged| &exchanged.chain);
        let of_chain =
            chain.clone().filter_map(|link| if let ChainLink::Trust(trust) = link { Some(*trust) } else { None });
        for trust in self.trust.into_iter().chain(of_chain) {
            if !trust.hold(tx).await? {
                return Ok(false);
            }
        }
        if let Some(account) = self.account {
            users::lock_shared(tx, account).await?;
            if !users::may_sign_in(tx, account).await? {
                return Ok(false);
            }
        }
        let client_holds = match &self.client {
            Asking::Kept(client) => {
                client.lock(tx).await?;
                client.check_unchanged(tx).await?
            }
            Asking::New(client, None) => registrations::settle(tx, client, now).await?,
            Asking::New(client, Some(document)) => match documents::settle(tx, client, document, now).await? {
                Settled::Yes => true,
                Settled::Changed => false,
                Settled::Full => return Err(Error::Busy),
            },
        };
        if !client_holds {
            return Ok(false);
        }
        let parents: Vec<_> = chain
            .filter_map(|link| if let ChainLink::Grant(id, client) = link { Some((*id, client)) } else { None })
            .collect();
        for (_, client) in &parents {
            client.lock(tx).await?;
            if !client.check_unchanged(tx).await? {
                return Ok(false);
            }
        }
        if !self.hold_resources(tx).await? {
            return Ok(false);
        }
        for (id, _) in parents {
            if !is_unrevoked(tx, id).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn hold_resources(&self, tx: &DatabaseTransaction) -> Result<bool, Error> {
        let client = match &self.client {
            Asking::Kept(client) => ClientId::new(client.client_id.as_str()),
            Asking::New(client, _) => client.client_id.clone(),
        };
        let from = self.exchanged.as_ref().and_then(|exchanged| exchanged.from.as_ref());
        for resource in hold_enabled(tx, &self.target).await? {
            let admits = match (from, &resource) {
                (_, None) => false,
                (Some(_), Some(resource)) => resource.allowed_clients.contains(&client),
                (None, Some(resource)) => {
                    resource.allowed_clients.is_empty() || resource.allowed_clients.contains(&client)
                }
            };
            if !admits {
                return Ok(false);
            }
        }
        let from = hold_enabled(tx, from.map(Vec::as_slice).unwrap_or_default()).await?;
        Ok(from.iter().all(|it| it.as_ref().is_some_and(|it| it.exchanged_by.contains(&client))))
    }

    /// Makes the link, and spends the assertion: of any number of requests with it, here and on other nodes, one can.
    async fn spend(&self, tx: &DatabaseTransaction, now: Timestamp) -> Result<(), Error> {
        if let Some((link, actor)) = self.link.clone() {
            write_found(tx, &actor, link, now)
                .await
                .map_err(|error| if matches!(error, Error::Conflict) { Error::Stale } else { error })?;
        }
        if let Some(once) = self.once {
            spend_once(tx, once).await?;
        }
        Ok(())
    }
}

/// Keeps a grant from being revoked until the commit; false: it was.
async fn is_unrevoked(tx: &DatabaseTransaction, id: Uuid) -> Result<bool, Error> {
    let query = grants::Entity::find_by_id(id)
        .filter(grants::Column::RevokedAt.is_null())
        .select_only()
        .column(grants::Column::Id);
    let query = if tx.get_database_backend() == DbBackend::Sqlite { query } else { query.lock_shared() };
    Ok(query.into_tuple::<Uuid>().one(tx).await?.is_some())
}
