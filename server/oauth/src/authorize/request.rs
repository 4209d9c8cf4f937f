//! An authorization request, once it is certain where the answer goes.

use std::collections::BTreeSet;

use crate::claims::ClaimsRequest;
use crate::client::{Client, GrantType};
use crate::error::OAuthError;
use crate::form::Form;
use crate::id::{ClientId, Nonce};
use crate::jwk::Thumbprint;
use crate::pkce::CodeChallenge;
use crate::refusal::Reason;
use crate::resource::Target;
use crate::response_type::ResponseType;
use crate::scope::{Scope, ScopeDefinition};
use crate::words::words;

use super::{Redirection, ResponseMode};

words! {
    /// `prompt` (OpenID Connect Core §3.1.2.1).
    Prompt {
        #[default]
        None = "none",
        Login = "login",
        Consent = "consent",
        SelectAccount = "select_account",
    }
}

/// The prompts of a request.
pub type PromptSet = BTreeSet<Prompt>;

/// The longest `nonce`, `state` and `claims`, in bytes.
const MAX_OPAQUE: usize = 4_096;

/// A request that the client may make.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorizationRequest {
    pub client_id: ClientId,
    pub redirect_uri: String,
    /// True when the request named the redirect URI; then the token request must name it too (RFC 6749 §4.1.3).
    pub redirect_uri_sent: bool,
    pub response_type: ResponseType,
    pub scope: Scope,
    pub nonce: Option<Nonce>,
    pub code_challenge: Option<CodeChallenge>,
    pub prompt: PromptSet,
    /// Seconds; its own, or those of its client.
    pub max_age: Option<i64>,
    pub id_token_hint: Option<String>,
    pub claims: ClaimsRequest,
    /// The resources that it is for (RFC 8707 §2.1).
    pub target: Target,
    /// `dpop_jkt`: the key of whoever may exchange the code (RFC 9449 §10).
    pub jkt: Option<Thumbprint>,
}

impl AuthorizationRequest {
    /// Every check of a request, in the order in which they answer. `target` are the resources that it is for, and `known` the
    /// scopes of this server and of them.
    ///
    /// # Errors
    /// The error that goes back to the client through `redirection`.
    pub fn verify(
        parameters: &Form,
        client: &Client,
        target: Target,
        known: &[ScopeDefinition],
        redirection: &Redirection,
    ) -> Result<Self, OAuthError> {
        check_unrepeated(parameters)?;
        check_no_registration(parameters)?;
        let response_type = check_response_type(parameters, client)?;
        check_response_mode(parameters, client, response_type)?;
        check_lengths(parameters)?;
        let scope = check_response_scope(check_scope(parameters, client, &target, known)?, response_type)?;
        check_details(&target, response_type)?;
        let code_challenge = if response_type.has_code() { check_pkce(parameters, client)? } else { None };
        let nonce = check_nonce(parameters, response_type)?;
        let prompt = check_prompt(parameters)?;
        let max_age = check_max_age(parameters)?.or(client.login.default_max_age);
        let claims = check_claims(parameters, client, known)?;
        let jkt = check_dpop_jkt(parameters)?;
        Ok(Self {
            client_id: client.client_id.clone(),
            redirect_uri: redirection.redirect_uri().to_owned(),
            redirect_uri_sent: parameters.find("redirect_uri")?.is_some(),
            response_type,
            scope,
            nonce,
            code_challenge,
            prompt,
            max_age,
            id_token_hint: parameters.find("id_token_hint")?.map(str::to_owned),
            claims,
            target,
            jkt,
        })
    }

    #[must_use]
    pub fn has_prompt(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }
}

fn check_unrepeated(parameters: &Form) -> Result<(), OAuthError> {
    Ok(parameters.check_unrepeated()?)
}

/// Ignoring a client that registers itself here would answer a different request (OpenID Connect Core §7.2.1).
fn check_no_registration(parameters: &Form) -> Result<(), OAuthError> {
    if parameters.find("registration")?.is_some() {
        return Err(OAuthError::new(Reason::RegistrationParameter));
    }
    Ok(())
}

fn check_response_type(parameters: &Form, client: &Client) -> Result<ResponseType, OAuthError> {
    let sent = parameters.find("response_type")?.ok_or_else(|| OAuthError::new(Reason::ResponseTypeMissing))?;
    let registered = client.response_types();
    let refused = |reason| Err(OAuthError::new(reason).sent("response_type", sent).expected(registered));
    let allowed = client.rules().demands.response_types;
    let Some(wanted) = ResponseType::parse(sent).filter(|wanted| allowed.contains(wanted)) else {
        return refused(Reason::ResponseTypeUnsupported);
    };
    if wanted == ResponseType::Code {
        client.check_may_use(GrantType::AuthorizationCode)?;
    }
    if registered.contains(&wanted) { Ok(wanted) } else { refused(Reason::ResponseTypeUnregistered) }
}

