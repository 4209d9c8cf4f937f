//! A device asks to be authorized (RFC 8628 §3.1).

use oauth::error::TokenError;
use oauth::grant::{
    DEVICE_CODE_LIFETIME, DeviceAuthorizationRequest, DeviceAuthorizationResponse, POLL_INTERVAL, UserCode,
};
use oauth::refusal::Reason;
use oauth::secret::Secret;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait as _, IntoActiveModel, PaginatorTrait as _, QueryFilter,
};

use super::super::row::{write_details, write_resources};
use crate::catalog::RegisteredClient;
use crate::clients::hold::Judged;
use crate::documents::UNWRITTEN;
use crate::entity::{client, device_code};
use crate::error::Error;
use crate::{Idp, random};

/// Device codes of one client, and of all, that are good at once. With as many, a guessed user code is one of them once in two
/// million times.
const MOST_OF_CLIENT: u64 = 3_000;
const MOST: u64 = 12_000;

/// The same of all clients that have no row yet: anybody can have one.
pub(super) const MOST_OF_NEWCOMERS: u64 = 3_000;

/// The number of user codes that are drawn when one is taken.
const DRAWS: u32 = 5;

/// A device code that is about to be written.
enum Begun {
    Written,
    /// The client was changed since it was read.
    ClientChanged,
    /// There are too many.
    Full,
}

impl Idp {
    /// Begins the authorization of a device of `client`, which has authenticated. `None`: the client was changed since it was read,
    /// and has to authenticate again.
    ///
    /// # Errors
    /// `invalid_scope`; `temporarily_unavailable` while too many devices wait, or the database is away.
    pub async fn begin_device(
        &self,
        client: &RegisteredClient,
        request: &DeviceAuthorizationRequest,
    ) -> Result<Option<DeviceAuthorizationResponse>, TokenError> {
        let resources = self.resources().await?;
        let target = resources.aimed(&request.resources, &request.details, client).map_err(TokenError)?;
        let scope = request.judge(client, &self.scopes_at(&target).await?)?;
        let device_code = Secret::new(random::token());
        for _ in 0..DRAWS {
            let now = self.now();
            let user_code = UserCode::from_random(u64::from_le_bytes(random::bytes()));
            let row = device_code::Model {
                digest: device_code.digest().as_bytes().to_vec(),
                user_code: self.user_code_digest(&user_code),
                client_id: client.client_id.to_string(),
                scope: scope.to_string(),
                resources: write_resources(&target.ids()),
                details: write_details(&request.details)?,
                poll_interval: POLL_INTERVAL,
                polled_at: 0,
                created_at: now.0,
                expires_at: now.plus(DEVICE_CODE_LIFETIME).0,
                decided_at: None,
                grant_id: None,
                consumed_at: None,
            };
            let client = (client.stamp != UNWRITTEN).then(|| Judged::from(client));
            return match self.store.write(move |tx| Box::pin(begin(tx, client, row))).await {
                Ok(Begun::Written) => Ok(Some(DeviceAuthorizationResponse { device_code, user_code })),
                Ok(Begun::ClientChanged) => {
                    self.catalog.clear();
                    Ok(None)
                }
                Ok(Begun::Full) => {
                    Err(TokenError::too_soon(Reason::DevicesFull, Reason::DevicesFull.description(), POLL_INTERVAL))
                }
                // Another device has this user code.
                Err(Error::Conflict) => continue,
                Err(error) => Err(error.into()),
            };
        }
        Err(Error::Unavailable.into())
    }

    /// The digest by which a user code is found. It is keyed, for all codes there are can be tried.
    pub(super) fn user_code_digest(&self, code: &UserCode) -> Vec<u8> {
        self.options.app_secret.derive(&format!("user code: {}", code.as_str())).to_vec()
    }
}

/// Writes a device code. `client` is none if it has no row: the person who allows the device has it written.
async fn begin(tx: &DatabaseTransaction, client: Option<Judged>, row: device_code::Model) -> Result<Begun, Error> {
    let live = device_code::Entity::find().filter(device_code::Column::ExpiresAt.gt(row.created_at));
    match client {
        Some(client) => {
            client.lock(tx).await?;
            if !client.check_unchanged(tx).await? {
                return Ok(Begun::ClientChanged);
            }
        }
        None => {
            let same = Expr::col((client::Entity, client::Column::ClientId))
                .equals((device_code::Entity, device_code::Column::ClientId));
            let rows = Query::select().expr(Expr::val(1)).from(client::Entity).and_where(same).to_owned();
            if live.clone().filter(Expr::exists(rows).not()).count(tx).await? >= MOST_OF_NEWCOMERS {
                return Ok(Begun::Full);
            }
        }
    }
    let of_client = live.clone().filter(device_code::Column::ClientId.eq(row.client_id.as_str()));
    for (found, most) in [(of_client, MOST_OF_CLIENT), (live, MOST)] {
        if found.count(tx).await? >= most {
            return Ok(Begun::Full);
        }
    }
    device_code::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(Begun::Written)
}
