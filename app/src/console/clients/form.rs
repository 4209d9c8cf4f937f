//! The parts that the forms of a new and of a registered client share.

use leptos::prelude::*;
use oauth::certificate::HandedOn;
use oauth::client::{ClientAuthMethod, ClientDraft, ClientKind, GrantType, MAX_CLIENT_NAME, SecurityProfile};
use oauth::field::FieldErrors;
use oauth::jose::{AssertionAlg, SigningAlg, VerifyingAlg};
use oauth::response_type::ResponseType;
use oauth::scope::ScopeDefinition;

use crate::console::tips;
use crate::islands::{Check, UriRule};
use crate::ui::{Choice, Field, Tip, checkbox, checkbox_or_error, checkboxes, message, radio_cards, section, select};

/// A form with what was typed and what is wrong with it.
pub(super) struct ClientForm<'a> {
    pub(super) draft: &'a ClientDraft,
    pub(super) errors: &'a FieldErrors,
    pub(super) scopes: &'a [ScopeDefinition],
    /// Nobody signs in to it.
    pub(super) alone: bool,
}

impl ClientForm<'_> {
    fn kind(&self) -> ClientKind {
        ClientKind::find(&self.draft.kind).unwrap_or_default()
    }

    pub(super) fn error(&self, name: &str) -> Option<String> {
        message(self.errors, name)
    }

    pub(super) fn client_name(&self) -> AnyView {
        let (help, tip) = if self.alone {
            ("Administrators see it.", tips::MACHINE_NAME)
        } else {
            ("People see it when they sign in.", tips::CLIENT_NAME)
        };
        let field = Field::new("client_name", "Client name")
            .value(&self.draft.client_name)
            .help(help)
            .tip(tip)
            .error(self.error("client_name"))
            .autocomplete("off");
        field.check(Check::display_name(MAX_CLIENT_NAME)).view()
    }

    /// The ID of a client that does not exist yet.
    pub(super) fn new_client_id(&self, help: &'static str) -> AnyView {
        let field = Field::new("client_id", "Client ID")
            .value(&self.draft.client_id)
            .help(help)
            .tip(tips::CLIENT_ID)
            .error(self.error("client_id"))
            .autocomplete("off")
            .code();
        field.check(Check::NewClientId).view()
    }

    pub(super) fn redirect_uris(&self) -> AnyView {
        let native = self.kind() == ClientKind::Native;
        let (help, placeholder) = match self.kind() {
            ClientKind::Native => (
                "One a line. http://127.0.0.1/… matches any port; a scheme of one's own is a reversed domain name.",
                "http://127.0.0.1/callback\ncom.example.app:/callback",
            ),
            ClientKind::Machine => ("One a line. A machine has none.", ""),
            _ => ("One a line. A request must name one of them to the letter.", "https://app.example.com/callback"),
        };
        let field = Field::new("redirect_uris", "Redirect URIs")
            .value(&self.draft.redirect_uris)
            .help(help)
            .tip(tips::REDIRECT_URIS)
            .placeholder(placeholder)
            .error(self.error("redirect_uris"))
            .rows(4)
            .code();
        field.uris(UriRule::Redirect { native }).view()
    }

    pub(super) fn allowed_origins(&self) -> AnyView {
        let field = Field::new("allowed_origins", "CORS origins")
            .value(&self.draft.allowed_origins)
            .help("Pages on other origins that may call the token endpoint. Those of a public client's own pages always may.")
            .tip(tips::CORS_ORIGINS)
            .error(self.error("allowed_origins"))
            .rows(2)
            .code();
        field.uris(UriRule::Origin).view()
    }

    pub(super) fn grant_types(&self) -> AnyView {
        let choices = GrantType::ALL
            .iter()
            .filter(|grant| **grant != GrantType::Implicit || self.is_old() || self.error("grant_types").is_some())
            .map(|grant| {
                let help = match grant {
                    GrantType::Implicit => {
                        "Tokens come through the browser. It goes with the response types of old clients."
                    }
                    GrantType::AuthorizationCode => {
                        "People sign in, the client gets a code and exchanges it for tokens."
                    }
                    GrantType::RefreshToken => {
                        "New access tokens without asking again, for as long as the refresh token lives."
                    }
                    GrantType::DeviceCode => {
                        "A device without a browser shows a code, people type it elsewhere, the device gets tokens."
                    }
                    GrantType::Ciba => {
                        "The client asks for somebody by name, they answer at /approve, the client gets tokens."
                    }
                    GrantType::JwtBearer => {
                        "The client brings an assertion of an issuer that is trusted here: about a person, or about itself."
                    }
                    GrantType::TokenExchange => {
                        "The client exchanges tokens: to act for the same person elsewhere. It needs a secret, or a key."
                    }
                    GrantType::ClientCredentials => "The client gets tokens for itself. It needs a secret, or a key.",
                };
                Choice::new(grant, grant.as_str(), help)
            })
            .collect();
        checkboxes(
            "grant_types",
            "Grant types",
            "",
            tips::GRANT_TYPES,
            choices,
            &self.draft.grant_types,
            self.error("grant_types"),
        )
    }

    /// True for a client that may have response types with tokens.
    fn is_old(&self) -> bool {
        self.draft.security_profile == SecurityProfile::Legacy.as_str()
            || !self.draft.response_types.is_empty()
            || self.error("response_types").is_some()
    }

    /// The response types of an old client, folded away until one is chosen; other clients have but `code`.
    pub(super) fn response_types(&self) -> Option<AnyView> {
        let chosen: Vec<String> = self.draft.response_types.lines().map(str::to_owned).collect();
        self.is_old().then(|| {
            let choices = ResponseType::ALL.iter().map(|kind| Choice::new(kind, kind.as_str(), "")).collect();
            let (help, error) =
                ("Each needs the grant types that belong to it. With none ticked: code.", self.error("response_types"));
            let open = !chosen.is_empty() || error.is_some();
            let boxes =
                checkboxes("response_types", "Response types", help, tips::RESPONSE_TYPES, choices, &chosen, error);
            view! {
                <details class="more" open=open>
                    <summary>"Tokens through the browser"</summary>
                    {boxes}
                </details>
            }
            .into_any()
        })
    }

    /// The ways in which the client could prove itself here, and the one that it has.
    pub(super) fn auth_method(&self, certificates: HandedOn) -> AnyView {
        let chosen = &self.draft.token_endpoint_auth_method;
        let choices = ClientAuthMethod::ALL
            .iter()
            .filter(|method| certificates.allows(**method) || chosen == method.as_str())
            .map(|method| {
                let help = match method {
                    ClientAuthMethod::ClientSecretBasic => {
                        "A secret, in the Authorization header as most libraries send it. In the body it is good, too."
                    }
                    ClientAuthMethod::ClientSecretPost => {
                        "A secret, in the body of the request. In the Authorization header it is good, too."
                    }
                    ClientAuthMethod::ClientSecretJwt => {
                        "A JWT that the client makes with a secret, which never travels. With this choice all its secrets end: make one under Credentials."
                    }
                    ClientAuthMethod::PrivateKeyJwt => {
                        "A JWT that the client signs with a key of its own. Give the public key below. Secrets that it has end with this choice."
                    }
                    ClientAuthMethod::Tls => "A certificate of an authority that the proxy trusts. Give its subject below. Secrets that it has end with this choice.",
                    ClientAuthMethod::SelfSignedTls => {
                        "A certificate that the client made itself. Give its public key below. Secrets that it has end with this choice."
                    }
                    ClientAuthMethod::None => "A public client: it must use PKCE. Secrets that it has end with this choice.",
                };
                Choice::new(method, method.as_str(), help)
            })
            .collect();
        radio_cards(
            "token_endpoint_auth_method",
            "Client authentication",
            tips::CLIENT_AUTHENTICATION,
            choices,
            chosen,
            self.error("token_endpoint_auth_method"),
        )
    }

    /// The keys of a client, and its certificate, folded away until it has one.
    pub(super) fn keys(&self) -> AnyView {
        let jwks = Field::new("jwks", "Public keys")
            .value(&self.draft.jwks)
            .help("A JWK Set, for private_key_jwt and self_signed_tls_client_auth. Public keys only.")
            .tip(tips::CLIENT_KEYS)
            .placeholder("{\"keys\": [ … ]}")
            .error(self.error("jwks"))
            .rows(4)
            .code();
        let jwks_uri = Field::new("jwks_uri", "Address of the public keys")
            .value(&self.draft.jwks_uri)
            .help("In place of the keys, where the client publishes them.")
            .tip(tips::CLIENT_KEYS_ADDRESS)
            .kind("url")
            .placeholder("https://")
            .error(self.error("jwks_uri"))
            .code();
        let any = Choice::new("", "Any that the keys are for", "");
        let algs = AssertionAlg::ALL.iter().map(|alg| Choice::new(alg, alg.as_str(), ""));
        let alg = select(
            "token_endpoint_auth_signing_alg",
            "Assertion algorithm",
            "What the client's assertions must be signed by.",
            tips::ASSERTION_ALGORITHM,
            std::iter::once(any).chain(algs).collect(),
            &self.draft.token_endpoint_auth_signing_alg,
            self.error("token_endpoint_auth_signing_alg"),
        );
        view! { {jwks.view()} {jwks_uri.check(Check::FetchedUrl).view()} {alg} {self.certificate()} }.into_any()
    }

    /// Nothing for a client that proves itself by less than a key: its certificate is asked for once it does.
    fn certificate(&self) -> Option<AnyView> {
        let draft = self.draft;
        let error = self.error("tls_client_auth_subject");
        let open = error.is_some()
            || !draft.tls_client_auth_subject.is_empty()
            || draft.tls_client_certificate_bound_access_tokens
            || self.error("tls_client_certificate_bound_access_tokens").is_some();
        let methods = ["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"];
        if !open && !methods.contains(&draft.token_endpoint_auth_method.as_str()) {
            return None;
        }
        let subject = Field::new("tls_client_auth_subject", "Certificate subject")
            .value(&draft.tls_client_auth_subject)
            .help("For tls_client_auth: one of DN:, DNS:, URI:, IP: and email:, and what stands in the certificate.")
            .tip(tips::CERTIFICATE_SUBJECT)
            .placeholder("DN:CN=shop,O=Example")
            .error(error)
            .code();
        let bound = checkbox_or_error(
            "tls_client_certificate_bound_access_tokens",
            (
                "Requires its certificate",
                "Token requests without a certificate are refused, and its tokens open nothing without it.",
            ),
            tips::CERTIFICATE_BOUND,
            draft.tls_client_certificate_bound_access_tokens,
            self.error("tls_client_certificate_bound_access_tokens"),
        );
        let view = view! {
            <details class="more" open=open>
                <summary>"Certificates"</summary>
                {subject.view()} {bound}
            </details>
        };
        Some(view.into_any())
    }

    /// The ways in which its requests come, folded away until one of them is used.
    pub(super) fn requests(&self) -> AnyView {
        let draft = self.draft;
        let uris = Field::new("request_uris", "Request URIs")
            .value(&draft.request_uris)
            .help("One a line. Addresses of the client's signed requests.")
            .tip(tips::REQUEST_URIS)
            .error(self.error("request_uris"))
            .rows(2)
            .code();
        let any = Choice::new("", "Any that the keys are for", "");
        let alg = select(
            "request_object_signing_alg",
            "Request algorithm",
            "What the client's requests must be signed by, where they are signed.",
            tips::REQUEST_ALGORITHM,
            std::iter::once(any)
                .chain(VerifyingAlg::ALL.iter().map(|alg| Choice::new(alg, alg.as_str(), "")))
                .collect(),
            &draft.request_object_signing_alg,
            self.error("request_object_signing_alg"),
        );
        let pushed = checkbox(
            "require_pushed_authorization_requests",
            "Requires pushed requests",
            "Requests that were not pushed here first are refused.",
            tips::PUSHED_REQUESTS,
            draft.require_pushed_authorization_requests,
        );
        let signed = checkbox_or_error(
            "require_signed_request_object",
            (
                "Requires signed requests",
                "Requests that the client did not sign are refused. It needs a public key above.",
            ),
            tips::SIGNED_REQUESTS,
            draft.require_signed_request_object,
            self.error("require_signed_request_object"),
        );
        let bound = checkbox_or_error(
            "dpop_bound_access_tokens",
            (
                "Requires a proof of its key",
                "Token requests without a proof (DPoP) are refused, and its tokens open nothing without one.",
            ),
            tips::BOUND_TOKENS,
            draft.dpop_bound_access_tokens,
            self.error("dpop_bound_access_tokens"),
        );
        let fields = ["request_uris", "request_object_signing_alg", "require_signed_request_object"];
        let open = fields.iter().any(|field| self.error(field).is_some())
            || draft.require_pushed_authorization_requests
            || draft.require_signed_request_object
            || draft.dpop_bound_access_tokens
            || !draft.request_uris.is_empty()
            || !draft.request_object_signing_alg.is_empty();
        view! {
            <details class="more" open=open>
                <summary>"Pushed, signed and proven requests"</summary>
                {pushed} {signed} {bound}
                {uris.uris(UriRule::Request).view()} {alg}
            </details>
        }
        .into_any()
    }

    pub(super) fn scope(&self) -> AnyView {
        let help = "What the client may ask for.";
        let tip = if self.alone { tips::MACHINE_SCOPES } else { tips::CLIENT_SCOPES };
        scope_boxes("scope", "Scopes", help, tip, self.scopes, &self.draft.scope, self.error("scope"))
    }

    pub(super) fn alg(&self) -> AnyView {
        let choices = SigningAlg::ALL.into_iter().map(|alg| Choice::new(alg, alg.as_str(), "")).collect();
        select(
            "id_token_signed_response_alg",
            "ID token algorithm",
            "RS256 is understood by every client.",
            tips::ID_TOKEN_ALGORITHM,
            choices,
            &self.draft.id_token_signed_response_alg,
            self.error("id_token_signed_response_alg"),
        )
    }

    /// The algorithms of answers that are signed for those who ask, folded away until one is chosen.
    pub(super) fn signed_answers(&self) -> AnyView {
        let draft = self.draft;
        let fields = [
            (
                "userinfo_signed_response_alg",
                "Userinfo algorithm",
                tips::USERINFO_ALGORITHM,
                "None: plain JSON",
                &draft.userinfo_signed_response_alg,
            ),
            (
                "authorization_signed_response_alg",
                "Authorization response algorithm",
                tips::AUTHORIZATION_ALGORITHM,
                "The usual one",
                &draft.authorization_signed_response_alg,
            ),
            (
                "introspection_signed_response_alg",
                "Introspection algorithm",
                tips::INTROSPECTION_ALGORITHM,
                "The usual one",
                &draft.introspection_signed_response_alg,
            ),
        ];
        let open = fields.iter().any(|(name, .., value)| !value.is_empty() || self.error(name).is_some());
        let selects = fields
            .into_iter()
            .map(|(name, label, tip, none, value)| {
                let algs = SigningAlg::ALL.into_iter().map(|alg| Choice::new(alg, alg.as_str(), ""));
                let choices = std::iter::once(Choice::new("", none, "")).chain(algs).collect();
                select(name, label, "", tip, choices, value, self.error(name))
            })
            .collect_view();
        view! {
            <details class="more" open=open>
                <summary>"Signed answers"</summary>
                {selects}
            </details>
        }
        .into_any()
    }

    pub(super) fn may_introspect(&self) -> AnyView {
        let help =
            "For an API that gets access tokens and asks about them at /introspect. Others learn about their own only.";
        let checked = self.draft.may_introspect;
        checkbox("may_introspect", "Reads tokens of other clients", help, tips::MAY_INTROSPECT, checked)
    }

    /// The addresses that are called when somebody signs out, and at which a login begins; folded away while there are none.
    pub(super) fn logout(&self) -> AnyView {
        let address = |name: &str, label: &'static str, help: &'static str, tip: Tip, value: &str| {
            let field = Field::new(name, label).help(help).tip(tip).value(value).kind("url").placeholder("https://");
            field.error(self.error(name)).code().check(Check::WebUrl).view()
        };
        let draft = self.draft;
        let names = ["backchannel_logout_uri", "frontchannel_logout_uri", "initiate_login_uri"];
        let values = [&draft.backchannel_logout_uri, &draft.frontchannel_logout_uri, &draft.initiate_login_uri];
        let open =
            values.iter().any(|value| !value.is_empty()) || names.iter().any(|name| self.errors.find(name).is_some());
        let sign_out = view! {
            {address(
                "backchannel_logout_uri",
                "Back-channel logout URI",
                "Gets a signed logout token when a session ends, in whatever way.",
                tips::BACKCHANNEL_LOGOUT,
                &draft.backchannel_logout_uri,
            )}
            {checkbox(
                "backchannel_logout_session_required",
                "Logout tokens need the session",
                "They always say which one ended.",
                tips::BACKCHANNEL_SESSION,
                draft.backchannel_logout_session_required,
            )}
            {address(
                "frontchannel_logout_uri",
                "Front-channel logout URI",
                "Is opened in the browser in which somebody signs out. Of the origin of a redirect URI.",
                tips::FRONTCHANNEL_LOGOUT,
                &draft.frontchannel_logout_uri,
            )}
            {checkbox(
                "frontchannel_logout_session_required",
                "Frames need the session",
                "Adds iss and sid to the address.",
                tips::FRONTCHANNEL_SESSION,
                draft.frontchannel_logout_session_required,
            )}
        };
        let login = address(
            "initiate_login_uri",
            "Login URI",
            "Where people begin who come from the list of their applications.",
            tips::INITIATE_LOGIN,
            &draft.initiate_login_uri,
        );
        view! {
            <details class="more" open=open>
                <summary>"Sign-out, and logins that begin here"</summary>
                <div class="sections">
                    {section("Sign-out", "How it hears that somebody’s session ended. What became of that is under Logout.", sign_out)}
                    {section("Logins", "Where this server sends people to sign in.", login)}
                </div>
            </details>
        }
        .into_any()
    }
}

/// A box for each scope of the server, and for each that is chosen though the server does not know it (any more).
pub(super) fn scope_boxes(
    name: &str,
    legend: &str,
    help: &str,
    tip: Tip,
    scopes: &[ScopeDefinition],
    chosen: &str,
    error: Option<String>,
) -> AnyView {
    let chosen: Vec<String> = chosen.split_whitespace().map(str::to_owned).collect();
    let known = scopes.iter().map(|scope| Choice::new(&scope.name, scope.name.as_str(), &scope.description));
    let unknown = chosen
        .iter()
        .filter(|word| !scopes.iter().any(|scope| scope.name.as_str() == word.as_str()))
        .map(|word| Choice::new(word, word, "Not a scope of this server."));
    checkboxes(name, legend, help, tip, known.chain(unknown).collect(), &chosen, error)
}
