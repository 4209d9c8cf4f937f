//! The list of what a person allowed: the consents that are remembered, and the grants that live without one.

use std::collections::BTreeMap;

use oauth::client::{Client, ConsentPolicy};
use oauth::consent::Agreement;
use oauth::details::GrantedDetails;
use oauth::id::{ClientId, Subject, TrustId};
use oauth::scope::{Scope, ScopeDefinition};
use oauth::time::Timestamp;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{read_agreement, read_consent};
use crate::clients::read_client;
use crate::entity::{client, consent, grants, refresh_token};
use crate::error::Error;
use crate::grants::is_live;
use crate::users::account_id;
use crate::{Idp, client_defaults, documents};

/// The permission of a client to act for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRecord {
    pub client_id: ClientId,
    pub client_name: String,
    /// The host of the document of a client that nobody here registered.
    pub place: Option<String>,
    /// The address at which a login at the client begins, if it can be used (OpenID Connect Core §4).
    pub initiate_login_uri: Option<String>,
    /// The scopes that are still what was agreed to.
    pub scopes: Vec<ScopeDefinition>,
    /// The authorization details that were agreed to (RFC 9396).
    pub details: GrantedDetails,
    /// When the user last agreed. Of a client that nobody is asked about, when it was first granted something that lives.
    pub granted_at: Timestamp,
    /// When the client last got a token of a grant that lives; none if no grant does.
    pub used_at: Option<Timestamp>,
    /// Grants that live: one for each sign-in.
    pub grants: u64,
    /// The name of the identity provider by whose word the client has a grant that lives: with another word it comes back, and the user
    /// is not asked.
    pub vouched_by: Option<String>,
    /// False: the policy of the client asks nobody.
    pub asks: bool,
}

/// The grants of one client that live.
struct Live {
    grants: u64,
    granted_at: i64,
    used_at: i64,
    vouched_by: Option<String>,
}

