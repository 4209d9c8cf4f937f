//! `grant_type=authorization_code` (RFC 6749 §4.1.3).

use super::request::required;
use super::{Grant, Verdict};
use crate::client::Client;
use crate::details::AuthorizationDetails;
use crate::error::{OAuthError, TokenError};
use crate::form::Form;
use crate::id::Nonce;
use crate::jwk::Thumbprint;
use crate::pkce::CodeChallenge;
use crate::refusal::Reason;
use crate::resource::{ResourceIdentifier, read_resources};
use crate::scope::ScopeDefinition;
use crate::secret::Secret;
use crate::time::Timestamp;

/// A code, presented (RFC 6749 §4.1.3, RFC 7636 §4.5).
#[derive(Debug, Clone)]
pub struct CodeRequest {
    pub code: Secret,
    pub redirect_uri: Option<String>,
    pub code_verifier: Option<String>,
    /// `resource` (RFC 8707 §2.2).
    pub resources: Vec<ResourceIdentifier>,
    /// `authorization_details` (RFC 9396 §6).
    pub details: AuthorizationDetails,
}

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
    /// The key of whoever may exchange it (RFC 9449 §10).
    pub jkt: Option<Thumbprint>,
}

impl CodeRequest {
    pub(super) fn read(form: &Form) -> Result<Self, TokenError> {
        Ok(Self {
            code: Secret::new(required(form, "code")?),
            redirect_uri: form.find("redirect_uri")?.map(str::to_owned),
            code_verifier: form.find("code_verifier")?.map(str::to_owned),
            resources: read_resources(form)?,
            details: AuthorizationDetails::read(form)?,
        })
    }
}

impl AuthorizationCode {
    /// Judges the code, presented by whoever has the key `shown`. A code of another client is refused without a word about whether
    /// it exists. It gives no more than the client may have now; `known` are the scopes of this server.
    #[must_use]
    pub fn judge(
        &self,
        request: &CodeRequest,
        shown: Option<&Thumbprint>,
        client: &Client,
        known: &[ScopeDefinition],
        now: Timestamp,
    ) -> Verdict {
        if self.grant.client_id != client.client_id {
            return Verdict::refuse(Reason::CodeOfAnother);
        }
        if self.consumed {
            return Verdict::Replay;
        }
        if self.grant.revoked {
            return Verdict::refuse(Reason::CodeRevoked);
        }
        if now >= self.expires_at {
            let seconds = now.since(self.expires_at);
            let error =
                OAuthError::new(Reason::CodeExpired).sent("expired", format!("{seconds} seconds before it came"));
            return Verdict::Refuse(error.into());
        }
        match self.unbound(request, shown) {
            Some(error) => Verdict::Refuse(error.into()),
            None => Verdict::issue(&self.grant, &self.grant.scope, client, known),
        }
    }

    /// Why the request is not the one that the code was issued for, if it is not (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9449 §10).
    fn unbound(&self, request: &CodeRequest, shown: Option<&Thumbprint>) -> Option<OAuthError> {
        if self.jkt.is_some() && self.jkt.as_ref() != shown {
            return Some(OAuthError::new(Reason::CodeKeyOther));
        }
        match &request.redirect_uri {
            Some(redirect_uri) if *redirect_uri != self.redirect_uri => {
                let error = OAuthError::new(Reason::RedirectUriDiffers);
                return Some(error.sent("redirect_uri", redirect_uri).expected([&self.redirect_uri]));
            }
            None if self.redirect_uri_sent => {
                return Some(OAuthError::new(Reason::RedirectUriOmitted).expected([&self.redirect_uri]));
            }
            _ => {}
        }
        let reason = match (&self.code_challenge, &request.code_verifier) {
            (None, None) => return None,
            (Some(challenge), Some(verifier)) if challenge.accepts(verifier) => return None,
            (Some(_), None) => Reason::VerifierMissing,
            (Some(_), Some(_)) => Reason::VerifierWrong,
            // Accepting a verifier that nothing was bound to would hide a stripped challenge (RFC 9700 section 4.8.2).
            (None, Some(_)) => Reason::VerifierUnasked,
        };
        Some(OAuthError::new(reason))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, grant, refused, without};
    use super::*;
    use crate::id::ClientId;
    use crate::scope::{Scope, core_scopes};

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn code() -> AuthorizationCode {
        AuthorizationCode {
            grant: grant(),
            redirect_uri: "https://a.example/cb".into(),
            redirect_uri_sent: true,
            code_challenge: Some(CodeChallenge::of(VERIFIER)),
            nonce: None,
            expires_at: Timestamp(60),
            consumed: false,
            jkt: None,
        }
    }