fn check_response_mode(parameters: &Form, client: &Client, response_type: ResponseType) -> Result<(), OAuthError> {
    let sent = parameters.find("response_mode")?;
    let mode = sent.map(ResponseMode::find);
    let refused = |reason| OAuthError::new(reason).sent("response_mode", sent.unwrap_or_default());
    if mode == Some(None) {
        return Err(refused(Reason::ResponseModeUnsupported).expected(ResponseMode::ALL));
    }
    let mode = mode.flatten();
    if client.rules().demands.signed_answers && !mode.unwrap_or_default().is_signed() {
        let signed = ResponseMode::ALL.iter().filter(|mode| mode.is_signed());
        return Err(refused(Reason::ResponseModePlain).expected(signed));
    }
    if mode.is_some_and(ResponseMode::is_query) && response_type.has_tokens() {
        return Err(refused(Reason::ResponseModeQuery));
    }
    Ok(())
}

/// The scope as far as the response type gives anything for it: there are ID tokens for `openid` only, and without a code there is no
/// refresh token (OpenID Connect Core §3.1.2.1, §11).
fn check_response_scope(scope: Scope, response_type: ResponseType) -> Result<Scope, OAuthError> {
    if response_type.has_id_token() && !scope.is_openid() {
        return Err(OAuthError::new(Reason::IdTokenScope).sent("scope", scope.to_string()).expected(["openid"]));
    }
    Ok(if response_type.has_code() { scope } else { scope.without("offline_access") })
}

/// An ID token that comes through the browser says to which request it belongs (OpenID Connect Core §3.2.2.1, §3.3.2.11).
fn check_nonce(parameters: &Form, response_type: ResponseType) -> Result<Option<Nonce>, OAuthError> {
    let nonce = parameters.find("nonce")?.map(Nonce::new);
    if nonce.is_none() && response_type.has_id_token() {
        return Err(OAuthError::new(Reason::NonceMissing));
    }
    Ok(nonce)
}

fn check_lengths(parameters: &Form) -> Result<(), OAuthError> {
    for name in ["state", "nonce", "claims"] {
        if parameters.find(name)?.is_some_and(|value| value.len() > MAX_OPAQUE) {
            return Err(OAuthError::because(
                Reason::ParameterTooLong,
                format!("{name} is longer than {MAX_OPAQUE} bytes"),
            ));
        }
    }
    Ok(())
}

/// At a resource a token without a scope has a meaning: it says who comes.
fn check_scope(
    parameters: &Form,
    client: &Client,
    target: &Target,
    known: &[ScopeDefinition],
) -> Result<Scope, OAuthError> {
    let requested = parameters.find("scope")?.map(Scope::parse).transpose();
    let requested = requested.map_err(|error| OAuthError::because(Reason::ScopeMalformed, error.to_string()))?;
    let scope = client.requested_scope_beside(requested.as_ref(), !target.details().is_empty(), known)?;
    if scope.is_empty() && target.is_empty() {
        return Err(OAuthError::new(Reason::ScopeMissing));
    }
    Ok(scope)
}

/// Authorization details are told beside each token (RFC 9396 §7), and an address has no room for them.
fn check_details(target: &Target, response_type: ResponseType) -> Result<(), OAuthError> {
    if response_type.has_token() && !target.details().is_empty() {
        return Err(OAuthError::new(Reason::DetailsUnsupported).sent("response_type", response_type.as_str()));
    }
    Ok(())
}

fn check_pkce(parameters: &Form, client: &Client) -> Result<Option<CodeChallenge>, OAuthError> {
    let method = parameters.find("code_challenge_method")?;
    let Some(challenge) = parameters.find("code_challenge")? else {
        return if client.rules().demands.pkce && !client.is_public() {
            Err(OAuthError::new(Reason::ProfilePkce).sent("security_profile", client.profile().as_str()))
        } else if client.rules().requires_pkce {
            Err(OAuthError::new(Reason::PkceMissing))
        } else if method.is_some() {
            Err(OAuthError::new(Reason::PkceMethodAlone))
        } else {
            Ok(None)
        };
    };
    // Without a method the challenge is a plain one (RFC 7636 section 4.3), and plain is refused.
    if method != Some("S256") {
        let sent = method.unwrap_or("plain");
        let error = OAuthError::new(Reason::PkceMethodUnsupported);
        return Err(error.sent("code_challenge_method", sent).expected(["S256"]));
    }
    CodeChallenge::find(challenge)
        .map(Some)
        .ok_or_else(|| OAuthError::new(Reason::PkceMalformed).sent("code_challenge", challenge))
}

fn check_prompt(parameters: &Form) -> Result<PromptSet, OAuthError> {
    let words = parameters.find("prompt")?.unwrap_or_default().split_whitespace();
    let prompts: PromptSet = words
        .map(|word| {
            let unsupported = || OAuthError::new(Reason::PromptUnsupported).sent("prompt", word).expected(Prompt::ALL);
            Prompt::find(word).ok_or_else(unsupported)
        })
        .collect::<Result<_, _>>()?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(OAuthError::new(Reason::PromptNoneNotAlone));
    }
    Ok(prompts)
}

