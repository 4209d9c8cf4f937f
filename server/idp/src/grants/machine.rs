//! Tokens that a client gets for itself.

use oauth::error::TokenError;
use oauth::grant::{Grant, MachineRequest, TokenResponse};
use oauth::id::GrantId;

use super::refresh::Caller;
use super::row::write_grant;
use super::together::OwnGrant;
use crate::catalog::RegisteredClient;
use crate::clients::hold::Judged;
use crate::{Idp, random};

impl Idp {
    pub(super) async fn grant_client(
        &self,
        client: &RegisteredClient,
        request: &MachineRequest,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let now = self.now();
        let resources = self.resources().await?;
        let target = resources.aimed(&request.resources, &request.details, client).map_err(TokenError)?;
        let known = self.scopes_at(&target).await?;
        let scope = request.judge(client, &known)?;
        let id = GrantId::new(random::ordered_uuid_v7(now).to_string());
        let grant = Grant::of_client(id, client, scope, &known);
        let grant = Grant { resources: target.ids(), agreement: grant.agreement.clone().about(&target), ..grant };
        let issued = self.prepare(client, &grant, &grant.scope, &target, None, &caller.holder)?;
        let row = write_grant(&grant, now.plus(target.lifetimes(client).access_token), now)?;
        let (access_token, proof) = (issued.rows.access_token.clone(), issued.rows.proof);
        let response = self.sign(client, &grant, None, issued).await?;
        let own = OwnGrant { client: Judged::from(client), grant: row, access_token, proof };
        Ok(self.own_grants.ask(own).await??.then_some(response))
    }
}
