//! The chain: each change has a number and a digest of itself and of the digest before it. The newest is the head, one row of
//! `setting` that every change locks last, so that changes at once come one after another. A change that is taken away, put in
//! or altered breaks the chain.
//!
//! The words of a change, and the request that it came from, are in it as salted digests, so that they can be erased:
//! [`super::erase()`].

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::activity::Origin;
use crate::entity::audit_event::{Column, Entity, Model};
use crate::entity::setting;
use crate::error::Error;
use crate::{random, settings};

/// The setting that holds the head. The first change makes the row.
pub(crate) const HEAD: &str = "audit_head";

/// A place in the chain: the number of a change, and its digest in hexadecimal. Number 0 is before the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    pub number: i64,
    pub digest: String,
}

impl AuditHead {
    pub(super) fn start() -> Self {
        Self { number: 0, digest: "0".repeat(64) }
    }

    /// `NUMBER DIGEST`, as the log shows it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, digest) = text.trim().split_once([' ', ':'])?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = number.parse().ok().filter(|number| *number >= 0)?;
        is_digest.then(|| Self { number, digest: digest.to_owned() })
    }

    pub(super) fn of(event: &Model) -> Option<Self> {
        Some(Self { number: event.number?, digest: hexadecimal(event.digest.as_deref()?) })
    }
}

impl std::fmt::Display for AuditHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.number, self.digest)
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The origin of a change, as its row holds it. An address is soon guessed, hence the salt.
#[derive(Serialize, Deserialize)]
struct SaltedOrigin {
    salt: String,
    #[serde(flatten)]
    origin: Origin,
}

/// The document of the request that a change comes from.
pub(super) fn document_of(origin: &Origin) -> Result<String, Error> {
    let salt = hexadecimal(&random::bytes::<16>());
    serde_json::to_string(&SaltedOrigin { salt, origin: origin.clone() }).map_err(Error::internal)
}

/// The request that a change came from. `None`: it was erased, or the change is from before it was recorded.
pub(crate) fn origin_of(row: &Model) -> Option<Origin> {
    serde_json::from_str(row.origin.as_deref()?).ok().map(|it: SaltedOrigin| it.origin)
}

/// The digest of the document of an origin.
pub(super) fn digest_of_origin(row: &Model) -> Option<Vec<u8>> {
    row.origin.as_deref().map(|origin| Sha256::digest(origin).to_vec())
}

/// The digest of what a change says.
pub(super) fn content_of(row: &Model) -> Vec<u8> {
    let said = match row.salt.as_deref() {
        Some(salt) => json!([row.before, row.after, hexadecimal(salt)]),
        None => json!([row.before, row.after]),
    };
    Sha256::digest(said.to_string()).to_vec()
}

/// The digest of a change behind the one at `before`. What it says and its origin stand in it by their own digests.
pub(super) fn digest_of(row: &Model, before: &AuditHead) -> Vec<u8> {
    let Model { id, at, actor, action, target_kind, target_id, version, event_id, content, .. } = row;
    let content = content.as_deref().map(hexadecimal);
    let mut said = json!([
        before.digest,
        before.number + 1,
        id.to_string(),
        at,
        actor,
        action,
        target_kind,
        target_id,
        version,
        event_id.map(|id| id.to_string()),
        content
    ]);
    if let (Value::Array(said), Some(origin)) = (&mut said, row.origin_digest.as_deref()) {
        said.push(hexadecimal(origin).into());
    }
    Sha256::digest(said.to_string()).to_vec()
}

/// Puts a change at the end of the chain, and holds the head until the commit.
pub(super) async fn link(tx: &DatabaseTransaction, event: &mut Model) -> Result<(), Error> {
    let find = || setting::Entity::find_by_id(HEAD.to_owned()).lock_exclusive();
    let row = match find().one(tx).await? {
        None => {
            // What is not there cannot be locked, and somebody may be writing the first change.
            settings::ensure(tx, HEAD, &AuditHead::start().to_string()).await?;
            find().one(tx).await?
        }
        row => row,
    };
    let head = match row.and_then(|row| AuditHead::parse(&row.value)) {
        Some(head) if head.number > 0 => head,
        // The first change of all; or somebody took the head away, which must not stop the server.
        _ => last(tx).await?.unwrap_or_else(AuditHead::start),
    };
    event.content = Some(content_of(event));
    event.origin_digest = digest_of_origin(event);
    event.digest = Some(digest_of(event, &head));
    event.number = Some(head.number + 1);
    let head = AuditHead::of(event).unwrap_or(head);
    settings::put(tx, HEAD, &head.to_string()).await
}

/// The last change of the chain, as its row has it.
async fn last(tx: &DatabaseTransaction) -> Result<Option<AuditHead>, Error> {
    let rows = Entity::find().filter(Column::Number.is_not_null()).order_by_desc(Column::Number);
    Ok(rows.one(tx).await?.as_ref().and_then(AuditHead::of))
}
