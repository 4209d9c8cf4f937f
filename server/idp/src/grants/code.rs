//! Authorization codes, exchanged.

use oauth::error::TokenError;
use oauth::grant::{AuthorizationCode, CodeRequest, TokenResponse};
use oauth::id::Nonce;
use oauth::jwk::Thumbprint;
use oauth::pkce::CodeChallenge;
use oauth::refusal::Reason;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::issue::NextRefreshToken;
use super::redeem::{Presented, Redeemed};
use super::refresh::Caller;
use super::row::read_grant;
use crate::Idp;
use crate::catalog::RegisteredClient;
use crate::entity::{authorization_code, grants};
use crate::error::Error;

impl Idp {
    pub(super) async fn exchange_code(
        &self,
        client: &RegisteredClient,
        request: &CodeRequest,
        caller: &Caller,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let now = self.now();
        let code = self.find_code(&request.code).await?.ok_or_else(|| TokenError::new(Reason::CodeUnknown))?;
        let (target, known) = self.aim(&code.grant, &request.resources, &request.details, client).await?;
        let verdict = code.judge(request, caller.jkt(), client, &known, now);
        let claim = authorization_code::Entity::update_many()
            .col_expr(authorization_code::Column::ConsumedAt, Expr::value(now.0))
            .filter(authorization_code::Column::Digest.eq(request.code.digest().as_bytes().to_vec()))
            .filter(authorization_code::Column::ConsumedAt.is_null());
        let refresh = NextRefreshToken::first(&code.grant, client);
        let presented = Presented {
            grant: code.grant,
            nonce: code.nonce,
            target,
            claims: vec![claim],
            refresh,
            holder: caller.holder.clone(),
        };
        match self.redeem(client, presented, verdict).await? {
            Redeemed::Tokens(tokens) => Ok(Some(tokens)),
            Redeemed::Changed => Ok(None),
            Redeemed::Revoked => Err(TokenError::new(Reason::CodeRevoked)),
            // Somebody was faster.
            Redeemed::Replayed { grant } | Redeemed::Lost { grant } => {
                self.revoke_family(&grant).await?;
                Err(TokenError::new(Reason::CodeUsed))
            }
        }
    }

    pub(super) async fn find_code(&self, code: &Secret) -> Result<Option<AuthorizationCode>, Error> {
        let found = authorization_code::Entity::find_by_id(code.digest().as_bytes().to_vec())
            .find_also_related(grants::Entity)
            .one(self.store.read())
            .await?;
        let Some((row, Some(grant))) = found else {
            return Ok(None);
        };
        Ok(Some(AuthorizationCode {
            grant: read_grant(grant)?,
            redirect_uri: row.redirect_uri,
            redirect_uri_sent: row.redirect_uri_sent,
            code_challenge: row.code_challenge.as_deref().and_then(CodeChallenge::find),
            nonce: row.nonce.map(Nonce::new),
            expires_at: Timestamp(row.expires_at),
            consumed: row.consumed_at.is_some(),
            jkt: row.jkt.map(Thumbprint::kept),
        }))
    }
}
