//! The place where the parameters of an authorization request stand.

use crate::client::Client;
use crate::error::OAuthError;
use crate::form::Form;
use crate::jwk::Thumbprint;
use crate::refusal::Reason;
use crate::secret::{Secret, SecretDigest};

/// Seconds within which a pushed request must come to the authorization endpoint (RFC 9126 §2.2).
pub const PUSHED_REQUEST_LIFETIME: i64 = 60;

/// Seconds that a person may take to sign in and agree, once a pushed request has come.
pub const PUSHED_REQUEST_TIME: i64 = 3_600;

/// The beginning of the address of a pushed request (RFC 9126 §2.2).
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

/// The parameters of authorization requests: what is pushed is kept without any other one, be it what proves the client or what nobody
/// knows.
const KEPT: [&str; 22] = [
    "acr_values",
    "authorization_details",
    "claims",
    "claims_locales",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "display",
    "dpop_jkt",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "registration",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "ui_locales",
];

/// The place of a request's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    /// The request itself.
    Parameters,
    /// A request object in it (RFC 9101 §5.1).
    Object(&'a str),
    /// A request object at an address of the client's (RFC 9101 §5.2).
    Address(&'a str),
    /// A request that was pushed here before (RFC 9126 §4), by its digest.
    Pushed(SecretDigest),
}

impl<'a> Source<'a> {
    /// # Errors
    /// `invalid_request` when there is more than one.
    pub fn of(asked: &'a Form) -> Result<Self, OAuthError> {
        match (asked.find("request")?, asked.find("request_uri")?) {
            (None, None) => Ok(Self::Parameters),
            (Some(object), None) => Ok(Self::Object(object)),
            (None, Some(uri)) => Ok(match uri.strip_prefix(PUSHED) {
                Some(reference) => Self::Pushed(Secret::new(reference).digest()),
                None => Self::Address(uri),
            }),
            (Some(_), Some(_)) => Err(OAuthError::new(Reason::RequestTwice)),
        }
    }
}

/// The `request_uri` of a request that is pushed here under `reference`.
#[must_use]
pub fn pushed_request_uri(reference: &Secret) -> String {
    format!("{PUSHED}{}", reference.expose())
}

/// An authorization request, wherever its parameters stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub parameters: Form,
    /// True when the client signed them.
    pub is_signed: bool,
    /// True when the client pushed them.
    pub is_pushed: bool,
}

impl Asked {
    /// A request in its own parameters.
    #[must_use]
    pub fn plainly(parameters: &Form) -> Self {
        Self { parameters: parameters.clone(), is_signed: false, is_pushed: false }
    }

    /// The request, whose code only whoever has this key may exchange (RFC 9449 §10.1).
    ///
    /// # Errors
    /// `invalid_dpop_proof` when it names another key itself.
    pub fn bound_to(self, jkt: &Thumbprint) -> Result<Self, OAuthError> {
        if let Some(other) = self.parameters.find("dpop_jkt")?.filter(|named| *named != jkt.as_str()) {
            let error = OAuthError::new(Reason::DpopJktDiffers);
            return Err(error.sent("dpop_jkt", other).expected([jkt.as_str()]));
        }
        Ok(Self { parameters: self.parameters.with("dpop_jkt", jkt.as_str()), ..self })
    }

    /// The part of a request that is kept until its browser comes.
    #[must_use]
    pub fn to_be_kept(&self) -> Form {
        let kept = self.parameters.pairs().filter(|(name, _)| KEPT.contains(name));
        Form::from_pairs(kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// Makes sure that the client asked in the way that it must.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn check_way(&self, client: &Client) -> Result<(), OAuthError> {
        if client.rules().requires_push && !self.is_pushed {
            return Err(OAuthError::new(Reason::PushRequired));
        }
        if client.rules().requires_signature && !self.is_signed {
            return Err(OAuthError::new(Reason::SignatureRequired));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_stands_in_one_place() {
        let form = |query: &str| Form::parse(query.as_bytes()).unwrap();
        assert_eq!(Source::of(&form("scope=openid")), Ok(Source::Parameters));
        assert_eq!(Source::of(&form("request=a.b.c")), Ok(Source::Object("a.b.c")));
        assert_eq!(Source::of(&form("request_uri=https://a.example/r")), Ok(Source::Address("https://a.example/r")));
        let reference = Secret::new("r");
        let pushed = Form::default().with("request_uri", &pushed_request_uri(&reference));
        assert_eq!(Source::of(&pushed), Ok(Source::Pushed(reference.digest())));
        assert_eq!(Source::of(&form("request=a&request_uri=b")).unwrap_err().reason, Reason::RequestTwice);
        assert!(Source::of(&form("request=a&request=b")).is_err());
    }

    #[test]
    fn secrets_are_not_kept() {
        let form =
            Form::parse(b"client_id=a&client_secret=s&client_assertion=j&client_assertion_type=t&scope=openid&junk=x");
        assert_eq!(Asked::plainly(&form.unwrap()).to_be_kept().encode(), "client_id=a&scope=openid");
    }

    #[test]
    fn a_request_is_bound_to_one_key() {
        let (key, other) = (Thumbprint::kept("a".to_owned()), Thumbprint::kept("b".to_owned()));
        let plain = Asked::plainly(&Form::parse(b"scope=openid").unwrap());
        let bound = plain.bound_to(&key).unwrap();
        assert_eq!(bound.parameters.encode(), "scope=openid&dpop_jkt=a");
        assert_eq!(bound.clone().bound_to(&key), Ok(bound.clone()));
        assert_eq!(bound.bound_to(&other).unwrap_err().reason, Reason::DpopJktDiffers);
    }
}
