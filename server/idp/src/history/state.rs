//! The state of a thing, and the way back to it: the draft of a form, saved by the function that saves the form.

use oauth::client::{ClientDraft, PolicyDraft};
use oauth::difference::{ChangeRecord, Difference, between};
use oauth::id::{ClientId, ResourceId, Subject, TrustId};
use oauth::registration::{HostPolicyDraft, RegistrationPolicyDraft};
use oauth::resource::ResourceDraft;
use oauth::scope::ScopeDraft;
use oauth::trust::TrustDraft;
use oauth::user::{Said, UserDraft};
use serde_json::Value;

use super::{Recordable, Recorded, Target};
use crate::audit::Actor;
use crate::error::Error;
use crate::save::SaveError;
use crate::{ClientChange, Idp, UserChange};

/// All that forms can change of a thing.
#[derive(Debug, Clone)]
pub enum State {
    Client(Box<ClientDraft>, PolicyDraft),
    Scope(ScopeDraft),
    Resource(ResourceDraft),
    Trust(Box<TrustDraft>),
    User(Box<UserDraft>),
    Registration(RegistrationPolicyDraft),
    ClientHosts(HostPolicyDraft),
    Settings(PolicyDraft),
}

impl State {
    /// The state that a recorded document describes, in all that `now` has and the record does not. `None`: the document describes none.
    #[must_use]
    pub fn recorded(document: &Value, now: &Self) -> Option<Self> {
        Some(match now {
            Self::Client(..) => {
                Self::Client(Box::new(ClientDraft::recorded(document)?), PolicyDraft::recorded(document)?)
            }
            Self::Scope(_) => Self::Scope(ScopeDraft::recorded(document)?),
            Self::Resource(now) => {
                Self::Resource(ResourceDraft { default: now.default, ..ResourceDraft::recorded(document)? })
            }
            Self::Trust(_) => Self::Trust(Box::new(TrustDraft::recorded(document)?)),
            Self::User(_) => Self::User(Box::new(UserDraft::recorded(document)?)),
            Self::Registration(_) => Self::Registration(RegistrationPolicyDraft::recorded(document)?),
            Self::ClientHosts(_) => Self::ClientHosts(HostPolicyDraft::recorded(document)?),
            Self::Settings(_) => Self::Settings(PolicyDraft::recorded(document)?),
        })
    }

    /// The fields in which another state differs. One of another kind differs in none.
    #[must_use]
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        match (self, after) {
            (Self::Client(client, policy), Self::Client(client_after, policy_after)) => {
                [between(&**client, client_after), between(policy, policy_after)].concat()
            }
            (Self::Scope(before), Self::Scope(after)) => between(before, after),
            (Self::Resource(before), Self::Resource(after)) => between(before, after),
            (Self::Trust(before), Self::Trust(after)) => between(&**before, after),
            (Self::User(before), Self::User(after)) => between(&**before, after),
            (Self::Registration(before), Self::Registration(after)) => between(before, after),
            (Self::ClientHosts(before), Self::ClientHosts(after)) => between(before, after),
            (Self::Settings(before), Self::Settings(after)) => between(before, after),
            _ => Vec::new(),
        }
    }
}

/// A side of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The state that it found.
    Before,
    /// The state that it made.
    After,
}

/// The way back to a state on one side of a change.
#[derive(Debug, Clone)]
pub struct Reversal {
    pub to: State,
    /// The version that the thing has now.
    pub version: i64,
    /// The fields that would change.
    pub differences: Vec<Difference>,
}

