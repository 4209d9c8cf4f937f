//! The code of an approved authorization.

use oauth::authorize::{Approval, AuthorizationRequest};
use oauth::grant::Grant;
use oauth::id::GrantId;
use oauth::secret::Secret;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::row::{grant_id, write_grant};
use crate::entity::{authorization_code, grants};
use crate::error::Error;
use crate::{Idp, consents, random};

impl Idp {
    /// Keeps what was approved and returns the code for it. What the user just answered is remembered.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn issue_code(&self, request: &AuthorizationRequest, approval: &Approval) -> Result<Secret, Error> {
        let (code, now) = (Secret::new(random::token()), self.now());
        let session = &approval.session;
        let grant = Grant {
            id: GrantId::new(random::uuid_v7(now).to_string()),
            client_id: request.client_id.clone(),
            subject: Some(session.subject.clone()),
            scope: approval.scope.clone(),
            agreement: approval.agreement.clone(),
            claims: request.claims.clone(),
            sid: Some(session.sid.clone()),
            auth_time: Some(session.auth_time),
            acr: Some(session.acr.clone()),
            amr: session.amr.clone(),
            generation: 0,
            revoked: false,
        };
        let expires_at = now.plus(self.code_lifetime());
        let code_row = authorization_code::Model {
            digest: code.digest().as_bytes().to_vec(),
            grant_id: grant_id(&grant.id)?,
            redirect_uri: request.redirect_uri.clone(),
            redirect_uri_sent: request.redirect_uri_sent,
            code_challenge: request.code_challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
            nonce: request.nonce.as_ref().map(|nonce| nonce.as_str().to_owned()),
            expires_at: expires_at.0,
            consumed_at: None,
        };
        let grant_row = write_grant(&grant, expires_at, now)?;
        let remembered =
            approval.asked.then(|| (session.subject.clone(), request.client_id.clone(), approval.agreement.clone()));
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    grants::Entity::insert(grant_row.into_active_model()).exec_without_returning(tx).await?;
                    authorization_code::Entity::insert(code_row.into_active_model()).exec_without_returning(tx).await?;
                    if let Some((subject, client_id, agreement)) = remembered {
                        consents::remember(tx, &subject, &client_id, agreement, now).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
        Ok(code)
    }
}
