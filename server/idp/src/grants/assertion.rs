//! Tokens by an assertion of an issuer that is trusted here (RFC 7523 §2.1).

use std::sync::Arc;

use oauth::details::AuthorizationDetails;
use oauth::error::{ErrorCode, TokenError};
use oauth::grant::{AssertionRequest, Grant, MachineRequest, Provenance, TokenResponse};
use oauth::id::{ClientId, GrantId, ResourceId};
use oauth::trust::{IdJag, TrustKind, WorkloadAssertion, refused};

use super::grounds::{ChainLink, Grounds};
use super::refresh::Caller;
use super::row::grant_id;
use crate::audit::Actor;
use crate::catalog::RegisteredClient;
use crate::clients::hold::Judged;
use crate::error::Error;
use crate::trusts::{JudgedTrust, KnownTrust};
use crate::users::subject_of;
use crate::{Idp, activity, random};

/// Grants and trusts that one grant may stand on. There are never as many.
const MOST_LINKS: usize = 16;

/// The answer about issuers that nobody here trusts, and about all of them where none is.
const UNTRUSTED: &str = "its issuer is not trusted here";

/// The answer about somebody who has no account, and about one that is disabled.
const NOBODY: &str = "it speaks of nobody who has an account here";

impl Idp {
    /// Answers a client that brings an assertion. `None`: what the answer stands on changed meanwhile.
    pub(super) async fn grant_by_assertion(
        &self,
        client: &RegisteredClient,
        request: &AssertionRequest,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        match request.kind() {
            TrustKind::WorkloadIssuer => {
                let (trust, said) = self.judge_workload(request, Some(&client.client_id)).await?;
                self.grant_workload_client(client, request, (&trust, said), caller).await
            }
            TrustKind::IdentityProvider | TrustKind::AuthorizationServer => {
                self.grant_vouched(client, request, caller).await
            }
        }
    }

    /// Answers a program that says who it is by its assertion alone. `None`: what the answer stands on changed meanwhile.
    ///
    /// # Errors
    /// `invalid_grant`, `unauthorized_client`, `invalid_scope` or `invalid_target`; `temporarily_unavailable` while the database or
    /// the keys of the issuer are away.
    pub async fn grant_workload(
        &self,
        request: &AssertionRequest,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let (trust, said) = self.judge_workload(request, None).await?;
        let client = self.find_registered(&said.client_id).await?;
        let client = client.ok_or_else(|| refused("the client that it speaks for is not known here"))?;
        client.check_may_use(oauth::client::GrantType::JwtBearer)?;
        client.check_holder(&caller.holder)?;
        let given = self.grant_workload_client(&client, request, (&trust, said), caller).await?;
        match given {
            Some(_) => self.note_use(&client.client_id).await,
            None => self.catalog.clear(),
        }
        Ok(given)
    }

    /// Judges the assertion of a program. Whoever sends one may be anybody until its signature is verified, so all that is wrong before
    /// has one answer; the reason is for administrators.
    async fn judge_workload(
        &self,
        request: &AssertionRequest,
        client: Option<&ClientId>,
    ) -> Result<(Arc<KnownTrust>, WorkloadAssertion), TokenError> {
        let judged = async {
            let trust = self.find_trust(TrustKind::WorkloadIssuer, &request.issuer).await?;
            let trust = trust.ok_or_else(|| refused(UNTRUSTED))?;
            let said = WorkloadAssertion::judge(&request.assertion, &trust, client, self.hosts(), self.now())?;
            self.check_issuer_signature(&trust, &request.assertion).await?;
            Ok((trust, said))
        };
        judged.await.map_err(untold)
    }

    /// The client acts for itself, as by `client_credentials`.
    async fn grant_workload_client(
        &self,
        client: &RegisteredClient,
        request: &AssertionRequest,
        (trust, said): (&KnownTrust, WorkloadAssertion),
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let target = self.resources().await?.named(&request.resources, client).map_err(TokenError)?;
        let known = self.scopes_at(&target).await?;
        let (scope, details) = (request.scope.clone(), AuthorizationDetails::default());
        let asked = MachineRequest { scope, resources: Vec::new(), details };
        let scope = asked.judge(client, &known)?;
        let grant = Grant {
            resources: target.ids(),
            provenance: Provenance { trust: Some(trust.stamp.clone()), ..Provenance::default() },
            ..Grant::of_client(self.new_grant_id(), client, scope, &known)
        };
        let issued = self.prepare_without_refresh(client, &grant, &target, caller)?;
        let grounds = Grounds {
            trust: Some(JudgedTrust::of(trust)?),
            once: said.once,
            target: target.ids(),
            ..Grounds::of(self.asking(client).await?)
        };
        let given = self.give(client, grant, issued, grounds, used_before).await?;
        if given.is_some() {
            let (issuer, client_id) = (&trust.issuer, &client.client_id);
            tracing::info!(%issuer, subject = said.subject, %client_id, "a workload got a token by its assertion");
        }
        Ok(given)
    }

