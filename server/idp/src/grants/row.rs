//! Grants between rows and the protocol's own type.

use oauth::claims::ClaimsRequest;
use oauth::details::AuthorizationDetails;
use oauth::grant::{Grant, Provenance};
use oauth::id::{ClientId, GrantId, ResourceId, SessionId, TrustId};
use oauth::scope::Scope;
use oauth::time::Timestamp;
use uuid::Uuid;

use crate::consents::read_agreement;
use crate::entity::grants;
use crate::error::Error;

/// The row of a new grant that is swept some time after `expires_at`.
pub(crate) fn write_grant(grant: &Grant, expires_at: Timestamp, now: Timestamp) -> Result<grants::Model, Error> {
    let claims_request = (!grant.claims.is_empty()).then(|| serde_json::to_string(&grant.claims)).transpose();
    let provenance = &grant.provenance;
    let actor = provenance.actor.as_ref().map(serde_json::to_string);
    Ok(grants::Model {
        id: grant_id(&grant.id)?,
        client_id: grant.client_id.to_string(),
        account_id: grant.subject.as_ref().map(crate::users::account_id).transpose()?,
        scope: grant.scope.to_string(),
        claims_request: claims_request.map_err(Error::internal)?,
        sid: grant.sid.as_ref().map(ToString::to_string),
        offline: grant.outlives_session(),
        auth_time: grant.auth_time.map(|at| at.0),
        acr: grant.acr.clone(),
        amr: (!grant.amr.is_empty()).then(|| grant.amr.join(" ")),
        generation: grant.generation,
        created_at: now.0,
        expires_at: expires_at.0,
        revoked_at: None,
        agreement: Some(serde_json::to_string(&grant.agreement).map_err(Error::internal)?),
        refresh_salt: (!grant.refresh_salt.is_empty()).then(|| grant.refresh_salt.clone()),
        resources: write_resources(&grant.resources),
        trust_id: provenance.trust.as_ref().map(crate::trusts::row_id).transpose()?,
        parent_id: provenance.parent.as_ref().map(grant_id).transpose()?,
        actor: actor.transpose().map_err(Error::internal)?,
    })
}

pub(super) fn read_grant(row: grants::Model) -> Result<Grant, Error> {
    let claims = row.claims_request.as_deref().map(ClaimsRequest::parse).transpose().map_err(Error::internal)?;
    let scope = Scope::parse(&row.scope).map_err(Error::internal)?;
    Ok(Grant {
        agreement: read_agreement(row.agreement.as_deref(), &scope)?,
        scope,
        id: GrantId::new(row.id.to_string()),
        client_id: ClientId::new(row.client_id),
        subject: row.account_id.map(crate::users::subject_of),
        claims: claims.unwrap_or_default(),
        resources: read_resources(row.resources.as_deref()),
        sid: row.sid.map(SessionId::new),
        auth_time: row.auth_time.map(Timestamp),
        acr: row.acr,
        amr: row.amr.map(|amr| amr.split(' ').map(str::to_owned).collect()).unwrap_or_default(),
        generation: row.generation,
        refresh_salt: row.refresh_salt.unwrap_or_default(),
        revoked: row.revoked_at.is_some(),
        provenance: Provenance {
            trust: row.trust_id.map(|id| TrustId::new(id.to_string())),
            parent: row.parent_id.map(|id| GrantId::new(id.to_string())),
            actor: row.actor.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?,
        },
    })
}

pub(crate) fn read_resources(ids: Option<&str>) -> Vec<ResourceId> {
    ids.iter().flat_map(|ids| ids.split(' ')).map(ResourceId::new).collect()
}

pub(super) fn write_resources(resources: &[ResourceId]) -> Option<String> {
    let ids: Vec<&str> = resources.iter().map(ResourceId::as_str).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// The objects as one column keeps them.
pub(super) fn write_details(details: &AuthorizationDetails) -> Result<Option<String>, Error> {
    (!details.is_empty()).then(|| serde_json::to_string(details)).transpose().map_err(Error::internal)
}

pub(super) fn read_details(stored: Option<&str>) -> Result<AuthorizationDetails, Error> {
    Ok(stored.map(serde_json::from_str).transpose().map_err(Error::internal)?.unwrap_or_default())
}

pub(super) fn grant_id(id: &GrantId) -> Result<Uuid, Error> {
    Uuid::parse_str(id.as_str()).map_err(|_| Error::NotFound)
}
