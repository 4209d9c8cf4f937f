//! `grant_type=refresh_token` (RFC 6749 §6).

mod family;

pub use family::{BETWEEN_RETRIES, Family, FamilyKey, MAX_STEPS, Retry, Reuse, Rule, Spent};

use super::request::{required, scope};
use super::{Grant, Verdict};
use crate::access_token::Confirmation;
use crate::client::Client;
use crate::details::AuthorizationDetails;
use crate::error::OAuthError;
use crate::error::TokenError;
use crate::form::Form;
use crate::refusal::Reason;
use crate::resource::{ResourceIdentifier, read_resources};
use crate::scope::{Scope, ScopeDefinition};
use crate::secret::Secret;
use crate::time::Timestamp;

/// A refresh token, presented (RFC 6749 §6).
#[derive(Debug, Clone)]
pub struct RefreshRequest {
    pub refresh_token: Secret,
    pub scope: Option<Scope>,
    /// `resource` (RFC 8707 §2.2).
    pub resources: Vec<ResourceIdentifier>,
    /// `authorization_details` (RFC 9396 §6).
    pub details: AuthorizationDetails,
}

/// A refresh token, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct RefreshToken {
    pub grant: Grant,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    /// None: it is the head of its family.
    pub spent: Option<Spent>,
    /// The keys of whoever may use it (RFC 9449 §5, RFC 8705 §4).
    pub cnf: Confirmation,
}

impl RefreshRequest {
    pub(super) fn read(form: &Form) -> Result<Self, TokenError> {
        Ok(Self {
            refresh_token: Secret::new(required(form, "refresh_token")?),
            scope: scope(form)?,
            resources: read_resources(form)?,
            details: AuthorizationDetails::read(form)?,
        })
    }
}

