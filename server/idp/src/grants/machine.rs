//! Tokens that a client gets for itself.

use oauth::error::TokenError;
use oauth::grant::{Grant, GrantLifetimes, MachineRequest, TokenResponse};
use oauth::id::GrantId;

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
    ) -> Result<Option<TokenResponse>, TokenError> {
        let now = self.now();
        let known = self.scopes().await?;
        let scope = request.judge(client, &known)?;
        let grant = Grant::of_client(GrantId::new(random::uuid_v7(now).to_string()), client, scope, &known);
        let lifetimes = GrantLifetimes::of(client);
        let issued = self.prepare(client, &grant, &grant.scope, lifetimes, None)?;
        let row = write_grant(&grant, now.plus(lifetimes.access_token), now)?;
        let access_token = issued.rows.access_token.clone();
        let response = self.sign(client, &grant, None, issued).await?;
        let own = OwnGrant { client: Judged::from(client), grant: row, access_token };
        Ok(self.own_grants.ask(own).await??.then_some(response))
    }
}
