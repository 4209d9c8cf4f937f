//! What a code or a refresh token is worth.
//!
//! The verdict is about a row as it was read. Whoever acts on [`Verdict::Issue`] must claim the row by an UPDATE that finds it
//! unconsumed; when that touches no row, somebody else was faster, and the verdict is [`Verdict::Replay`].

use super::{CodeRequest, Grant, RefreshRequest};
use crate::client::Client;
use crate::error::{ErrorCode, TokenError};
use crate::id::Nonce;
use crate::pkce::CodeChallenge;
use crate::scope::{Scope, ScopeDefinition};
use crate::time::Timestamp;

/// An authorization code, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorizationCode {
    pub grant: Grant,
    pub redirect_uri: String,
    pub redirect_uri_sent: bool,
    pub code_challenge: Option<CodeChallenge>,
    pub nonce: Option<Nonce>,
    pub expires_at: Timestamp,
    pub consumed: bool,
}

/// A refresh token, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct RefreshToken {
    pub grant: Grant,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    pub consumed: bool,
}

/// What to do with a code or refresh token that was presented.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Claim it, then issue tokens for this scope.
    Issue(Scope),
    /// It was used before: revoke the whole grant (RFC 6749 §4.1.2, RFC 9700 §4.14.2).
    Replay,
    /// It is not good, and nothing changes.
    Refuse(TokenError),
}

/// Judges a code. A code of another client is refused without a word about whether it exists.
#[must_use]
pub fn redeem_code(code: &AuthorizationCode, request: &CodeRequest, client: &Client, now: Timestamp) -> Verdict {
    if code.grant.client_id != client.client_id {
        return refuse("the code is not known, or belongs to another client");
    }
    if code.consumed {
        return Verdict::Replay;
    }
    if code.grant.revoked || now >= code.expires_at {
        return refuse("the code has expired");
    }
    match &request.redirect_uri {
        Some(redirect_uri) if *redirect_uri != code.redirect_uri => {
            return refuse("redirect_uri is not the one of the authorization request");
        }
        None if code.redirect_uri_sent => {
            return refuse("redirect_uri is missing; the authorization request named one");
        }
        _ => {}
    }
    match (&code.code_challenge, &request.code_verifier) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if challenge.accepts(verifier) => {}
        (Some(_), None) => return refuse("code_verifier is missing; the authorization request sent a code_challenge"),
        (Some(_), Some(_)) => return refuse("code_verifier does not belong to the code_challenge"),
        // Accepting a verifier that nothing was bound to would hide a stripped challenge (RFC 9700 section 4.8.2).
        (None, Some(_)) => {
            return refuse("code_verifier was sent, but the authorization request had no code_challenge");
        }
    }
    Verdict::Issue(code.grant.scope.clone())
}

/// Judges a refresh token. The scope may be narrowed, never widened (RFC 6749 §6), and gives no more than the client may have
/// now; `known` are the scopes of this server.
#[must_use]
pub fn redeem_refresh_token(
    token: &RefreshToken,
    request: &RefreshRequest,
    client: &Client,
    known: &[ScopeDefinition],
    now: Timestamp,
) -> Verdict {
    if token.grant.client_id != client.client_id {
        return refuse("the refresh token is not known, or belongs to another client");
    }
    if token.consumed {
        return Verdict::Replay;
    }
    if token.grant.revoked {
        return refuse("the refresh token was revoked");
    }
    if now >= token.expires_at {
        return refuse("the refresh token has expired");
    }
    let asked = request.scope.as_ref().filter(|scope| !scope.is_empty()).unwrap_or(&token.grant.scope);
    let refuse_scope = |description| Verdict::Refuse(TokenError::new(ErrorCode::InvalidScope, description));
    if let Some(outside) = asked.first_outside(&token.grant.scope) {
        return refuse_scope(format!("the scope {outside} was not granted in the first place"));
    }
    let scope = client.still_allowed(asked, known);
    if scope.is_empty() && !asked.is_empty() {
        return refuse_scope("this client may not have any of these scopes any more".to_owned());
    }
    Verdict::Issue(scope)
}