impl Idp {
    /// All that may act for the user, the clients in the order of their names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_consents(&self, subject: &Subject) -> Result<Vec<ConsentRecord>, Error> {
        let account = account_id(subject)?;
        let mut live = self.list_live(account).await?;
        let remembered = consent::Entity::find()
            .filter(consent::Column::AccountId.eq(account))
            .find_also_related(client::Entity)
            .all(self.store.read())
            .await?;
        let known = self.scopes_everywhere().await?;
        let defaults = client_defaults::find(self.store.read()).await?.policy;
        let record = |client: &client::Model, agreement: &Agreement, granted_at, live| {
            let read = Client { defaults: defaults.clone(), ..read_client(client)? };
            Ok::<_, Error>(record(&read, agreement, &known, granted_at, live))
        };
        let mut records = Vec::with_capacity(remembered.len() + live.len());
        for (row, client) in remembered {
            let Some(client) = client else { continue };
            let live = live.remove(&client.client_id);
            records.push(record(&client, &read_consent(&row)?, Some(row.granted_at), live)?);
        }
        if !live.is_empty() {
            let clients = client::Entity::find().filter(client::Column::ClientId.is_in(live.keys()));
            let clients = clients.all(self.store.read()).await?;
            let agreements = self.agreements_of_grants(account, live.keys()).await?;
            for client in clients {
                let agreement = agreements.get(&client.client_id).cloned().unwrap_or_default();
                let live = live.remove(&client.client_id);
                records.push(record(&client, &agreement, None, live)?);
            }
        }
        records.sort_by_cached_key(|record| (record.client_name.to_lowercase(), record.client_id.clone()));
        Ok(records)
    }

    /// The grants of the account that live, by client.
    async fn list_live(&self, account: Uuid) -> Result<BTreeMap<String, Live>, Error> {
        let living = grants::Column::AccountId.eq(account).and(is_live(self.now()));
        let granted: Vec<(String, i64, Option<i64>, Option<i64>)> = grants::Entity::find()
            .select_only()
            .column(grants::Column::ClientId)
            .column_as(grants::Column::Id.count(), "grants")
            .column_as(grants::Column::CreatedAt.min(), "first")
            .column_as(grants::Column::CreatedAt.max(), "last")
            .filter(living.clone())
            .group_by(grants::Column::ClientId)
            .into_tuple()
            .all(self.store.read())
            .await?;
        let refreshed: Vec<(String, Option<i64>)> = refresh_token::Entity::find()
            .select_only()
            .column(grants::Column::ClientId)
            .column_as(refresh_token::Column::CreatedAt.max(), "last")
            .inner_join(grants::Entity)
            .filter(living)
            .group_by(grants::Column::ClientId)
            .into_tuple()
            .all(self.store.read())
            .await?;
        let refreshed: BTreeMap<_, _> = refreshed.into_iter().collect();
        let mut vouched = self.list_vouched(account).await?;
        let live = granted.into_iter().map(|(client_id, grants, first, last)| {
            let refreshed = refreshed.get(&client_id).copied().flatten();
            let used_at = Ord::max(last, refreshed).unwrap_or_default();
            let grants = u64::try_from(grants).unwrap_or_default();
            let vouched_by = vouched.remove(&client_id);
            (client_id, Live { grants, granted_at: first.unwrap_or_default(), used_at, vouched_by })
        });
        Ok(live.collect())
    }

    /// The names of the identity providers by whose word clients have grants of the account that live, by client.
    async fn list_vouched(&self, account: Uuid) -> Result<BTreeMap<String, String>, Error> {
        let stamps: Vec<(String, Option<Uuid>)> = grants::Entity::find()
            .select_only()
            .column(grants::Column::ClientId)
            .column(grants::Column::TrustId)
            .distinct()
            .filter(grants::Column::AccountId.eq(account).and(is_live(self.now())))
            .filter(grants::Column::TrustId.is_not_null())
            .into_tuple()
            .all(self.store.read())
            .await?;
        let mut names = BTreeMap::new();
        for (client_id, stamp) in stamps {
            let Some(stamp) = stamp.map(|stamp| TrustId::new(stamp.to_string())) else { continue };
            if let Some(trust) = self.find_stamped(&stamp).await? {
                names.insert(client_id, trust.name.clone());
            }
        }
        Ok(names)
    }

    /// The agreements of the grants that live, together for each client.
    async fn agreements_of_grants(
        &self,
        account: Uuid,
        clients: impl Iterator<Item = &String>,
    ) -> Result<BTreeMap<String, Agreement>, Error> {
        let kinds: Vec<(String, String, Option<String>)> = grants::Entity::find()
            .select_only()
            .column(grants::Column::ClientId)
            .column(grants::Column::Scope)
            .column(grants::Column::Agreement)
            .distinct()
            .filter(grants::Column::AccountId.eq(account))
            .filter(grants::Column::ClientId.is_in(clients))
            .filter(is_live(self.now()))
            .into_tuple()
            .all(self.store.read())
            .await?;
        let mut agreements: BTreeMap<String, Agreement> = BTreeMap::new();
        for (client_id, scope, agreement) in kinds {
            let scope = Scope::parse(&scope).map_err(Error::internal)?;
            let all = agreements.entry(client_id).or_default();
            *all = std::mem::take(all).followed_by(read_agreement(agreement.as_deref(), &scope)?);
        }
        Ok(agreements)
    }
}

fn record(
    client: &Client,
    agreement: &Agreement,
    known: &[ScopeDefinition],
    granted_at: Option<i64>,
    live: Option<Live>,
) -> ConsentRecord {
    let granted_at = granted_at.or_else(|| live.as_ref().map(|live| live.granted_at)).unwrap_or_default();
    ConsentRecord {
        client_id: client.client_id.clone(),
        client_name: client.client_name.clone(),
        place: documents::place(client),
        initiate_login_uri: client.initiate_login_uri.clone().filter(|_| client.enabled),
        scopes: agreement.definitions(known).cloned().collect(),
        details: agreement.details().clone(),
        granted_at: Timestamp(granted_at),
        used_at: live.as_ref().map(|live| Timestamp(live.used_at)),
        grants: live.as_ref().map_or(0, |live| live.grants),
        vouched_by: live.and_then(|live| live.vouched_by),
        asks: client.rules().consent != ConsentPolicy::Skip,
    }
}
