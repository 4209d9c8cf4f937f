//! The policy of registration, and initial access tokens: one value that is stored, versioned and audited.

use std::sync::Arc;

use oauth::field::FieldProblem;
use oauth::registration::{RegistrationAccess, RegistrationPolicy, RegistrationPolicyDraft, check_initial_token_name};
use oauth::secret::{Secret, SecretDigest};
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect as _};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit::{self, Actor, Change};
use crate::entity::setting;
use crate::error::Error;
use crate::save::SaveError;
use crate::{Idp, random, settings};

/// The setting that holds them. Its row is made where it is locked first.
const RULES: &str = "registration_policy";

/// Nothing was decided.
const UNDECIDED: &str = "{}";

/// Initial access tokens at a time.
const MOST_TOKENS: usize = 20;

/// The policy as it is stored. Stored documents are read for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistrationRules {
    pub version: i64,
    #[serde(flatten)]
    pub policy: RegistrationPolicy,
    pub tokens: Vec<InitialToken>,
    /// The value that was read.
    #[serde(skip)]
    pub(super) text: String,
}

/// An initial access token (RFC 7591 §1.2): whoever has it may register clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialToken {
    pub name: String,
    /// SHA-256, in hexadecimal.
    digest: String,
    /// In seconds since 1970.
    pub created_at: i64,
}

impl InitialToken {
    fn new(name: String, token: &Secret, now: Timestamp) -> Self {
        Self { name, digest: hexadecimal(&token.digest()), created_at: now.0 }
    }

    /// True for the token itself. Digests are compared, so how long it takes tells nothing of the token.
    pub(super) fn is(&self, presented: &Secret) -> bool {
        self.digest == hexadecimal(&presented.digest())
    }
}

fn hexadecimal(digest: &SecretDigest) -> String {
    digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Idp {
    /// The policy now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn registration_rules(&self) -> Result<Arc<RegistrationRules>, Error> {
        self.catalog
            .registration
            .get(&(), async { Ok(Arc::new(read(settings::find(self.store.read(), RULES).await?)?)) })
            .await
    }

    /// True when a client may register that has no token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn registration_is_open(&self) -> Result<bool, Error> {
        Ok(self.registration_access().await? == RegistrationAccess::Anybody)
    }

    /// True when programs may register themselves, with a token or without.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn takes_registrations(&self) -> Result<bool, Error> {
        Ok(self.registration_access().await? != RegistrationAccess::Nobody)
    }

    /// Whoever may register now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn registration_access(&self) -> Result<RegistrationAccess, Error> {
        Ok(self.registration_rules().await?.policy.mode.access(self.has_resources().await?))
    }

    /// True while this server protects a resource that agents may want to reach.
    pub(super) async fn has_resources(&self) -> Result<bool, Error> {
        Ok(!self.resources().await?.is_empty())
    }

    /// Changes the policy. `version` is the one that the change was made from; `None` changes whatever is there.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn save_registration_policy(
        &self,
        actor: &Actor,
        draft: &RegistrationPolicyDraft,
        version: Option<i64>,
    ) -> Result<(), SaveError> {
        let policy = draft.check()?;
        let change = move |rules: RegistrationRules| Ok(RegistrationRules { policy, ..rules });
        self.change_registration_rules(actor, "registration.policy", version, change).await
    }

    /// Makes an initial access token. It is never shown again.
    ///
    /// # Errors
    /// See [`SaveError`]: the name is not right, is taken, or there are too many.
    pub async fn create_initial_token(&self, actor: &Actor, name: &str) -> Result<Secret, SaveError> {
        let name = check_initial_token_name(name).map_err(|problem| SaveError::field("name", problem))?;
        let token = Secret::new(random::token());
        let created = InitialToken::new(name, &token, self.now());
        let change = move |mut rules: RegistrationRules| {
            if rules.tokens.iter().any(|token| token.name == created.name) {
                return Err(SaveError::field("name", FieldProblem::Taken));
            }
            if rules.tokens.len() >= MOST_TOKENS {
                return Err(SaveError::field("name", FieldProblem::TooMany(MOST_TOKENS)));
            }
            rules.tokens.push(created);
            Ok(rules)
        };
        self.change_registration_rules(actor, "registration.token", None, change).await?;
        Ok(token)
    }

    /// Takes an initial access token away. What was registered with it stays.
    ///
    /// # Errors
    /// [`SaveError::NotFound`], or when the database does not answer.
    pub async fn delete_initial_token(&self, actor: &Actor, name: &str) -> Result<(), SaveError> {
        let name = name.to_owned();
        let change = move |mut rules: RegistrationRules| {
            let before = rules.tokens.len();
            rules.tokens.retain(|token| token.name != name);
            if rules.tokens.len() == before { Err(SaveError::NotFound) } else { Ok(rules) }
        };
        self.change_registration_rules(actor, "registration.token", None, change).await
    }

    async fn change_registration_rules(
        &self,
        actor: &Actor,
        action: &'static str,
        version: Option<i64>,
        change: impl FnOnce(RegistrationRules) -> Result<RegistrationRules, SaveError> + Clone,
    ) -> Result<(), SaveError> {
        let now = self.now();
        // Another change between the look and the write is seen by the row count.
        for _ in 0..super::TRIES {
            let text = settings::find(self.store.read(), RULES).await?;
            let before = read(text)?;
            if version.is_some_and(|version| version != before.version) {
                return Err(SaveError::Stale);
            }
            let after = change.clone()(before.clone())?;
            let after = RegistrationRules { version: before.version + 1, ..after };
            let new = serde_json::to_string(&after).map_err(Error::internal)?;
            let change = Change {
                actor: actor.clone(),
                action,
                target: RULES.to_owned(),
                before: Some(audited(&before)),
                after: Some(audited(&after)),
            };
            let written = self.store.write(move |tx| {
                Box::pin(async move {
                    settings::ensure(tx, RULES, UNDECIDED).await?;
                    if !settings::replace(tx, RULES, &before.text, &new).await? {
                        return Ok(false);
                    }
                    audit::append_version(tx, change, after.version, now).await?;
                    Ok::<_, Error>(true)
                })
            });
            if self.after_change(written.await)? {
                return Ok(());
            }
        }
        Err(SaveError::Stale)
    }
}

fn read(text: Option<String>) -> Result<RegistrationRules, Error> {
    let text = text.unwrap_or_else(|| UNDECIDED.to_owned());
    let rules: RegistrationRules = serde_json::from_str(&text).map_err(Error::internal)?;
    Ok(RegistrationRules { text, ..rules })
}

/// The policy as the record of changes shows it: no digests.
fn audited(rules: &RegistrationRules) -> serde_json::Value {
    let tokens: Vec<&str> = rules.tokens.iter().map(|token| token.name.as_str()).collect();
    json!({ "policy": rules.policy.mode, "tokens": tokens })
}

/// Keeps the policy from being changed until the commit; false where it is another one by now.
pub(super) async fn hold(tx: &DatabaseTransaction, text: &str) -> Result<bool, Error> {
    if text == UNDECIDED {
        // What is not there cannot be locked, and somebody may be writing the first rules.
        settings::ensure(tx, RULES, UNDECIDED).await?;
    }
    let held = setting::Entity::find_by_id(RULES.to_owned()).filter(setting::Column::Value.eq(text)).lock_shared();
    Ok(held.one(tx).await?.is_some())
}
