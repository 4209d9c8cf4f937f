//! Sign-in for an application: the authorization code flow with PKCE, by the crate `openidconnect`.

use std::time::{Duration, Instant};

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdToken, CoreTokenResponse};
use openidconnect::{
    AccessToken, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RefreshToken, RequestTokenError,
    Scope, TokenResponse as _, UserInfoClaims,
};
use reqwest::Url;

use super::failure::Failure;

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The registration of the application: which server, which client.
#[derive(Debug)]
pub(crate) struct RelyingParty {
    pub(crate) issuer: IssuerUrl,
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: Option<ClientSecret>,
    redirect_uri: RedirectUrl,
    home: PostLogoutRedirectUrl,
    pub(crate) http: reqwest::Client,
}

/// A login that has begun: what the answer must fit to. It stays in the browser's session on our side.
#[derive(Debug)]
pub(crate) struct Pending {
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    begun: Instant,
    /// It happens in a window of its own.
    pub(crate) popup: bool,
}

impl Pending {
    /// True while its answer may still come: ten minutes are enough for a password.
    pub(crate) fn is_fresh(&self) -> bool {
        self.begun.elapsed() < Duration::from_secs(600)
    }
}

/// Somebody who signed in. The tokens never reach the browser.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// The identifier of the person. Names and emails change, and may be given to somebody else; this does not.
    pub(crate) subject: String,
    pub(crate) name: String,
    pub(crate) expires: Instant,
    nonce: Nonce,
    id_token: CoreIdToken,
    pub(crate) access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
}

