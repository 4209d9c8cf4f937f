//! A client asks for somebody by name (CIBA §7).

use oauth::client_auth::SingleUse;
use oauth::error::{OAuthError, TokenError};
use oauth::grant::{AUTH_REQ_ID_LIFETIME, BackchannelAnswer, BackchannelRequest, POLL_INTERVAL, PersonHint};
use oauth::refusal::Reason;
use oauth::secret::Secret;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait as _, QueryFilter};
use uuid::Uuid;

use super::super::row::{write_details, write_resources};
use super::{MOST_OF_PERSON, MOST_OF_PERSON_BY_CLIENT};
use crate::catalog::RegisteredClient;
use crate::clients::assertion::spend_once;
use crate::clients::hold::Judged;
use crate::documents::UNWRITTEN;
use crate::entity::{account, ciba_request};
use crate::error::Error;
use crate::throttle::{Attempt, Counted};
use crate::{Idp, activity, random, users};

/// Requests of one client, and of all, that are good at once.
const MOST_OF_CLIENT: u64 = 3_000;
const MOST: u64 = 12_000;

/// A request that is about to be written.
enum Begun {
    Written,
    /// The client was changed since it was read.
    ClientChanged,
    /// The person was disabled or deleted since they were found.
    PersonGone,
    /// The person has been asked too often.
    PersonBusy,
    /// There are too many.
    Full,
}

