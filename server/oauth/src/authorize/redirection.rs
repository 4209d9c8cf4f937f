//! The address of an answer. A redirect can only be built from a [`Redirection`], and that exists only for a client that is
//! registered and a redirect URI that is registered for it, or the page of this server where an administrator tries clients.

use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::{OAuthError, Problem};
use crate::form::Form;
use crate::id::{ClientId, Issuer, State};
use crate::metadata::path;
use crate::redirect_uri::RedirectUri;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::signed_answer::authorization_claims;
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// `response_mode` (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode).
    ResponseMode {
        #[default]
        Query = "query",
        Fragment = "fragment",
        FormPost = "form_post",
        /// Signed, in the way that is usual for the response type (JARM §2.3.4).
        Jwt = "jwt",
        QueryJwt = "query.jwt",
        FragmentJwt = "fragment.jwt",
        FormPostJwt = "form_post.jwt",
    }
}

impl ResponseMode {
    /// True when the answer is signed (JARM §2.3).
    #[must_use]
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Jwt | Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt)
    }

    /// True for a mode that names the query: servers write it down, so no token may stand there (Multiple Response Types §3, JARM §2.3.1).
    #[must_use]
    pub fn is_query(self) -> bool {
        matches!(self, Self::Query | Self::QueryJwt)
    }

    /// The mode of an answer with tokens, and of an error in its place.
    fn with_tokens(self) -> Self {
        match self {
            Self::Query => Self::Fragment,
            Self::Jwt | Self::QueryJwt => Self::FragmentJwt,
            other => other,
        }
    }
}

/// A verified way back to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection {
    client_id: ClientId,
    redirect_uri: String,
    response_mode: ResponseMode,
    state: Option<State>,
    issuer: Issuer,
}

/// The parts of an answer that grants something (RFC 6749 §4.1.2 and §4.2.2, OpenID Connect Core §3.2.2.5 and §3.3.2.5).
#[derive(Debug, Clone, Default)]
pub struct Granted {
    pub code: Option<Secret>,
    pub token: Option<GrantedToken>,
    pub id_token: Option<String>,
}

/// An access token that goes through the browser.
#[derive(Debug, Clone)]
pub struct GrantedToken {
    pub access_token: Secret,
    /// Seconds.
    pub expires_in: i64,
    pub scope: Scope,
}

/// An answer to the client, before it is signed, if it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationResponse<'a> {
    redirection: &'a Redirection,
    fields: Vec<(&'static str, String)>,
}

