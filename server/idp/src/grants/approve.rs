//! The answer of a person to something that waits for it elsewhere: a device, or a client that asked for them by name.

use oauth::authorize::Consented;
use oauth::claims::ClaimsRequest;
use oauth::client::Client;
use oauth::consent::Agreement;
use oauth::grant::{Grant, Provenance};
use oauth::id::GrantId;
use oauth::resource::Target;
use oauth::scope::Scope;
use oauth::session::Session;
use oauth::time::Timestamp;
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel, UpdateMany};
use uuid::Uuid;

use super::authorize::Basis;
use super::row::{grant_id, read_details, read_resources, write_grant};
use crate::documents::{Settled, Visitor};
use crate::entity::grants;
use crate::error::Error;
use crate::{Idp, consents, random};

/// The end of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It counts.
    Kept,
    /// Nobody waits for it any longer: somebody answered before, or the time is over.
    Gone,
    /// The account, the session or the client changed since they were read.
    Changed,
}

impl Idp {
    /// The place at which `client` would act by a row that waits: its columns `resources` and `details`. `None`: the client may not have all
    /// of it any more, and whoever looks at it must see all that was asked for.
    pub(super) async fn target_asked_for(
        &self,
        resources: Option<&str>,
        details: Option<&str>,
        client: &Client,
    ) -> Result<Option<Target>, Error> {
        let (named, details) = (read_resources(resources), read_details(details)?);
        let resources = self.resources().await?;
        let Ok(details) = resources.judge(&details, client) else { return Ok(None) };
        let target = resources.of_grant(&named, &[], client);
        Ok(target.and_then(|target| target.narrowed(&details, &details.objects(), client)).ok())
    }
}

/// An approval that is about to be written.
#[derive(Clone)]
pub(super) struct Approving<E: EntityTrait> {
    pub(super) basis: Basis,
    /// Marks the row as answered, if it still waits.
    pub(super) decide: UpdateMany<E>,
    pub(super) grant: grants::Model,
    /// Tells the row of its grant.
    pub(super) link: UpdateMany<E>,
}

/// The things that somebody allowed who is signed in in `session`.
pub(super) struct Allowed<'a> {
    pub(super) visitor: &'a Visitor,
    pub(super) session: &'a Session,
    pub(super) scope: &'a Scope,
    pub(super) agreement: &'a Agreement,
    pub(super) target: &'a Target,
    pub(super) expires_at: Timestamp,
}

impl<E: EntityTrait> Approving<E> {
    /// An approval with a grant that stands on its own: who asked is elsewhere, so it goes on when the person signs out of this browser. `link`
    /// makes the UPDATE that tells the row of the grant.
    pub(super) fn of(
        allowed: &Allowed<'_>,
        now: Timestamp,
        decide: UpdateMany<E>,
        link: impl FnOnce(Uuid) -> UpdateMany<E>,
    ) -> Result<Self, Error> {
        let Allowed { visitor, session, scope, agreement, target, expires_at } = allowed;
        let grant = Grant {
            id: GrantId::new(random::ordered_uuid_v7(now).to_string()),
            client_id: visitor.client.client_id.clone(),
            subject: Some(session.subject.clone()),
            scope: Scope::clone(scope),
            agreement: Agreement::clone(agreement),
            claims: ClaimsRequest::default(),
            resources: target.ids(),
            sid: None,
            auth_time: Some(session.auth_time()),
            acr: Some(session.acr().to_owned()),
            amr: session.amr(),
            generation: 0,
            refresh_salt: random::token(),
            revoked: false,
            provenance: Provenance::default(),
        };
        let basis = Basis {
            subject: session.subject.clone(),
            session: session.sid.clone(),
            joins: false,
            client: Client::clone(&visitor.client),
            row: None,
            document: visitor.document.clone(),
            consent: Consented::Asked,
            agreement: Agreement::clone(agreement),
        };
        let link = link(grant_id(&grant.id)?);
        Ok(Self { basis, decide, grant: write_grant(&grant, *expires_at, now)?, link })
    }

    /// Locks what the approval stands on, as for a code ([`Basis::hold`]), then the row, then the consent.
    pub(super) async fn keep(self, tx: &DatabaseTransaction, now: Timestamp) -> Result<Answered, Error> {
        let Self { basis, decide, grant, link } = self;
        match basis.hold(tx, now).await? {
            Settled::Yes => {}
            Settled::Changed => return Ok(Answered::Changed),
            Settled::Full => return Err(Error::Busy),
        }
        if !decide_once(tx, decide).await? {
            return Ok(Answered::Gone);
        }
        consents::remember(tx, &basis.subject, &basis.client.client_id, basis.agreement, now).await?;
        grants::Entity::insert(grant.into_active_model()).exec_without_returning(tx).await?;
        link.exec(tx).await?;
        Ok(Answered::Kept)
    }
}

pub(super) async fn decide_once<E: EntityTrait>(
    tx: &DatabaseTransaction,
    decide: UpdateMany<E>,
) -> Result<bool, Error> {
    Ok(decide.exec(tx).await?.rows_affected == 1)
}