    fn request() -> CodeRequest {
        CodeRequest {
            resources: Vec::new(),
            details: AuthorizationDetails::default(),
            code: Secret::new("c"),
            redirect_uri: Some("https://a.example/cb".into()),
            code_verifier: Some(VERIFIER.into()),
        }
    }

    fn judge(code: &AuthorizationCode, request: &CodeRequest, now: i64) -> Verdict {
        code.judge(request, None, &client(), &core_scopes(), Timestamp(now))
    }

    #[test]
    fn a_good_code_is_worth_its_scope() {
        assert_eq!(judge(&code(), &request(), 59), Verdict::Issue(grant().scope));
    }

    #[test]
    fn a_code_dies_with_its_time_and_its_grant() {
        let Verdict::Refuse(TokenError(late)) = judge(&code(), &request(), 95) else { panic!("it has expired") };
        assert_eq!(
            (late.reason, late.evidence.unwrap().sent),
            (Reason::CodeExpired, "35 seconds before it came".into())
        );
        let revoked = AuthorizationCode { grant: Grant { revoked: true, ..grant() }, ..code() };
        for now in [0, 60] {
            assert_eq!(judge(&revoked, &request(), now), Verdict::refuse(Reason::CodeRevoked));
        }
    }

    #[test]
    fn a_code_is_bound_to_client_redirect_uri_and_verifier() {
        let foreign = AuthorizationCode {
            grant: Grant { client_id: ClientId::new("other"), ..grant() },
            consumed: true,
            ..code()
        };
        assert!(refused(&judge(&foreign, &request(), 0)));
        for broken in [
            CodeRequest { redirect_uri: None, ..request() },
            CodeRequest { redirect_uri: Some("https://a.example/other".into()), ..request() },
            CodeRequest { code_verifier: None, ..request() },
            CodeRequest { code_verifier: Some("x".repeat(43)), ..request() },
        ] {
            assert!(refused(&judge(&code(), &broken, 0)));
        }
        let unbound = AuthorizationCode { code_challenge: None, ..code() };
        assert!(refused(&judge(&unbound, &request(), 0)));
    }

    #[test]
    fn a_second_use_is_a_replay() {
        let used = AuthorizationCode { consumed: true, ..code() };
        assert_eq!(judge(&used, &request(), 0), Verdict::Replay);
    }

    #[test]
    fn a_code_gives_no_more_than_the_client_may_have_now() {
        let openid = Verdict::Issue(Scope::parse("openid").unwrap());
        let less = Client { scope: Scope::parse("openid").unwrap(), ..client() };
        let judge =
            |client: &Client, known: &[ScopeDefinition]| code().judge(&request(), None, client, known, Timestamp(0));
        assert_eq!(judge(&less, &core_scopes()), openid);
        assert_eq!(judge(&client(), &without("email")), openid);
        assert!(matches!(judge(&client(), &[]), Verdict::Refuse(_)));
    }

    #[test]
    fn a_code_that_is_bound_to_a_key_is_exchanged_by_it() {
        let (key, other) = (Thumbprint::kept("a".to_owned()), Thumbprint::kept("b".to_owned()));
        let bound = AuthorizationCode { jkt: Some(key.clone()), ..code() };
        let judge =
            |code: &AuthorizationCode, shown| code.judge(&request(), shown, &client(), &core_scopes(), Timestamp(0));
        assert_eq!(judge(&bound, Some(&key)), Verdict::Issue(grant().scope));
        for shown in [Some(&other), None] {
            assert_eq!(judge(&bound, shown), Verdict::refuse(Reason::CodeKeyOther));
            assert_eq!(judge(&code(), shown), Verdict::Issue(grant().scope));
        }
        let used = AuthorizationCode { consumed: true, ..bound };
        assert_eq!(judge(&used, None), Verdict::Replay, "whoever comes with it");
    }
}
