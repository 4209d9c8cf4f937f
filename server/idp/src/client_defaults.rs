//! The rules of every client whose own policy does not say otherwise: one value that is stored, versioned and audited.

use oauth::client::{ClientPolicy, Defaults, PolicyDraft};
use oauth::field::FieldProblem;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit::{self, Actor, Change};
use crate::entity::client;
use crate::error::Error;
use crate::save::SaveError;
use crate::{Idp, settings};

/// The setting that holds them. Its row is made where it is locked first.
const DEFAULTS: &str = "client_defaults";

/// Nothing was decided.
const UNDECIDED: &str = "{}";

/// The defaults. Stored documents are read for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientDefaults {
    pub version: i64,
    #[serde(flatten)]
    pub policy: Defaults,
    /// The value that was read.
    #[serde(skip)]
    text: String,
}

impl Idp {
    /// The defaults now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn client_defaults(&self) -> Result<ClientDefaults, Error> {
        find(self.store.read()).await
    }

    /// Changes the defaults. `version` is the one that the change was made from; `None` changes whatever is there. Every client is
    /// another one after it: what was judged by the old defaults is judged again.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn save_client_defaults(
        &self,
        actor: &Actor,
        draft: &PolicyDraft,
        version: Option<i64>,
    ) -> Result<(), SaveError> {
        let policy = Defaults::from(check(draft)?);
        let before = self.client_defaults().await?;
        if version.is_some_and(|version| version != before.version) {
            return Err(SaveError::Stale);
        }
        let after = ClientDefaults { version: before.version + 1, policy, text: String::new() };
        let (old, new) = (before.text.clone(), serde_json::to_string(&after).map_err(Error::internal)?);
        let change = Change {
            actor: actor.clone(),
            action: "settings.client_defaults",
            target: DEFAULTS.to_owned(),
            before: Some(json!(*before.policy)),
            after: Some(json!(*after.policy)),
        };
        let (now, version) = (self.now(), after.version);
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                settings::ensure(tx, DEFAULTS, UNDECIDED).await?;
                if !settings::replace(tx, DEFAULTS, &old, &new).await? {
                    return Err(Error::Stale);
                }
                client::Entity::update_many()
                    .col_expr(client::Column::Stamp, Expr::col(client::Column::Stamp).add(1))
                    .exec(tx)
                    .await?;
                audit::append_version(tx, change, version, now).await
            })
        });
        Ok(self.after_change(written.await)?)
    }
}

/// The defaults. To be read after the clients that they are for: a client that is older than they are has a stamp that is gone, and is
/// judged again; the reverse would not be seen.
pub(crate) async fn find(db: &impl ConnectionTrait) -> Result<ClientDefaults, Error> {
    let text = settings::find(db, DEFAULTS).await?.unwrap_or_else(|| UNDECIDED.to_owned());
    let defaults: ClientDefaults = serde_json::from_str(&text).map_err(Error::internal)?;
    Ok(ClientDefaults { text, ..defaults })
}

fn check(draft: &PolicyDraft) -> Result<ClientPolicy, SaveError> {
    let of_one = [
        ("allowed_scopes", &draft.allowed_scopes),
        ("default_scopes", &draft.default_scopes),
        ("post_logout_redirect_uris", &draft.post_logout_redirect_uris),
    ];
    match of_one.into_iter().find(|(_, value)| !value.trim().is_empty()) {
        Some((field, _)) => Err(SaveError::field(field, FieldProblem::OfOneClient)),
        None => Ok(draft.check()?),
    }
}