fn check_max_age(parameters: &Form) -> Result<Option<i64>, OAuthError> {
    let Some(text) = parameters.find("max_age")? else {
        return Ok(None);
    };
    // Digits only: Rust's parser would take a sign, too.
    let seconds = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).map(str::parse);
    match seconds {
        Some(Ok(seconds)) => Ok(Some(seconds)),
        _ => Err(OAuthError::new(Reason::MaxAgeMalformed).sent("max_age", text)),
    }
}

/// Single claims that no scope of the client opens are left out: it cannot have by one parameter what it may not have by another.
fn check_claims(parameters: &Form, client: &Client, known: &[ScopeDefinition]) -> Result<ClaimsRequest, OAuthError> {
    let Some(text) = parameters.find("claims")? else {
        return Ok(ClaimsRequest::default());
    };
    let claims = ClaimsRequest::parse(text).map_err(|_| OAuthError::new(Reason::ClaimsMalformed))?;
    Ok(client.allowed_claims(claims, known))
}

fn check_dpop_jkt(parameters: &Form) -> Result<Option<Thumbprint>, OAuthError> {
    let Some(text) = parameters.find("dpop_jkt")? else {
        return Ok(None);
    };
    let malformed = || OAuthError::new(Reason::DpopJktMalformed).sent("dpop_jkt", text);
    Thumbprint::parse(text).map(Some).ok_or_else(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::error::ErrorCode;
    use crate::id::Issuer;
    use crate::scope::core_scopes;

    fn verify(kind: ClientKind, query: &str) -> Result<AuthorizationRequest, OAuthError> {
        let client = ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://a.example/cb".into(),
            ..ClientDraft::preset(kind)
        }
        .check(None)
        .unwrap();
        let form = Form::parse(format!("client_id=app&redirect_uri=https://a.example/cb&{query}").as_bytes()).unwrap();
        let redirection = Redirection::verify(&form, &client, &Issuer::parse("https://id.example").unwrap()).unwrap();
        AuthorizationRequest::verify(&form, &client, Target::default(), &core_scopes(), &redirection)
    }

    #[test]
    fn each_refusal_has_its_error() {
        use ErrorCode as E;
        for (query, code) in [
            ("", E::InvalidRequest),
            ("response_type=token", E::UnsupportedResponseType),
            ("response_type=code&response_mode=web_message", E::InvalidRequest),
            ("response_type=code&scope=admin", E::InvalidScope),
            ("response_type=code&scope=%22", E::InvalidScope),
            ("response_type=code&registration={}", E::RegistrationNotSupported),
            ("response_type=code&prompt=none+login", E::InvalidRequest),
            ("response_type=code&prompt=dance", E::InvalidRequest),
            ("response_type=code&max_age=-1", E::InvalidRequest),
            ("response_type=code&max_age=%2B5", E::InvalidRequest),
            ("response_type=code&max_age=+5", E::InvalidRequest),
            ("response_type=code&max_age=5.0", E::InvalidRequest),
            ("response_type=code&max_age=\u{665}", E::InvalidRequest),
            ("response_type=code&max_age=99999999999999999999", E::InvalidRequest),
            ("response_type=code&claims=[]", E::InvalidRequest),
            ("response_type=code&code_challenge=abc&code_challenge_method=S256", E::InvalidRequest),
            ("response_type=code&code_challenge_method=S256", E::InvalidRequest),
            ("response_type=code&nonce=1&nonce=2", E::InvalidRequest),
            ("response_type=code&dpop_jkt=abc", E::InvalidRequest),
            (
                "response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=plain",
                E::InvalidRequest,
            ),
            ("response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", E::InvalidRequest),
        ] {
            assert_eq!(verify(ClientKind::Web, query).unwrap_err().code, code, "{query}");
        }
    }

    #[test]
    fn a_public_client_must_use_pkce_and_a_confidential_one_may() {
        assert_eq!(verify(ClientKind::Spa, "response_type=code").unwrap_err().code, ErrorCode::InvalidRequest);
        let query =
            "response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        assert!(verify(ClientKind::Spa, query).unwrap().code_challenge.is_some());
        assert!(verify(ClientKind::Web, "response_type=code").unwrap().code_challenge.is_none());
    }

    #[test]
    fn what_is_not_known_is_ignored_and_what_is_missing_has_defaults() {
        let request =
            verify(ClientKind::Web, "response_type=code&extra=foobar&ui_locales=se&claims_locales=se&display=popup")
                .unwrap();
        assert_eq!(request.scope.to_string(), "openid profile email offline_access");
        assert!(request.prompt.is_empty());
    }

    #[test]
    fn a_machine_has_nobody_to_sign_in() {
        assert_eq!(verify(ClientKind::Machine, "response_type=code").unwrap_err().code, ErrorCode::UnauthorizedClient);
    }
}