fn refuse(description: &'static str) -> Verdict {
    Verdict::Refuse(TokenError::new(ErrorCode::InvalidGrant, description))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::ClaimsRequest;
    use crate::client::{ClientDraft, ClientKind};
    use crate::id::{ClientId, GrantId, Subject};
    use crate::scope::core_scopes;
    use crate::secret::Secret;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn client() -> Client {
        ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://a.example/cb".into(),
            ..ClientDraft::preset(ClientKind::Web)
        }
        .check(None)
        .unwrap()
    }

    fn grant() -> Grant {
        Grant {
            id: GrantId::new("g"),
            client_id: ClientId::new("app"),
            subject: Some(Subject::new("alice")),
            scope: Scope::parse("openid email").unwrap(),
            claims: ClaimsRequest::default(),
            sid: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            generation: 0,
            revoked: false,
        }
    }

    fn code() -> AuthorizationCode {
        AuthorizationCode {
            grant: grant(),
            redirect_uri: "https://a.example/cb".into(),
            redirect_uri_sent: true,
            code_challenge: Some(CodeChallenge::of(VERIFIER)),
            nonce: None,
            expires_at: Timestamp(60),
            consumed: false,
        }
    }

    fn request() -> CodeRequest {
        CodeRequest {
            code: Secret::new("c"),
            redirect_uri: Some("https://a.example/cb".into()),
            code_verifier: Some(VERIFIER.into()),
        }
    }

    fn refused(verdict: &Verdict) -> bool {
        matches!(verdict, Verdict::Refuse(TokenError(error)) if error.code == ErrorCode::InvalidGrant)
    }

    #[test]
    fn a_good_code_is_worth_its_scope() {
        assert_eq!(redeem_code(&code(), &request(), &client(), Timestamp(59)), Verdict::Issue(grant().scope));
    }

    #[test]
    fn a_code_dies_with_its_time_and_its_grant() {
        assert!(refused(&redeem_code(&code(), &request(), &client(), Timestamp(60))));
        let revoked = AuthorizationCode { grant: Grant { revoked: true, ..grant() }, ..code() };
        assert!(refused(&redeem_code(&revoked, &request(), &client(), Timestamp(0))));
    }

    #[test]
    fn a_code_is_bound_to_client_redirect_uri_and_verifier() {
        let now = Timestamp(0);
        let foreign = AuthorizationCode {
            grant: Grant { client_id: ClientId::new("other"), ..grant() },
            consumed: true,
            ..code()
        };
        assert!(refused(&redeem_code(&foreign, &request(), &client(), now)));
        for broken in [
            CodeRequest { redirect_uri: None, ..request() },
            CodeRequest { redirect_uri: Some("https://a.example/other".into()), ..request() },
            CodeRequest { code_verifier: None, ..request() },
            CodeRequest { code_verifier: Some("x".repeat(43)), ..request() },
        ] {
            assert!(refused(&redeem_code(&code(), &broken, &client(), now)));
        }
        let unbound = AuthorizationCode { code_challenge: None, ..code() };
        assert!(refused(&redeem_code(&unbound, &request(), &client(), now)));
    }

    #[test]
    fn a_second_use_is_a_replay() {
        let used = AuthorizationCode { consumed: true, ..code() };
        assert_eq!(redeem_code(&used, &request(), &client(), Timestamp(0)), Verdict::Replay);
        let used = RefreshToken { grant: grant(), issued_at: Timestamp(0), expires_at: Timestamp(10), consumed: true };
        let again = RefreshRequest { refresh_token: Secret::new("r"), scope: None };
        assert_eq!(redeem_refresh_token(&used, &again, &client(), &core_scopes(), Timestamp(20)), Verdict::Replay);
    }

    #[test]
    fn a_refresh_narrows_the_scope_and_never_widens_it() {
        let token =
            RefreshToken { grant: grant(), issued_at: Timestamp(0), expires_at: Timestamp(10), consumed: false };
        let ask = |scope| RefreshRequest { refresh_token: Secret::new("r"), scope: Some(Scope::parse(scope).unwrap()) };
        let verdict = |scope| redeem_refresh_token(&token, &ask(scope), &client(), &core_scopes(), Timestamp(0));
        assert_eq!(verdict("openid"), Verdict::Issue(Scope::parse("openid").unwrap()));
        assert!(
            matches!(verdict("openid profile"), Verdict::Refuse(TokenError(error)) if error.code == ErrorCode::InvalidScope)
        );
    }

    #[test]
    fn a_refresh_gives_no_more_than_the_client_may_have_now() {
        let scope = Scope::parse("openid email").unwrap();
        let grant = Grant { scope: scope.clone(), ..grant() };
        let token = RefreshToken { grant, issued_at: Timestamp(0), expires_at: Timestamp(10), consumed: false };
        let request = RefreshRequest { refresh_token: Secret::new("r"), scope: None };
        let verdict = |client: &Client, known: &[ScopeDefinition]| {
            redeem_refresh_token(&token, &request, client, known, Timestamp(0))
        };
        assert_eq!(verdict(&client(), &core_scopes()), Verdict::Issue(scope));
        let openid = Verdict::Issue(Scope::parse("openid").unwrap());
        assert_eq!(verdict(&Client { scope: Scope::parse("openid").unwrap(), ..client() }, &core_scopes()), openid);
        let without_email: Vec<_> = core_scopes().into_iter().filter(|scope| scope.name.as_str() != "email").collect();
        assert_eq!(verdict(&client(), &without_email), openid);
        assert!(matches!(verdict(&client(), &[]), Verdict::Refuse(TokenError(e)) if e.code == ErrorCode::InvalidScope));
    }
}