impl RefreshToken {
    /// Judges the refresh token, used as `reuse` says if it is spent, by whoever has the keys `shown`. The scope may be narrowed, never
    /// widened (RFC 6749 §6), and gives no more than the client may have now; `known` are the scopes of this server.
    #[must_use]
    pub fn judge(
        &self,
        reuse: Option<Reuse>,
        request: &RefreshRequest,
        shown: &Confirmation,
        client: &Client,
        known: &[ScopeDefinition],
        now: Timestamp,
    ) -> Verdict {
        if self.grant.client_id != client.client_id {
            return Verdict::refuse(Reason::RefreshOfAnother);
        }
        // Whoever has another key cannot use the token, and must not be able to end its family either.
        if !self.cnf.is_met_by(shown) {
            return Verdict::refuse(Reason::RefreshKeyOther);
        }
        if reuse == Some(Reuse::Replay) {
            return Verdict::Replay;
        }
        if self.grant.revoked {
            return Verdict::refuse(Reason::RefreshRevoked);
        }
        if now >= self.expires_at {
            return Verdict::refuse(Reason::RefreshExpired);
        }
        let asked = request.scope.as_ref().filter(|scope| !scope.is_empty()).unwrap_or(&self.grant.scope);
        match asked.first_outside(&self.grant.scope) {
            Some(outside) => {
                let description = format!("the scope {outside} was not granted in the first place");
                let error = OAuthError::because(Reason::ScopeNotGranted, description);
                Verdict::Refuse(error.sent("scope", asked.to_string()).expected(self.grant.scope.iter()).into())
            }
            None => Verdict::issue(&self.grant, asked, client, known),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, grant, refused, without};
    use super::*;
    use crate::error::ErrorCode;
    use crate::scope::core_scopes;

    fn token() -> RefreshToken {
        RefreshToken {
            grant: grant(),
            issued_at: Timestamp(0),
            expires_at: Timestamp(10),
            spent: None,
            cnf: Confirmation::default(),
        }
    }

    fn ask(scope: Option<&str>) -> RefreshRequest {
        let scope = scope.map(|scope| Scope::parse(scope).unwrap());
        RefreshRequest {
            refresh_token: Secret::new("r"),
            scope,
            resources: Vec::new(),
            details: AuthorizationDetails::default(),
        }
    }

    fn is_invalid_scope(verdict: &Verdict) -> bool {
        matches!(verdict, Verdict::Refuse(TokenError(error)) if error.code == ErrorCode::InvalidScope)
    }

    #[test]
    fn a_replay_is_one_even_of_an_expired_token() {
        let verdict = |reuse| {
            token().judge(Some(reuse), &ask(None), &Confirmation::default(), &client(), &core_scopes(), Timestamp(20))
        };
        assert_eq!(verdict(Reuse::Replay), Verdict::Replay);
        assert!(refused(&verdict(Reuse::Retry)) && refused(&verdict(Reuse::Repeat)));
    }

    #[test]
    fn another_client_learns_and_ends_nothing() {
        let other = Client { client_id: crate::id::ClientId::new("other"), ..client() };
        for reuse in [None, Some(Reuse::Repeat), Some(Reuse::Retry), Some(Reuse::Replay)] {
            assert!(
                refused(&token().judge(
                    reuse,
                    &ask(None),
                    &Confirmation::default(),
                    &other,
                    &core_scopes(),
                    Timestamp(0)
                )),
                "{reuse:?}"
            );
        }
    }

    #[test]
    fn whoever_has_another_key_uses_and_ends_nothing() {
        let by_key = |key: &str| Confirmation::kept(Some(key.to_owned()), None);
        let by_certificate = |key: &str| Confirmation::kept(None, Some(key.to_owned()));
        for (cnf, others) in [
            (by_key("a"), [by_key("b"), by_certificate("a"), Confirmation::default()]),
            (by_certificate("a"), [by_certificate("b"), by_key("a"), Confirmation::default()]),
        ] {
            let bound = RefreshToken { cnf: cnf.clone(), ..token() };
            let judge = |reuse, shown: &Confirmation| {
                bound.judge(reuse, &ask(None), shown, &client(), &core_scopes(), Timestamp(0))
            };
            assert_eq!(judge(None, &cnf), Verdict::Issue(grant().scope));
            assert_eq!(judge(Some(Reuse::Replay), &cnf), Verdict::Replay);
            for reuse in [None, Some(Reuse::Repeat), Some(Reuse::Retry), Some(Reuse::Replay)] {
                for shown in &others {
                    assert_eq!(judge(reuse, shown), Verdict::refuse(Reason::RefreshKeyOther), "{reuse:?}");
                }
            }
        }
    }

    #[test]
    fn a_token_dies_with_its_time_and_its_grant() {
        let revoked = RefreshToken { grant: Grant { revoked: true, ..grant() }, ..token() };
        assert!(refused(&revoked.judge(
            None,
            &ask(None),
            &Confirmation::default(),
            &client(),
            &core_scopes(),
            Timestamp(0)
        )));
        assert!(refused(&token().judge(
            None,
            &ask(None),
            &Confirmation::default(),
            &client(),
            &core_scopes(),
            Timestamp(10)
        )));
    }

    #[test]
    fn a_refresh_narrows_the_scope_and_never_widens_it() {
        let verdict = |scope| {
            token().judge(None, &ask(Some(scope)), &Confirmation::default(), &client(), &core_scopes(), Timestamp(0))
        };
        assert_eq!(verdict("openid"), Verdict::Issue(Scope::parse("openid").unwrap()));
        assert!(is_invalid_scope(&verdict("openid profile")));
    }

    #[test]
    fn a_scope_that_was_deleted_and_created_again_is_not_refreshed() {
        let mut known = core_scopes();
        for scope in known.iter_mut().filter(|scope| scope.name.as_str() == "email") {
            scope.id = "another".to_owned();
        }
        let openid = Verdict::Issue(Scope::parse("openid").unwrap());
        assert_eq!(token().judge(None, &ask(None), &Confirmation::default(), &client(), &known, Timestamp(0)), openid);
    }

    #[test]
    fn a_refresh_gives_no_more_than_the_client_may_have_now() {
        let verdict = |client: &Client, known: &[ScopeDefinition]| {
            token().judge(None, &ask(None), &Confirmation::default(), client, known, Timestamp(0))
        };
        assert_eq!(verdict(&client(), &core_scopes()), Verdict::Issue(grant().scope));
        let openid = Verdict::Issue(Scope::parse("openid").unwrap());
        assert_eq!(verdict(&Client { scope: Scope::parse("openid").unwrap(), ..client() }, &core_scopes()), openid);
        assert_eq!(verdict(&client(), &without("email")), openid);
        assert!(is_invalid_scope(&verdict(&client(), &[])));
    }
}
