//! Tokens that a client gets for itself.

use oauth::client::Client;
use oauth::error::TokenError;
use oauth::grant::{Grant, GrantLifetimes, MachineRequest, TokenResponse};
use oauth::id::GrantId;

use super::row::write_grant;
use super::together::OwnGrant;
use crate::{Idp, random};

impl Idp {
    pub(super) async fn grant_client(
        &self,
        client: &Client,
        request: &MachineRequest,
    ) -> Result<TokenResponse, TokenError> {
        let now = self.now();
        let known = self.scopes().await?;
        let scope = request.judge(client, &known)?;
        let grant = Grant::of_client(GrantId::new(random::uuid_v7(now).to_string()), client, scope, &known);
        let lifetimes = GrantLifetimes::of(client);
        let issued = self.prepare(client, &grant, &grant.scope, lifetimes)?;
        let row = write_grant(&grant, now.plus(lifetimes.access_token), now)?;
        let access_token = issued.rows.access_token.clone();
        let response = self.sign(client, &grant, None, issued).await?;
        self.own_grants.ask(OwnGrant { grant: row, access_token }).await??;
        Ok(response)
    }
}
