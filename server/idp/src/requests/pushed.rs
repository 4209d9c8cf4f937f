//! Pushed authorization requests (RFC 9126).

use oauth::authorize::{Asked, PUSHED_REQUEST_LIFETIME, PUSHED_REQUEST_TIME, pushed_request_uri};
use oauth::dpop::Possession;
use oauth::error::TokenError;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::refusal::Reason;
use oauth::secret::{Secret, SecretDigest};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait as _, QueryFilter};

use crate::catalog::RegisteredClient;
use crate::clients::hold::Judged;
use crate::documents::UNWRITTEN;
use crate::entity::pushed_request;
use crate::error::Error;
use crate::{Idp, possession, random};

/// The longest request that is kept, encoded, in bytes.
const MAX_PUSHED: usize = 16 << 10;

/// Requests that wait, of one client that came by itself and of all clients together. Beyond that, those that came by themselves are
/// told to come back: anybody can be one.
const MOST_OF_NEWCOMER: u64 = 1_000;
const MOST: u64 = 12_000;

/// Seconds after which whoever was told so may come back.
const PAUSE: i64 = 5;

/// An outcome of keeping a request.
enum Kept {
    Written,
    /// The client was changed since it was read.
    ClientChanged,
    Full,
}

impl Idp {
    /// Keeps a request of `client`, which has authenticated, and spends the proof of possession that came with it; gives the `request_uri` by which it is good once, within
    /// [`PUSHED_REQUEST_LIFETIME`]. `None`: the client was changed since it was read.
    ///
    /// # Errors
    /// `invalid_request` when it is too long; `invalid_dpop_proof`; `temporarily_unavailable`.
    pub async fn push_request(
        &self,
        client: &RegisteredClient,
        asked: &Asked,
        key: Option<&Possession>,
    ) -> Result<Option<String>, TokenError> {
        let parameters = asked.to_be_kept().encode();
        if parameters.len() > MAX_PUSHED {
            return Err(TokenError::because(
                Reason::ParameterTooLong,
                format!("the request is longer than {MAX_PUSHED} bytes"),
            ));
        }
        let reference = Secret::new(random::token());
        let row = pushed_request::Model {
            digest: reference.digest().as_bytes().to_vec(),
            client_id: client.client_id.to_string(),
            parameters,
            is_signed: asked.is_signed,
            expires_at: self.now().plus(PUSHED_REQUEST_LIFETIME).0,
        };
        let proof = key.map(|key| key.once);
        let judged = (client.stamp != UNWRITTEN).then(|| Judged::from(client));
        let (is_newcomer, now) = (client.origin.is_dynamic(), self.now());
        let kept = self.store.write(move |tx| {
            let (row, judged) = (row.clone(), judged.clone());
            Box::pin(async move {
                if let Some(judged) = judged {
                    judged.lock(tx).await?;
                    if !judged.check_unchanged(tx).await? {
                        return Ok(Kept::ClientChanged);
                    }
                }
                if is_newcomer && is_full(tx, &row.client_id, now).await? {
                    return Ok(Kept::Full);
                }
                pushed_request::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                if let Some(proof) = proof {
                    possession::spend(tx, proof).await?;
                }
                Ok::<_, Error>(Kept::Written)
            })
        });
        match kept.await? {
            Kept::Written => Ok(Some(pushed_request_uri(&reference))),
            Kept::ClientChanged => {
                self.catalog.clear();
                Ok(None)
            }
            Kept::Full => Err(TokenError::too_soon(Reason::PushedFull, Reason::PushedFull.description(), PAUSE)),
        }
    }

    /// The request of `client_id` that was pushed under this digest. When it comes for the first time, its person gets
    /// [`PUSHED_REQUEST_TIME`]. `None`: it is not known, not of this client, was used, or came too late.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_up_pushed(&self, client_id: &ClientId, digest: &SecretDigest) -> Result<Option<Asked>, Error> {
        let now = self.now();
        let row = pushed_request::Entity::find_by_id(digest.as_bytes().to_vec())
            .filter(pushed_request::Column::ClientId.eq(client_id.as_str()))
            .filter(pushed_request::Column::ExpiresAt.gt(now.0))
            .one(self.store.read())
            .await?;
        let Some(row) = row else { return Ok(None) };
        // Whatever has longer was here before.
        if row.expires_at <= now.plus(PUSHED_REQUEST_LIFETIME).0 {
            let digest = row.digest.clone();
            self.store.write(move |tx| Box::pin(take_up(tx, digest.clone(), now))).await?;
        }
        let parameters = Form::parse(row.parameters.as_bytes()).map_err(Error::internal)?;
        Ok(Some(Asked { parameters, is_signed: row.is_signed, is_pushed: true }))
    }
}

async fn is_full(tx: &DatabaseTransaction, client_id: &str, now: Timestamp) -> Result<bool, Error> {
    let waiting = || pushed_request::Entity::find().filter(pushed_request::Column::ExpiresAt.gt(now.0));
    let of_client = waiting().filter(pushed_request::Column::ClientId.eq(client_id));
    Ok(of_client.count(tx).await? >= MOST_OF_NEWCOMER || waiting().count(tx).await? >= MOST)
}

async fn take_up(tx: &DatabaseTransaction, digest: Vec<u8>, now: Timestamp) -> Result<(), Error> {
    pushed_request::Entity::update_many()
        .col_expr(pushed_request::Column::ExpiresAt, Expr::value(now.plus(PUSHED_REQUEST_TIME).0))
        .filter(pushed_request::Column::Digest.eq(digest))
        .filter(pushed_request::Column::ExpiresAt.gt(now.0))
        .filter(pushed_request::Column::ExpiresAt.lte(now.plus(PUSHED_REQUEST_LIFETIME).0))
        .exec(tx)
        .await?;
    Ok(())
}

impl Idp {
    /// Spends the pushed request to which somebody said no.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn spend_pushed(&self, digest: SecretDigest) -> Result<(), Error> {
        let now = self.now();
        self.store.write(move |tx| Box::pin(async move { spend(tx, &digest, now).await.map(drop) })).await
    }
}

/// Spends a pushed request: of any number of authorizations by it, one can.
pub(crate) async fn spend(tx: &DatabaseTransaction, digest: &SecretDigest, now: Timestamp) -> Result<bool, Error> {
    let spent = pushed_request::Entity::delete_many()
        .filter(pushed_request::Column::Digest.eq(digest.as_bytes().to_vec()))
        .filter(pushed_request::Column::ExpiresAt.gt(now.0))
        .exec(tx)
        .await?;
    Ok(spent.rows_affected == 1)
}