/// An answer on its way to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// `303 See Other` to this URL.
    Redirect(String),
    /// A page that posts these fields to the client.
    FormPost { action: String, fields: Vec<(&'static str, String)> },
}

/// The client that a request names.
///
/// # Errors
/// When it names none, or more than one.
pub fn find_client_id(parameters: &Form) -> Result<ClientId, Problem> {
    parameters.find("client_id").map_err(Problem::from)?.map(ClientId::new).ok_or(Problem::ClientIdMissing)
}

impl Redirection {
    /// Verifies where the answers to a request go. The redirect URI may be left out by a plain OAuth request of a client that
    /// has registered just one (RFC 6749 §3.1.2.3); OpenID Connect demands it (Core §3.1.2.1).
    ///
    /// # Errors
    /// When the redirect URI is missing or not registered: the user must then be shown a page, never redirected.
    pub fn verify(parameters: &Form, client: &Client, issuer: &Issuer) -> Result<Self, Problem> {
        Self::verify_with(parameters, client, issuer, None)
    }

    /// The same of a request that an administrator tries the client with: its answer comes back to the page of trials.
    ///
    /// # Errors
    /// As above.
    pub fn verify_trial(parameters: &Form, client: &Client, issuer: &Issuer) -> Result<Self, Problem> {
        Self::verify_with(parameters, client, issuer, Some(&issuer.url(path::TRIAL)))
    }

    fn verify_with(parameters: &Form, client: &Client, issuer: &Issuer, trial: Option<&str>) -> Result<Self, Problem> {
        let client_id = || client.client_id.to_string();
        let openid = parameters.text("scope").split(' ').any(|word| word == "openid");
        let redirect_uri =
            match (parameters.find("redirect_uri").map_err(Problem::from)?, client.redirect_uris.as_slice()) {
                (Some(requested), _) if client.find_redirect_uri(requested).is_some() => requested,
                (Some(requested), _) if trial == Some(requested) => requested,
                (Some(requested), _) => {
                    return Err(Problem::RedirectUriUnregistered {
                        client_id: client_id(),
                        redirect_uri: requested.to_owned(),
                    });
                }
                (None, [only]) if !openid && !client.rules().demands.pushed_requests => only.as_str(),
                (None, _) => return Err(Problem::RedirectUriMissing { client_id: client_id() }),
            };
        Ok(Self {
            client_id: client.client_id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            response_mode: response_mode(parameters, client),
            state: parameters.find("state").ok().flatten().map(State::new),
            issuer: issuer.clone(),
        })
    }

    /// True when the answer is a JWT.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.response_mode.is_signed()
    }

    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// The origin of the page that gets the answer; `None` for that of an app.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        RedirectUri::origin_of(&self.redirect_uri)
    }

    /// Sends what was granted with `state` and `iss` (RFC 9207 §2), and `session_state` (Session Management 1.0 §2) where there is one.
    #[must_use]
    pub fn success(&self, granted: &Granted, session_state: Option<String>) -> AuthorizationResponse<'_> {
        let mut fields = Vec::new();
        fields.extend(granted.code.iter().map(|code| ("code", code.expose().to_owned())));
        if let Some(token) = &granted.token {
            fields.push(("access_token", token.access_token.expose().to_owned()));
            fields.push(("token_type", "Bearer".to_owned()));
            fields.push(("expires_in", token.expires_in.to_string()));
            fields.push(("scope", token.scope.to_string()));
        }
        fields.extend(granted.id_token.iter().map(|id_token| ("id_token", id_token.clone())));
        fields.extend(session_state.map(|state| ("session_state", state)));
        self.answer(fields)
    }

    /// Sends an error (RFC 6749 §4.1.2.1) with `state` and `iss`. `error_uri` is the address of a page about it.
    #[must_use]
    pub fn error(&self, error: &OAuthError, error_uri: Option<String>) -> AuthorizationResponse<'_> {
        let mut fields = vec![
            ("error", error.code.as_str().to_owned()),
            ("error_description", error.description.clone().into_owned()),
        ];
        fields.extend(error_uri.map(|uri| ("error_uri", uri)));
        self.answer(fields)
    }

    fn answer(&self, mut fields: Vec<(&'static str, String)>) -> AuthorizationResponse<'_> {
        fields.extend(self.state.iter().map(|state| ("state", state.to_string())));
        fields.push(("iss", self.issuer.to_string()));
        AuthorizationResponse { redirection: self, fields }
    }

    fn deliver(&self, fields: Vec<(&'static str, String)>) -> Delivery {
        let encode = || form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        match self.response_mode {
            ResponseMode::Query | ResponseMode::Jwt | ResponseMode::QueryJwt if self.redirect_uri.ends_with('?') => {
                Delivery::Redirect(format!("{}{}", self.redirect_uri, encode()))
            }
            ResponseMode::Query | ResponseMode::Jwt | ResponseMode::QueryJwt => {
                let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
                Delivery::Redirect(format!("{}{separator}{}", self.redirect_uri, encode()))
            }
            ResponseMode::Fragment | ResponseMode::FragmentJwt => {
                Delivery::Redirect(format!("{}#{}", self.redirect_uri, encode()))
            }
            ResponseMode::FormPost | ResponseMode::FormPostJwt => {
                Delivery::FormPost { action: self.redirect_uri.clone(), fields }
            }
        }
    }
}

impl AuthorizationResponse<'_> {
    /// The claims to be signed; `None`: it is not to be (JARM §2.1).
    #[must_use]
    pub fn claims(&self, now: Timestamp) -> Option<Map<String, Value>> {
        let Redirection { issuer, client_id, response_mode, .. } = self.redirection;
        response_mode.is_signed().then(|| authorization_claims(&self.fields, issuer, client_id, now))
    }

    /// The way to the client; `jwt` are the claims, signed, if there are some.
    #[must_use]
    pub fn deliver(self, jwt: Option<String>) -> Delivery {
        let fields = match jwt {
            Some(jwt) => vec![("response", jwt)],
            None => self.fields,
        };
        self.redirection.deliver(fields)
    }
}

/// The mode of all answers to a request. One that is unknown or sent twice is an error, and errors need a mode: the default one. A
/// client that may get tokens so looks for its errors where they would stand (OpenID Connect Core §3.2.2.6, §3.3.2.6).
fn response_mode(parameters: &Form, client: &Client) -> ResponseMode {
    let sent = parameters.find("response_mode").ok().flatten().and_then(ResponseMode::find).unwrap_or_default();
    let gets_tokens = client.response_types().iter().any(|kind| kind.has_tokens());
    let wants_tokens = parameters.text("response_type").split(' ').any(|word| matches!(word, "token" | "id_token"));
    if gets_tokens && wants_tokens { sent.with_tokens() } else { sent }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::refusal::Reason;
    use crate::response_type::ResponseType;

    fn client(uris: &str) -> Client {
        ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: uris.into(),
            ..ClientDraft::preset(ClientKind::Web)
        }
        .check(None)
        .unwrap()
    }

    fn code() -> Granted {
        Granted { code: Some(Secret::new("c")), ..Granted::default() }
    }

    fn verify(query: &str, uris: &str) -> Result<Redirection, Problem> {
        let issuer = Issuer::parse("https://id.example").unwrap();
        Redirection::verify(&Form::parse(query.as_bytes()).unwrap(), &client(uris), &issuer)
    }

    #[test]
    fn the_answer_carries_state_and_issuer_and_keeps_the_query() {
        let redirection =
            verify("redirect_uri=https://a.example/cb?x=1&state=s+1", "https://a.example/cb?x=1").unwrap();
        assert_eq!(
            redirection.success(&code(), None).deliver(None),
            Delivery::Redirect("https://a.example/cb?x=1&code=c&state=s+1&iss=https%3A%2F%2Fid.example".into())
        );
    }

    #[test]
    fn each_response_mode_answers_in_its_place() {
        let uri = "https://a.example/cb";
        let fragment = verify(&format!("redirect_uri={uri}&response_mode=fragment"), uri).unwrap();
        let error = OAuthError::new(crate::refusal::Reason::PkceMissing);
        assert!(
            matches!(fragment.error(&error, None).deliver(None), Delivery::Redirect(url) if url.starts_with("https://a.example/cb#error="))
        );
        let post = verify(&format!("redirect_uri={uri}&response_mode=form_post"), uri).unwrap();
        assert!(matches!(post.error(&error, None).deliver(None), Delivery::FormPost { action, .. } if action == uri));
    }

    #[test]
    fn a_signed_answer_is_one_parameter_in_the_same_place() {
        let uri = "https://a.example/cb";
        for (mode, begin) in [("jwt", "?response=j"), ("query.jwt", "?response=j"), ("fragment.jwt", "#response=j")] {
            let redirection = verify(&format!("redirect_uri={uri}&response_mode={mode}&state=s"), uri).unwrap();
            let answer = redirection.success(&code(), None);
            let claims = answer.claims(Timestamp(1_000)).unwrap();
            let expected = serde_json::json!({
                "iss": "https://id.example", "aud": "app", "exp": 1_600, "code": "c", "state": "s",
            });
            assert_eq!(Value::Object(claims), expected, "{mode}");
            assert_eq!(answer.deliver(Some("j".into())), Delivery::Redirect(format!("{uri}{begin}")), "{mode}");
        }
        let post = verify(&format!("redirect_uri={uri}&response_mode=form_post.jwt"), uri).unwrap();
        let Delivery::FormPost { fields, .. } = post.success(&code(), None).deliver(Some("j".into())) else {
            panic!("it is posted")
        };
        assert_eq!(fields, [("response", "j".to_owned())]);
        assert!(
            verify(&format!("redirect_uri={uri}"), uri).unwrap().success(&code(), None).claims(Timestamp(0)).is_none()
        );
    }

    #[test]
    fn tokens_and_errors_in_their_place_never_stand_in_the_query() {
        let uri = "https://a.example/cb";
        let old = Client { response_types: vec![ResponseType::CodeToken], ..client(uri) };
        let issuer = Issuer::parse("https://id.example").unwrap();
        let mode = |client: &Client, query: &str| {
            let parameters = Form::parse(format!("redirect_uri={uri}&{query}").as_bytes()).unwrap();
            Redirection::verify(&parameters, client, &issuer).unwrap().response_mode
        };
        for (sent, expected) in [
            ("", ResponseMode::Fragment),
            ("&response_mode=query", ResponseMode::Fragment),
            ("&response_mode=form_post", ResponseMode::FormPost),
            ("&response_mode=jwt", ResponseMode::FragmentJwt),
            ("&response_mode=query.jwt", ResponseMode::FragmentJwt),
        ] {
            assert_eq!(mode(&old, &format!("response_type=token+code{sent}")), expected, "{sent}");
            assert_eq!(mode(&old, &format!("response_type=id_token{sent}")), expected, "{sent}, which it may not have");
        }
        for (client, query) in [(&old, "response_type=code"), (&old, ""), (&client(uri), "response_type=id_token")] {
            assert_eq!(mode(client, query), ResponseMode::Query, "{query}");
        }
        let parameters = Form::parse(format!("redirect_uri={uri}&response_type=code+token").as_bytes()).unwrap();
        let token =
            GrantedToken { access_token: Secret::new("t"), expires_in: 60, scope: Scope::parse("openid a").unwrap() };
        let granted = Granted { token: Some(token), ..code() };
        assert_eq!(
            Redirection::verify(&parameters, &old, &issuer).unwrap().success(&granted, None).deliver(None),
            Delivery::Redirect(format!(
                "{uri}#code=c&access_token=t&token_type=Bearer&expires_in=60&scope=openid+a&iss=https%3A%2F%2Fid.example"
            ))
        );
    }

    #[test]
    fn a_redirect_uri_that_is_not_registered_is_never_redirected_to() {
        let unregistered = verify("redirect_uri=https://evil.example/", "https://a.example/cb");
        assert!(matches!(unregistered, Err(Problem::RedirectUriUnregistered { .. })));
        let twice =
            verify("redirect_uri=https://a.example/cb&redirect_uri=https://evil.example", "https://a.example/cb");
        assert!(matches!(twice, Err(Problem::Malformed(Reason::ParameterRepeated, _))));
    }

    #[test]
    fn an_administrator_may_try_a_client_at_this_server_and_nowhere_else() {
        let issuer = Issuer::parse("https://id.example").unwrap();
        let at = |uri: &str| {
            let parameters = Form::parse(format!("redirect_uri={uri}").as_bytes()).unwrap();
            Redirection::verify_trial(&parameters, &client("https://a.example/cb"), &issuer).is_ok()
        };
        assert!(at("https://id.example/admin/ui/trial") && at("https://a.example/cb"));
        assert!(verify("redirect_uri=https://id.example/admin/ui/trial", "https://a.example/cb").is_err());
        for other in
            ["/admin/ui", "/admin/ui/trial/", "/admin/ui/trial?x=1", "/admin/ui/trial%23", "/admin/ui/../ui/trial"]
        {
            assert!(!at(&format!("https://id.example{other}")), "{other}");
        }
        assert!(!at("https://evil.example/admin/ui/trial") && !at("http://id.example/admin/ui/trial"));
    }

    #[test]
    fn the_only_redirect_uri_may_be_left_out_but_not_under_openid() {
        assert!(verify("scope=email", "https://a.example/cb").is_ok());
        assert!(verify("scope=openid", "https://a.example/cb").is_err());
        assert!(verify("scope=email", "https://a.example/cb https://b.example/cb").is_err());
    }
}