    /// The client acts for the person whom the identity provider vouches for.
    async fn grant_vouched(
        &self,
        client: &RegisteredClient,
        request: &AssertionRequest,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let judged = async {
            let trust = self.find_trust(TrustKind::IdentityProvider, &request.issuer).await?;
            let trust = trust.ok_or_else(|| refused(UNTRUSTED))?;
            let said = IdJag::judge(&request.assertion, &trust, client, self.issuer(), self.now())?;
            self.check_issuer_signature(&trust, &request.assertion).await?;
            Ok((trust, said))
        };
        // Whoever gives the name of a client that proves nothing may be anybody.
        let (trust, said) = judged.await.map_err(|error| if client.is_public() { untold(error) } else { error })?;
        let target = said.target(&request.resources, &**self.resources().await?, client)?;
        let known = self.scopes_at(&target).await?;
        let scope = said.scope(request.scope.as_ref(), &known)?;
        let vouched = self.find_vouched(&trust, &said).await?.ok_or_else(|| refused(NOBODY))?;
        let subject = subject_of(vouched.account);
        activity::about_user(&subject);
        // The answer to who is disabled is the same as to who is not there: the provider is not told which.
        if self.find_user(&subject).await?.is_none() {
            return Err(refused(NOBODY));
        }
        let grant = Grant {
            subject: Some(subject.clone()),
            resources: target.ids(),
            provenance: Provenance { trust: Some(trust.stamp.clone()), ..Provenance::default() },
            ..Grant::of_client(self.new_grant_id(), client, scope, &known)
        };
        let issued = self.prepare_without_refresh(client, &grant, &target, caller)?;
        let grounds = Grounds {
            trust: Some(JudgedTrust::of(&trust)?),
            account: Some(vouched.account),
            link: vouched.link.map(|link| (link, Actor::system())),
            once: Some(said.once),
            target: target.ids(),
            ..Grounds::of(self.asking(client).await?)
        };
        let given = self.give(client, grant, issued, grounds, used_before).await?;
        if given.is_some() {
            let (issuer, client_id) = (&trust.issuer, &client.client_id);
            tracing::info!(%issuer, %subject, %client_id, "a client got a token by an identity assertion");
        }
        Ok(given)
    }

    pub(super) fn new_grant_id(&self) -> GrantId {
        GrantId::new(random::uuid_v7(self.now()).to_string())
    }

    /// True when what a grant stands on, for which nobody signed in here, is as good as it was.
    pub(super) async fn is_founded(&self, grant: &Grant) -> Result<bool, Error> {
        Ok(self.find_chain(grant).await?.is_some())
    }

    /// The grounds of a grant, from itself to the first one. `None`: something of it is not so any more. A trust is off, or says
    /// something else; a grant whose token was exchanged is revoked, or its client disabled; or a resource is gone, or does not let the
    /// client exchange its tokens, or be asked for by it.
    pub(super) async fn find_chain(&self, grant: &Grant) -> Result<Option<Vec<ChainLink>>, Error> {
        let mut chain = Vec::new();
        let mut current = grant.clone();
        loop {
            if let Some(stamp) = &current.provenance.trust {
                match self.find_stamped(stamp).await? {
                    Some(trust) => chain.push(ChainLink::Trust(JudgedTrust::of(&trust)?)),
                    None => return Ok(None),
                }
            }
            let Some(id) = &current.provenance.parent else { return Ok(Some(chain)) };
            let parent = self.find_grant(id).await?.filter(|parent| !parent.revoked);
            let Some(parent) = parent.filter(|_| chain.len() < MOST_LINKS) else { return Ok(None) };
            let resources = self.resources().await?;
            let is_there = |id: &ResourceId| resources.find(id).is_some();
            let mut holds = parent.resources.iter().all(is_there);
            if parent.client_id != current.client_id {
                let client = &current.client_id;
                let lets = |id: &ResourceId| resources.find(id).is_some_and(|it| it.exchanged_by.contains(client));
                let names = |id: &ResourceId| resources.find(id).is_some_and(|it| it.allowed_clients.contains(client));
                holds = holds && parent.resources.iter().all(lets) && current.resources.iter().all(names);
            }
            let client = self.find_registered(&parent.client_id).await?;
            let Some(client) = client.filter(|_| holds) else { return Ok(None) };
            chain.push(ChainLink::Grant(grant_id(&parent.id)?, Judged::from(&*client)));
            current = parent;
        }
    }
}

/// The answer to a stranger, in place of the reason.
fn untold(error: TokenError) -> TokenError {
    if error.0.code != ErrorCode::InvalidGrant {
        return error;
    }
    tracing::info!(reason = %error.0.description, "an assertion was refused");
    activity::found(&error.0);
    refused("this server does not take it; its administrator finds the reason by the request ID")
}

fn used_before() -> TokenError {
    refused("it was used before, and each is good once: get another one from its issuer")
}