impl Idp {
    /// The way back to the state on one side of a change of a thing. `None`: no form could make it again, or it was a state of another
    /// thing that was called the same.
    ///
    /// # Errors
    /// `NotFound` when the thing is not there, or when the database does not answer.
    pub async fn reversal_to(
        &self,
        target: &Target,
        change: &ChangeRecord,
        side: Side,
    ) -> Result<Option<Reversal>, Error> {
        let document = match side {
            Side::Before => change.before.as_ref(),
            Side::After => change.after.as_ref(),
        };
        // Keys are not changed by forms, and tokens of registration not by the form of its rules.
        let is_of_form = target.kind != Recordable::Key && change.action != "registration.token";
        let Some(document) = document.filter(|_| is_of_form) else { return Ok(None) };
        if self.is_of_another(target, change).await? {
            return Ok(None);
        }
        let (now, version) = self.state(target).await?;
        let Some(mut to) = State::recorded(document, &now) else { return Ok(None) };
        if let State::User(draft) = &mut to {
            let current = self.get_user(&Subject::new(target.id.clone().unwrap_or_default())).await?.user;
            draft.unverify_what_changed(&current, Said::default());
        }
        Ok(Some(Reversal { differences: now.differences(&to), to, version }))
    }

    /// The state of a thing now, and its version.
    ///
    /// # Errors
    /// `NotFound` when it is not there, or is of a kind that is not changed by forms; or when the database does not answer.
    pub async fn state(&self, target: &Target) -> Result<(State, i64), Error> {
        let id = target.id.clone().unwrap_or_default();
        Ok(match target.kind {
            Recordable::Client => {
                let record = self.get_client(&ClientId::new(id)).await?;
                let (client, policy) = (ClientDraft::from(&record.client), PolicyDraft::from(&record.client.policy));
                (State::Client(Box::new(client), policy), record.version)
            }
            Recordable::Scope => {
                let record = self.get_scope(&id).await?;
                (State::Scope(ScopeDraft::from(&record.scope)), record.version)
            }
            Recordable::Resource => {
                let record = self.get_resource(&ResourceId::new(id)).await?;
                (State::Resource(ResourceDraft::of(&record.resource, record.is_default)), record.version)
            }
            Recordable::Trust => {
                let record = self.get_trust(&TrustId::new(id)).await?;
                (State::Trust(Box::new(TrustDraft::from(&record.trust))), record.version)
            }
            Recordable::User => {
                let record = self.get_user(&Subject::new(id)).await?;
                (State::User(Box::new(UserDraft::from(&record.user))), record.version)
            }
            Recordable::Registration => {
                let rules = self.registration_rules().await?;
                (State::Registration(RegistrationPolicyDraft::from(rules.policy)), rules.version)
            }
            Recordable::ClientHosts => {
                let rules = self.host_rules().await?;
                (State::ClientHosts(HostPolicyDraft::from(&rules.policy)), rules.version)
            }
            Recordable::Settings => {
                let defaults = self.client_defaults().await?;
                (State::Settings(PolicyDraft::from(&*defaults.policy)), defaults.version)
            }
            Recordable::Key => return Err(Error::NotFound),
        })
    }

    /// Changes a thing back to a state that it had, as its form would: what is not right any more is said by field, and `Stale` when
    /// it is not in `version` any more.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn revert(&self, actor: &Actor, target: &Target, version: i64, to: &State) -> Result<(), SaveError> {
        let (id, version) = (target.id.clone().unwrap_or_default(), Some(version));
        match to {
            State::Client(client, policy) => {
                client.check_form()?;
                let change = ClientChange {
                    client: Some((**client).clone()),
                    policy: Some(policy.clone()),
                    ..ClientChange::default()
                };
                self.update_client(actor, &ClientId::new(id), version, &change).await
            }
            State::Scope(draft) => self.save_scope(actor, draft, version).await,
            State::Resource(draft) => self.update_resource(actor, &ResourceId::new(id), version, draft).await,
            State::Trust(draft) => self.update_trust(actor, &TrustId::new(id), version, draft).await,
            State::User(draft) => {
                let change = UserChange { profile: Some((**draft).clone()), ..UserChange::default() };
                self.update_user(actor, &Subject::new(id), version, &change).await
            }
            State::Registration(draft) => self.save_registration_policy(actor, draft, version).await,
            State::ClientHosts(draft) => self.save_host_rules(actor, draft, version).await.map(drop),
            State::Settings(draft) => self.save_client_defaults(actor, draft, version).await,
        }
    }
}