impl RelyingParty {
    /// `home` is where the application answers, with a slash at the end.
    pub(crate) fn new(issuer: String, client_id: String, secret: Option<String>, home: &str) -> Result<Self, Failure> {
        let setup = |error: &dyn std::error::Error| Failure::Setup(error.to_string());
        Ok(Self {
            issuer: IssuerUrl::new(issuer).map_err(|error| setup(&error))?,
            client_id: ClientId::new(client_id),
            client_secret: secret.map(ClientSecret::new),
            redirect_uri: RedirectUrl::new(format!("{home}callback")).map_err(|error| setup(&error))?,
            home: PostLogoutRedirectUrl::new(home.to_owned()).map_err(|error| setup(&error))?,
            // An answer of the server is for us; who follows its redirects may be led to a server of somebody else.
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(10))
                .build()
                .map_err(|error| setup(&error))?,
        })
    }

    /// The address of the application.
    pub(crate) fn home(&self) -> &Url {
        self.home.url()
    }

    /// Asks the server where its endpoints are and which keys it signs with. A busy application would keep the answer for
    /// some minutes.
    async fn discover(&self) -> Result<(Client, ProviderMetadataWithLogout), Failure> {
        let metadata = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http)
            .await
            .map_err(|error| Failure::Away(self.issuer.to_string(), error.to_string()))?;
        let client =
            CoreClient::from_provider_metadata(metadata.clone(), self.client_id.clone(), self.client_secret.clone())
                .set_redirect_uri(self.redirect_uri.clone());
        Ok((client, metadata))
    }

    /// The address where the browser signs in, and what to remember until it comes back.
    ///
    /// `state` ties the answer to this browser, `nonce` ties the ID token to this login, and the PKCE verifier proves
    /// at the end that whoever redeems the code is who asked for it.
    pub(crate) async fn begin(&self, scopes: &[&str], popup: bool) -> Result<(Url, Pending), Failure> {
        let (client, _) = self.discover().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        Ok((url, Pending { state, nonce, verifier, begun: Instant::now(), popup }))
    }

    /// Makes a login of what the browser brought to the redirect URI.
    pub(crate) async fn finish(&self, pending: Pending, answer: &Answer) -> Result<Login, Failure> {
        if answer.state.as_deref() != Some(pending.state.secret()) {
            return Err(Failure::NotBegun);
        }
        // An answer of another server, that somebody mixed in (RFC 9207).
        if answer.issuer.as_deref().is_some_and(|issuer| issuer != self.issuer.as_str()) {
            return Err(Failure::NotBegun);
        }
        if let Some(error) = &answer.error {
            return Err(Failure::refused(error, answer.description.as_deref()));
        }
        let code = answer.code.clone().ok_or(Failure::NotBegun)?;
        let (client, _) = self.discover().await?;
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(Failure::unexpected)?;
        let tokens = request.set_pkce_verifier(pending.verifier).request_async(&self.http).await;
        let tokens = tokens.map_err(|error| self.token_failure(error))?;
        let id_token = tokens.id_token().cloned().ok_or_else(|| Failure::unexpected("there is no ID token"))?;
        // Signature, issuer, audience, expiry and nonce.
        let claims = id_token.claims(&client.id_token_verifier(), &pending.nonce).map_err(Failure::unexpected)?;
        let subject = claims.subject().to_string();
        self.describe(&client, subject, pending.nonce, id_token, None, &tokens).await
    }

    /// New tokens for the refresh token. The server replaces that too, so the old one must be forgotten.
    pub(crate) async fn refresh(&self, login: &Login) -> Result<Login, Failure> {
        let old = login.refresh_token.as_ref().ok_or(Failure::Expired)?;
        let (client, _) = self.discover().await?;
        let request = client.exchange_refresh_token(old).map_err(Failure::unexpected)?;
        let tokens = request.request_async(&self.http).await.map_err(|error| self.token_failure(error))?;
        let mut id_token = login.id_token.clone();
        if let Some(new) = tokens.id_token() {
            // It has no nonce, or the one of the login, and must be about the same person (OpenID Connect Core §12.2).
            let fits = |nonce: Option<&Nonce>| match nonce {
                Some(nonce) if nonce.secret() != login.nonce.secret() => Err("the nonce is another".to_owned()),
                _ => Ok(()),
            };
            let claims = new.claims(&client.id_token_verifier(), fits).map_err(Failure::unexpected)?;
            if claims.subject().as_str() != login.subject {
                return Err(Failure::unexpected("the ID token is about somebody else"));
            }
            id_token = new.clone();
        }
        let (subject, nonce) = (login.subject.clone(), login.nonce.clone());
        self.describe(&client, subject, nonce, id_token, login.refresh_token.clone(), &tokens).await
    }

    /// Asks `/userinfo`, with the access token, for the name.
    async fn describe(
        &self,
        client: &Client,
        subject: String,
        nonce: Nonce,
        id_token: CoreIdToken,
        old: Option<RefreshToken>,
        tokens: &CoreTokenResponse,
    ) -> Result<Login, Failure> {
        let lifetime = tokens.expires_in().unwrap_or(Duration::from_secs(300));
        let mut login = Login {
            name: subject.clone(),
            subject,
            expires: Instant::now() + lifetime,
            nonce,
            id_token,
            access_token: tokens.access_token().clone(),
            refresh_token: tokens.refresh_token().cloned().or(old),
        };
        let expected = openidconnect::SubjectIdentifier::new(login.subject.clone());
        let request = client.user_info(login.access_token.clone(), Some(expected)).map_err(Failure::unexpected)?;
        let claims: UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim> =
            request.request_async(&self.http).await.map_err(Failure::unexpected)?;
        if let Some(name) = claims.preferred_username() {
            login.name = name.to_string();
        }
        Ok(login)
    }

    /// The address where the browser signs out at the server too (OpenID Connect RP-Initiated Logout §2).
    pub(crate) async fn end(&self, login: &Login) -> Result<Url, Failure> {
        let (_, metadata) = self.discover().await?;
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone();
        let endpoint = endpoint.ok_or_else(|| Failure::unexpected("the server has no end_session_endpoint"))?;
        Ok(LogoutRequest::from(endpoint)
            .set_id_token_hint(&login.id_token)
            .set_client_id(self.client_id.clone())
            .set_post_logout_redirect_uri(self.home.clone())
            .http_get_url())
    }

    fn token_failure<E: std::error::Error + 'static>(
        &self,
        error: RequestTokenError<E, openidconnect::StandardErrorResponse<openidconnect::core::CoreErrorResponseType>>,
    ) -> Failure {
        use openidconnect::core::CoreErrorResponseType::InvalidGrant;
        match error {
            RequestTokenError::ServerResponse(answer) if *answer.error() == InvalidGrant => Failure::Expired,
            RequestTokenError::ServerResponse(answer) => {
                Failure::refused(answer.error().as_ref(), answer.error_description().map(String::as_str))
            }
            RequestTokenError::Request(error) => Failure::Away(self.issuer.to_string(), error.to_string()),
            other => Failure::unexpected(other),
        }
    }
}

/// The parameters that the server sent the browser back with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) description: Option<String>,
}