impl Idp {
    /// Begins to ask somebody for `client`, which has authenticated; `signed` is spent with it. Whoever is not found counts as a guess of
    /// the client, and delays further ones, and nobody is asked too often, unless nothing `is_counted`. `None`: the client was changed
    /// since it was read, and has to authenticate again.
    ///
    /// # Errors
    /// `unknown_user_id`, `invalid_scope`, `invalid_target`, `invalid_authorization_details` or `invalid_request`; `temporarily_unavailable` while too many people, or this
    /// one, are asked, or the database is away.
    pub async fn begin_backchannel(
        &self,
        client: &RegisteredClient,
        request: &BackchannelRequest,
        signed: Option<SingleUse>,
        is_counted: bool,
    ) -> Result<Option<BackchannelAnswer>, TokenError> {
        let resources = self.resources().await?;
        let target = resources.aimed(&request.resources, &request.details, client).map_err(TokenError)?;
        let scope = request.judge(client, &self.scopes_at(&target).await?)?;
        activity::left_out(&request.scope, &scope);
        let account_id = self.find_hinted(client, &request.hint, is_counted).await?;
        let (auth_req_id, now) = (Secret::new(random::token()), self.now());
        let row = ciba_request::Model {
            digest: auth_req_id.digest().as_bytes().to_vec(),
            client_id: client.client_id.to_string(),
            account_id,
            scope: scope.to_string(),
            resources: write_resources(&target.ids()),
            details: write_details(&request.details)?,
            binding_message: request.binding_message.clone(),
            address: activity::Origin::current().address(),
            poll_interval: POLL_INTERVAL,
            polled_at: 0,
            created_at: now.0,
            expires_at: now.plus(request.lifetime).0,
            decided_at: None,
            grant_id: None,
            consumed_at: None,
            ping: request.notification_token.as_ref().map(|token| self.seal_ping(&auth_req_id, token)).transpose()?,
            due_at: None,
            attempts: 0,
        };
        let judged = (client.stamp != UNWRITTEN).then(|| Judged::from(client));
        let full = |reason: Reason| Err(TokenError::too_soon(reason, reason.description(), POLL_INTERVAL));
        match self.store.write(move |tx| Box::pin(begin(tx, judged, row, signed, is_counted))).await {
            Ok(Begun::Written) => Ok(Some(BackchannelAnswer { auth_req_id, expires_in: request.lifetime })),
            Ok(Begun::ClientChanged) => {
                self.catalog.clear();
                Ok(None)
            }
            Ok(Begun::PersonGone) => Err(TokenError::new(Reason::PersonUnknown)),
            Ok(Begun::PersonBusy) => full(Reason::PersonBusy),
            Ok(Begun::Full) => full(Reason::CibaFull),
            Err(Error::Conflict) => {
                let why = "the signed authentication request was used before, and each is good once";
                Err(TokenError::because(Reason::BackchannelRefused, why))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The account that a hint means, if it may sign in.
    async fn find_hinted(
        &self,
        client: &RegisteredClient,
        hint: &PersonHint,
        is_counted: bool,
    ) -> Result<Uuid, TokenError> {
        let counter = is_counted.then(|| self.counter(&Counted::Hints(client.client_id.as_str())));
        let counted = match self.count_attempt(counter.into_iter().collect()).await? {
            Attempt::Counted(counted) => counted,
            Attempt::Delayed { wait } => {
                let reason = Reason::HintsTooMany;
                return Err(TokenError::too_soon(reason, reason.description(), wait));
            }
        };
        let found = match hint {
            PersonHint::Login(login) => self.find_account_by_login(login).await?,
            PersonHint::IdToken(token) => self.find_account_by_token(client, token).await?,
        };
        if let Some(account) = &found {
            activity::about_user(&users::subject_of(account.id));
            if !account.enabled {
                activity::found(&OAuthError::new(Reason::AccountDisabled));
            }
        }
        let found = found.filter(|account| account.enabled).ok_or_else(|| TokenError::new(Reason::PersonUnknown))?;
        if is_counted {
            self.store.write(move |tx| Box::pin(counted.take_back(tx))).await?;
        }
        Ok(found.id)
    }

    /// The account of an ID token that the client got. From a pairwise subject nobody finds the account.
    async fn find_account_by_token(
        &self,
        client: &RegisteredClient,
        token: &Secret,
    ) -> Result<Option<account::Model>, TokenError> {
        if client.subjects.is_pairwise() {
            let why = "a client that knows people by pairwise subjects sends login_hint in place of id_token_hint";
            return Err(TokenError::because(Reason::IdTokenHintUnknown, why));
        }
        let hint = self.find_id_token(token.expose()).filter(|hint| hint.client_id == client.client_id.as_str());
        let hint = hint.ok_or_else(|| {
            let why = "id_token_hint is not an ID token that this server gave the client";
            TokenError::because(Reason::IdTokenHintUnknown, why)
        })?;
        let Ok(id) = users::account_id(&hint.subject) else { return Ok(None) };
        Ok(account::Entity::find_by_id(id).one(self.store.read()).await.map_err(Error::from)?)
    }
}

/// Writes a request, behind the locks of the person and the client. `client` is none if it has no row yet: the person has it written.
async fn begin(
    tx: &DatabaseTransaction,
    client: Option<Judged>,
    row: ciba_request::Model,
    signed: Option<SingleUse>,
    is_counted: bool,
) -> Result<Begun, Error> {
    use ciba_request::Column as C;
    // So that what is counted below is all there is.
    users::lock_exclusive(tx, row.account_id).await?;
    if !users::may_sign_in(tx, row.account_id).await? {
        return Ok(Begun::PersonGone);
    }
    if let Some(client) = client {
        client.lock(tx).await?;
        if !client.check_unchanged(tx).await? {
            return Ok(Begun::ClientChanged);
        }
    }
    let live = ciba_request::Entity::find().filter(C::ExpiresAt.gt(row.created_at));
    let of_client = live.clone().filter(C::ClientId.eq(row.client_id.as_str()));
    // Each counts as long as the longest is good, however soon the client lets it expire.
    let lately = C::CreatedAt.gt(row.created_at - AUTH_REQ_ID_LIFETIME);
    let of_person = ciba_request::Entity::find().filter(lately).filter(C::AccountId.eq(row.account_id));
    let of_person = of_person.filter(C::GrantId.is_null());
    let by_client = of_person.clone().filter(C::ClientId.eq(row.client_id.as_str()));
    for (found, most) in [(by_client, MOST_OF_PERSON_BY_CLIENT), (of_person, MOST_OF_PERSON)] {
        if is_counted && found.count(tx).await? >= most {
            return Ok(Begun::PersonBusy);
        }
    }
    for (found, most) in [(of_client, MOST_OF_CLIENT), (live, MOST)] {
        if found.count(tx).await? >= most {
            return Ok(Begun::Full);
        }
    }
    if let Some(once) = signed {
        spend_once(tx, once).await?;
    }
    ciba_request::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(Begun::Written)
}
