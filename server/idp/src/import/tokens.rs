//! Refresh tokens of another server, so that applications stay signed in.

use oauth::client::{Client, GrantType};
use oauth::consent::Agreement;
use oauth::grant::{Grant, GrantLifetimes};
use oauth::id::GrantId;
use oauth::scope::{Scope, ScopeDefinition};
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::{DELETED, Import, Kind, Known, Row, find_subject};
use crate::entity::{grants, refresh_token};
use crate::error::Error;
use crate::grants::write_grant;
use crate::random;

/// Characters of a refresh token: fewer may be guessed from the digest, more no seed server has in its column.
const LENGTH: std::ops::RangeInclusive<usize> = 32..=255;

/// A refresh token that is good, and whose it is.
struct Live {
    token: Secret,
    grant: Grant,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl Import<'_> {
    /// Keeps the digests of the refresh tokens that the other server would still take. Whatever is known here, used or revoked,
    /// stays as it is.
    pub(super) async fn take_refresh_tokens(&mut self) -> Result<(), Error> {
        let known = self.idp.scopes().await?;
        for row in &self.seed.tokens {
            if row.find("refresh_token").is_none() || row.flag("revoked") == Some(true) {
                continue;
            }
            let name = format!("user {}, client {}", row.number("user_id").unwrap_or_default(), row.text("client_id"));
            match self.read_token(row, &known) {
                Err(reason) => self.report.of(Kind::RefreshToken).refuse(&name, reason),
                Ok(Some(live)) => self.take_refresh_token(live, &name).await?,
                Ok(None) => {}
            }
        }
        Ok(())
    }

    /// The token of a row; `None` when it has expired, there and here.
    fn read_token(&self, row: &Row, known: &[ScopeDefinition]) -> Result<Option<Live>, &'static str> {
        let now = self.idp.now();
        let user = row.number("user_id").filter(|user| self.users.contains(user));
        let subject = user.and_then(find_subject);
        let client: Option<&Client> = self.clients.get(row.text("client_id").trim());
        let (Some(subject), Some(client)) = (subject, client) else {
            return Err("its user or its client is not here");
        };
        let issued_at = row.number("issued_at").filter(|at| *at >= 0).ok_or("it does not say when it was issued")?;
        let issued_at = Timestamp(issued_at.min(now.0));
        let expires_at = issued_at.plus(GrantLifetimes::of(client).refresh_token);
        if expires_at <= now {
            return Ok(None);
        }
        if !client.may_use(GrantType::RefreshToken) {
            return Err("its client is not registered for refresh_token");
        }
        let token = row.text("refresh_token");
        if !LENGTH.contains(&token.len()) || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("it is not 32 to 255 visible ASCII characters long");
        }
        let scope = Scope::parse(row.text("scope")).map_err(|_| "its scope is not well formed")?;
        let grant = Grant {
            id: GrantId::new(random::uuid_v7(now).to_string()),
            client_id: client.client_id.clone(),
            subject: Some(subject),
            agreement: Agreement::of(&scope, known),
            scope,
            claims: oauth::claims::ClaimsRequest::default(),
            resources: Vec::new(),
            sid: None,
            // The other server does not remember when somebody signed in, and each refresh renews `issued_at`.
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            generation: 0,
            refresh_salt: random::token(),
            revoked: false,
            provenance: oauth::grant::Provenance::default(),
        };
        Ok(Some(Live { token: Secret::new(token), grant, issued_at, expires_at }))
    }

    async fn take_refresh_token(&mut self, live: Live, name: &str) -> Result<(), Error> {
        let digest = live.token.digest().as_bytes().to_vec();
        let id: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        // Its row goes some time after it was used or revoked; that it came is remembered longer.
        let came = self.memory.recall(Kind::RefreshToken, &id, "") == Known::Same;
        self.memory.remember(Kind::RefreshToken, &id, "", self.idp);
        if came || refresh_token::Entity::find_by_id(digest.clone()).one(self.idp.store.read()).await?.is_some() {
            self.report.of(Kind::RefreshToken).skip();
            return Ok(());
        }
        let inserted = match self.dry_run {
            true => Ok(()),
            false => self.insert_refresh_token(digest, &live).await,
        };
        let outcome = self.report.of(Kind::RefreshToken);
        match inserted {
            Ok(()) => outcome.import(),
            // Another import was faster.
            Err(Error::Conflict) => outcome.skip(),
            Err(Error::NotFound) => outcome.refuse(name, DELETED),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn insert_refresh_token(&self, digest: Vec<u8>, live: &Live) -> Result<(), Error> {
        // Nobody has a session here that it could end with.
        let grant = grants::Model { offline: true, ..write_grant(&live.grant, live.expires_at, live.issued_at)? };
        let token = refresh_token::Model {
            digest,
            grant_id: grant.id,
            generation: 0,
            created_at: live.issued_at.0,
            expires_at: live.expires_at.0,
            consumed_at: None,
            retried_at: None,
            repeats: 0,
            used_address: None,
            used_agent: None,
            jkt: None,
            x5t: None,
        };
        self.idp
            .store
            .write(move |tx| {
                Box::pin(async move {
                    grants::Entity::insert(grant.into_active_model()).exec_without_returning(tx).await?;
                    refresh_token::Entity::insert(token.into_active_model()).exec_without_returning(tx).await?;
                    Ok::<_, Error>(())
                })
            })
            .await
    }
}
