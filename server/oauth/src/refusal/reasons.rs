//! Every check that refuses, in one table: the word by which the activity keeps it, the code and the description of the answer, the
//! clause of the specification, the place where it is mended, and what to do.

use super::Place::{
    Agents, Application, Clients, Credentials, Danger, Deleted, NewScope, Password, Policy, Registration, Resources,
    Scopes, Server, Settings, Trusts, User, Users,
};
use super::table::reasons;

reasons! {
    // Any request.
    ParameterRepeated = "parameter_repeated", InvalidRequest, "a parameter was sent more than once",
        "RFC 6749 §3.1", Application, "Send each parameter once: in the query or in the body, not in both.";
    ParameterMissing = "parameter_missing", InvalidRequest, "a parameter is missing",
        "RFC 6749 §5.2", Application, "Send the parameter. A proxy that drops the body, or a request with the wrong Content-Type, looks like this, too.";
    BodyMalformed = "body_malformed", InvalidRequest, "the request is not well encoded",
        "RFC 6749 Appendix B", Application, "Send the parameters as application/x-www-form-urlencoded in UTF-8.";
    BodyTooLarge = "body_too_large", InvalidRequest, "the body is larger than 64 KiB",
        "RFC 9110 §15.5.14", Application, "Send less: no request of the protocol comes near 64 KiB. A proxy may have its own limit.";
    NoNavigation = "no_navigation", AccessDenied, "the address works only as a page that somebody opens",
        "W3C Fetch Metadata §2.2", Application, "Send the browser there: a link, a redirect or a form. A script, an image or a frame gets nothing.";
    CrossSite = "cross_site", AccessDenied, "the request comes from a page of another site",
        "W3C Fetch Metadata §3.1", Server, "Post from a page of this server. If it was one, ISSUER is not the address by which browsers know the server: compare them.";
    Malformed = "malformed", InvalidRequest, "the request is not well formed",
        "RFC 6749 §4.1.1", Application, "Build the address with a library that encodes each value.";
    ServerAway = "server_away", TemporarilyUnavailable, "the server cannot reach its database",
        "RFC 6749 §4.1.2.1", Server, "Look at the database, and at the log for this request ID.";
    ServerFailed = "server_failed", ServerError, "something went wrong on the server",
        "RFC 6749 §4.1.2.1", Server, "The log has the cause under this request ID.";
    TooSoon = "too_soon", TemporarilyUnavailable, "this address asked too often",
        "RFC 6585 §4", Server, "Wait as long as Retry-After says. If the address is that of a proxy, name the proxy in TRUSTED_PROXIES, so that callers are told apart.";

    // The authorization endpoint, before it is certain where the answer goes.
    ClientIdMissing = "client_id_missing", InvalidRequest, "client_id is missing",
        "RFC 6749 §4.1.1", Application, "Send the client_id that the page of the client shows.";
    UnknownClient = "unknown_client", InvalidClient, "the client is not known here, or its secret or signature is wrong",
        "RFC 6749 §3.1.2.4", Clients, "Compare the client_id with those of the console: it may be that of another installation.";
    ClientDisabled = "client_disabled", InvalidClient, "the client is disabled",
        "RFC 6749 §3.1.2.4", Danger, "A disabled client is refused as if it were unknown. Enable it, if it may be used.";
    ClientDeleted = "client_deleted", InvalidClient, "the client was deleted",
        "RFC 6749 §3.1.2.4", Deleted, "Restore it, or let the application use another client. What the recycle bin does not hold any more is registered anew.";
    ClientDocument = "client_document", InvalidClient, "the document of the client cannot be used",
        "OAuth Client ID Metadata Document §4", Agents, "Open the client_id in a browser: it must answer with the JSON document of the client.";
    ClientHost = "client_host", InvalidClient, "clients of this host are not allowed here",
        "OAuth Client ID Metadata Document §6", Agents, "Allow the host, if you know who runs it.";
    ForgottenClient = "forgotten_client", InvalidClient, "the registration of the client is not here any more",
        "RFC 7591 §1.1", Registration, "Let the program register again: it keeps the old client_id until its saved login is removed.";
    RedirectUriMissing = "redirect_uri_missing", InvalidRequest, "redirect_uri is missing",
        "OpenID Connect Core §3.1.2.1", Application, "Send the redirect_uri, exactly as it is registered.";
    RedirectUriUnregistered = "redirect_uri_unregistered", InvalidRequest, "the redirect_uri is not registered for this client",
        "RFC 9700 §2.1", Settings("redirect_uris"), "Register the URI as it is sent, or send one that is registered. They are compared character by character.";
    LogoutHintForeign = "logout_hint_foreign", InvalidRequest, "the id_token_hint is not an ID token of this server",
        "OpenID Connect RP-Initiated Logout §4", Application, "Send the ID token as this server gave it; it may have expired. One of another installation, or one that was cut, is none.";
    LogoutHintSealed = "logout_hint_sealed", InvalidRequest, "the id_token_hint is encrypted",
        "OpenID Connect RP-Initiated Logout §2", Application, "Decrypt the ID token, and send the signed one that is in it.";
    LogoutClientOther = "logout_client_other", InvalidRequest, "the client_id is not the one that the id_token_hint was issued to",
        "OpenID Connect RP-Initiated Logout §2", Application, "Send the client_id of the client that got the ID token, or leave it out.";
    LogoutUriUnregistered = "logout_uri_unregistered", InvalidRequest, "the post_logout_redirect_uri is not registered for the application",
        "OpenID Connect RP-Initiated Logout §3", Policy("post_logout_redirect_uris"), "Register the URI as it is sent, or send one that is registered. They are compared character by character. While none is registered, the redirect URIs count.";

    // The authorization endpoint.
    RequestTwice = "request_twice", InvalidRequest, "request and request_uri exclude each other",
        "RFC 9101 §5", Application, "Send the request object itself, or its address.";
    RequestObjectUnsigned = "request_object_unsigned", InvalidRequestObject, "the request object is not signed",
        "RFC 9101 §6.2", Application, "Sign the request object with a key of the client. An unsigned one says nothing that the parameters do not say themselves.";
    RequestObjectRefused = "request_object_refused", InvalidRequestObject, "the request object is refused",
        "RFC 9101 §6.3", Application, "The description says which part of the request object it is.";
    RequestObjectSealed = "request_object_sealed", InvalidRequestObject, "the request object cannot be decrypted",
        "RFC 9101 §6.1", Application, "Fetch the JWK Set of this server, and encrypt the signed request object to its key with use enc.";
    RequestObjectForged = "request_object_forged", InvalidRequestObject, "no key of the client signed the request object",
        "RFC 9101 §6.2", Settings("jwks"), "Compare the kid of the request object with the keys that are registered.";
    RequestObjectKeysAway = "request_object_keys_away", TemporarilyUnavailable, "the keys of the client cannot be had from its jwks_uri at the moment",
        "RFC 9101 §6.2", Settings("jwks_uri"), "Open the jwks_uri from this server's network.";
    AnswerKeysAway = "answer_keys_away", TemporarilyUnavailable, "the answer is to be encrypted, and the keys of the client cannot be had from its jwks_uri at the moment",
        "OpenID Connect Core §10.2", Settings("jwks_uri"), "Open the jwks_uri from this server's network.";
    AnswerKeyMissing = "answer_key_missing", TemporarilyUnavailable, "the answer is to be encrypted, and the client has no key for the algorithm that it is registered for",
        "OpenID Connect Core §10.2", Settings("jwks"), "Publish a key for the algorithm: without use, or with use enc. A set at an address is looked at again after a minute.";
    RequestObjectKeyless = "request_object_keyless", InvalidRequestObject, "this client has no keys by which its request objects could be verified",
        "RFC 9101 §6.2", Settings("jwks"), "Register the public keys of the client, or send the parameters themselves.";
    RequestObjectChanged = "request_object_changed", InvalidRequestUri, "the request object at this address became another one while somebody signed in",
        "RFC 9101 §6.3", Application, "Put each request object at an address of its own.";
    RequestUriUnregistered = "request_uri_unregistered", InvalidRequestUri, "the request_uri is not registered for this client",
        "OpenID Connect Core §6.2", Settings("request_uris"), "Register the address, or push the request.";
    RequestUriAway = "request_uri_away", InvalidRequestUri, "nothing that helps came from the request_uri",
        "OpenID Connect Core §6.2", Application, "Open the address from this server's network: it must answer with a request object.";
    PushedRequestGone = "pushed_request_gone", InvalidRequestUri, "the pushed request is not known, was used, or its time is over",
        "RFC 9126 §4", Application, "A pushed request is good for one authorization, and must come within a minute. Push it anew for each.";
    RequestUriPushed = "request_uri_pushed", InvalidRequest, "a request that is pushed has no request_uri",
        "RFC 9126 §2.1", Application, "Push the parameters, or a request object as the parameter request.";
    PushRequired = "push_required", InvalidRequest, "this client must push its authorization requests",
        "RFC 9126 §6", Settings("require_pushed_authorization_requests"), "Send the parameters to the pushed authorization request endpoint first.";
    SignatureRequired = "signature_required", InvalidRequest, "this client must sign its authorization requests",
        "RFC 9101 §10.5", Settings("require_signed_request_object"), "Send the parameters as a signed request object.";
    ResponseModePlain = "response_mode_plain", InvalidRequest, "this client must ask for signed answers: response_mode is jwt, query.jwt, fragment.jwt or form_post.jwt",
        "FAPI 2.0 Message Signing §5.4.1", Settings("security_profile"), "Set response_mode to jwt in the application's library, and let it verify the answer.";
    RegistrationParameter = "registration_parameter", RegistrationNotSupported, "the registration parameter is not supported",
        "OpenID Connect Core §7.2.1", Application, "Leave the registration parameter out.";
    ResponseTypeMissing = "response_type_missing", InvalidRequest, "response_type is missing; send response_type=code",
        "RFC 6749 §3.1.1", Application, "Send response_type=code.";
    ResponseTypeUnsupported = "response_type_unsupported", UnsupportedResponseType, "the only response type supported is code",
        "RFC 9700 §2.1.2", Application, "Use the authorization code flow with PKCE: response_type=code. An old client that cannot needs the security profile legacy.";
    ResponseTypeUnregistered = "response_type_unregistered", UnauthorizedClient, "this client is not registered for the response type",
        "RFC 6749 §4.2.2.1", Settings("response_types"), "Register the client for the response type, or send one that it is registered for.";
    ResponseTypeOff = "response_type_off", UnsupportedResponseType, "this server gives no tokens at its authorization endpoint any more",
        "RFC 9700 §2.1.2", Server, "Use response_type=code. The setting LEGACY_RESPONSE_TYPES, which this client was registered under, is off.";
    ResponseModeUnsupported = "response_mode_unsupported", InvalidRequest, "the response modes supported are query, fragment and form_post, and with .jwt behind them for a signed answer",
        "OAuth 2.0 Multiple Response Types §2.1", Application, "Send one that discovery lists, or none.";
    ResponseModeQuery = "response_mode_query", InvalidRequest, "an answer with tokens does not stand in the query",
        "OAuth 2.0 Multiple Response Types §3", Application, "Send response_mode=fragment or form_post, with .jwt behind it for a signed answer, or none.";
    IdTokenScope = "id_token_scope", InvalidScope, "there is no ID token without the scope openid",
        "OpenID Connect Core §3.1.2.1", Application, "Ask for the scope openid, or for a response type without id_token.";
    NonceMissing = "nonce_missing", InvalidRequest, "nonce is missing: an ID token of the authorization endpoint needs one",
        "OpenID Connect Core §3.2.2.1", Application, "Send a random nonce with each request, and compare it with that of the ID token.";
    ParameterTooLong = "parameter_too_long", InvalidRequest, "a parameter is too long",
        "RFC 6749 §4.1.2.1", Application, "Keep what belongs to the request in the application, and send a short key to it.";
    ScopeMalformed = "scope_malformed", InvalidScope, "scope is not a list of words",
        "RFC 6749 §3.3", Application, "Send words with one blank between them.";
    ScopeMissing = "scope_missing", InvalidScope, "scope is missing and this client has no default",
        "RFC 6749 §3.3", Policy("default_scopes"), "Send a scope, openid for a sign-in, or give the client a default scope.";
    ScopeNotAllowed = "scope_not_allowed", InvalidScope, "this client may not ask for the scope",
        "RFC 6749 §3.3", Settings("scope"), "Allow the client the scope, or ask for less.";
    ScopeUnknown = "scope_unknown", InvalidScope, "there is no such scope here",
        "RFC 6749 §3.3", NewScope, "Ask for a scope that there is: capital letters count. If a new one is meant, create it, then allow it to the client.";
    ScopeOfResource = "scope_of_resource", InvalidScope, "the scope is one of a resource that the request does not name",
        "RFC 8707 §2", Resources, "Send the identifier of the resource as the parameter resource. Its scopes need not be allowed in the settings of the client.";
    ScopeGone = "scope_gone", InvalidScope, "there is no longer such a scope",
        "RFC 6749 §3.3", Scopes, "Create the scope, or ask for one that there is.";
    PkceMissing = "pkce_missing", InvalidRequest, "code_challenge is missing: this client must use PKCE with the method S256",
        "RFC 9700 §2.1.1", Policy("require_pkce"), "Switch PKCE on in the application's library. A client that keeps a secret may go without, where its policy says so.";
    ProfilePkce = "profile_pkce", InvalidRequest, "code_challenge is missing: this client must use PKCE with the method S256",
        "OAuth 2.1 §4.1.1", Settings("security_profile"), "Switch PKCE on in the application's library. If it cannot, choose the security profile oidc.";
    PkceMethodAlone = "pkce_method_alone", InvalidRequest, "code_challenge_method was sent without code_challenge",
        "RFC 7636 §4.3", Application, "Send both, or neither.";
    PkceMethodUnsupported = "pkce_method_unsupported", InvalidRequest, "the only code_challenge_method supported is S256",
        "RFC 7636 §4.2", Application, "Send code_challenge_method=S256, and the challenge that belongs to it.";
    PkceMalformed = "pkce_malformed", InvalidRequest, "code_challenge is not the base64url encoding of a SHA-256 hash",
        "RFC 7636 §4.2", Application, "The challenge is the SHA-256 of the verifier in base64url without padding: 43 characters.";
    PromptUnsupported = "prompt_unsupported", InvalidRequest, "prompt has a value that is not supported",
        "OpenID Connect Core §3.1.2.1", Application, "Send none, login, consent or select_account.";
    PromptNoneNotAlone = "prompt_none_not_alone", InvalidRequest, "prompt=none stands alone",
        "OpenID Connect Core §3.1.2.1", Application, "Leave the other words out.";
    MaxAgeMalformed = "max_age_malformed", InvalidRequest, "max_age is not a whole number of seconds",
        "OpenID Connect Core §3.1.2.1", Application, "Send digits only.";
    ClaimsMalformed = "claims_malformed", InvalidRequest, "claims is not JSON of the shape of OpenID Connect Core 5.5",
        "OpenID Connect Core §5.5", Application, "Send an object with the members userinfo and id_token.";
    IdTokenHintUnknown = "id_token_hint_unknown", InvalidRequest, "id_token_hint is not an ID token of this server",
        "OpenID Connect Core §3.1.2.1", Application, "Send an ID token that this server gave, or leave the hint out.";
    LoginRequired = "login_required", LoginRequired, "nobody is signed in",
        "OpenID Connect Core §3.1.2.6", Application, "With prompt=none nobody is asked. Send the person here without it.";
    LoginTooOld = "login_too_old", LoginRequired, "the user must sign in again",
        "OpenID Connect Core §3.1.2.6", Application, "The login is too old, or of somebody else, and prompt=none asks nobody. Send the person here without it.";
    ConsentRequired = "consent_required", ConsentRequired, "the user has not allowed this yet",
        "OpenID Connect Core §3.1.2.6", Policy("consent_policy"), "Send the person here without prompt=none, or let the consent policy ask nobody.";
    Declined = "declined", AccessDenied, "the user declined",
        "RFC 6749 §4.1.2.1", Application, "The person said no. Say in the application why it needs what it asks for.";
    AcrUnmet = "acr_unmet", UnmetAuthenticationRequirements, "no login of this server reaches the requested acr",
        "OpenID Connect Core §5.5.1.1", Application, "Ask for an acr that discovery lists, or ask for it as a wish.";
    ClientsFull = "clients_full", TemporarilyUnavailable, "too many clients came to this server",
        "RFC 6749 §4.1.2.1", Agents, "Delete clients that nobody uses, or raise the number that may come by themselves.";

    // Resources.
    ResourcesTooMany = "resources_too_many", InvalidTarget, "a request names too many resources",
        "RFC 8707 §2", Application, "Ask for fewer resources at once.";
    ResourceMalformed = "resource_malformed", InvalidTarget, "a resource is an absolute URI without a fragment, of at most 2048 bytes",
        "RFC 8707 §2", Application, "Send the identifier as the resource's own metadata have it.";
    ResourceUnregistered = "resource_unregistered", InvalidTarget, "the resource is not registered at this server",
        "RFC 8707 §2", Resources, "Register the resource by this identifier, or send one that is registered.";
    ResourceNotAllowed = "resource_not_allowed", InvalidTarget, "this client may not ask for the resource",
        "RFC 8707 §2", Resources, "Name the client among those that may ask for the resource.";
    ResourceGone = "resource_gone", InvalidTarget, "the resource of this grant is not registered any more",
        "RFC 8707 §2.2", Resources, "Register or enable it again, or let the person authorize anew.";
    ResourceNotGranted = "resource_not_granted", InvalidTarget, "the resource was not granted in the first place",
        "RFC 8707 §2.2", Application, "Name the resource in the authorization request, too.";
    ResourcePending = "resource_pending", InvalidTarget, "the resource was found by its metadata, and waits for an administrator of this server",
        "RFC 8707 §2", Resources, "Accept the resource, if it is one of yours.";
    ResourceUnnamed = "resource_unnamed", InvalidTarget, "the request names no resource that the new token is for",
        "RFC 8693 §2.1", Application, "Send resource or audience.";
    NotAnExchanger = "not_an_exchanger", InvalidTarget, "a resource that tokens are exchanged for must name this client among those that may ask for it",
        "RFC 8693 §2.2.2", Resources, "Name the client among those that may ask for the resource.";
    AudienceUnregistered = "audience_unregistered", InvalidTarget, "the audience is not a resource of this server",
        "RFC 8693 §2.1", Resources, "Send the identifier of a resource, or register it.";

    // Authorization details.
    DetailsMalformed = "details_malformed", InvalidAuthorizationDetails, "authorization_details is not a JSON array of objects that have a type",
        "RFC 9396 §2", Application, "Send an array of different objects, each with the member type.";
    DetailsTooMany = "details_too_many", InvalidAuthorizationDetails, "authorization_details is too long",
        "RFC 9396 §5", Application, "Ask for less at once. What is granted stands in access tokens.";
    DetailsTypeUnknown = "details_type_unknown", InvalidAuthorizationDetails, "no resource of this server has authorization details of the type",
        "RFC 9396 §5", Resources, "Describe the type on the resource that it is about, or send one that discovery lists.";
    DetailsTypeNotAllowed = "details_type_not_allowed", InvalidAuthorizationDetails, "this client may not ask for authorization details of the type",
        "RFC 9396 §10", Settings("authorization_details_types"), "Allow the client the type. If the resource names its clients, name this one there, too.";
    DetailsRefused = "details_refused", InvalidAuthorizationDetails, "an object of authorization_details is not as its type says",
        "RFC 9396 §5", Application, "The description says which field it is. The page of the resource lists the fields of the type.";
    DetailsNotGranted = "details_not_granted", InvalidAuthorizationDetails, "the authorization details were not granted in the first place",
        "RFC 9396 §6", Application, "Ask for them in an authorization request. A token request narrows and never widens: lists may be shorter, and nothing else may differ.";
    DetailsGone = "details_gone", InvalidAuthorizationDetails, "nothing is left of the authorization details that were granted",
        "RFC 9396 §6", Resources, "The type or its resource was changed, or the client may not ask for it any more. Let the person authorize anew.";
    DetailsUnsupported = "details_unsupported", InvalidAuthorizationDetails, "authorization_details cannot be had in this way",
        "RFC 9396 §3", Application, "Ask for them with a code, by a device, or with client_credentials.";

    // Who the client is.
    ClientUnnamed = "client_unnamed", InvalidClient, "the request does not say which client it comes from",
        "RFC 6749 §3.2.1", Application, "Send client_id, HTTP Basic or a client assertion. A proxy may drop the Authorization header.";
    TwoProofs = "two_proofs", InvalidRequest, "the client authenticated in two ways at once",
        "RFC 6749 §2.3", Application, "Use one method. Many libraries send the secret in the header and in the body when they are told to do both.";
    ClientIdDiffers = "client_id_differs", InvalidRequest, "client_id differs from the Authorization header",
        "RFC 6749 §2.3.1", Application, "Send the same client_id in both, or none in the body.";
    BasicMalformed = "basic_malformed", InvalidClient, "the Authorization header is not well-formed HTTP Basic",
        "RFC 6749 §2.3.1", Application, "Encode ID and secret as in a form, join them with a colon, and encode the whole in Base64.";
    NotBasic = "not_basic", InvalidClient, "clients authenticate here by HTTP Basic or in the body",
        "RFC 6749 §2.3.1", Application, "Send HTTP Basic, or client_id and client_secret in the body.";
    SecretMissing = "secret_missing", InvalidClient, "this client must prove who it is: the request carries no secret",
        "RFC 6749 §3.2.1", Settings("token_endpoint_auth_method"), "Give the application the secret, or register the client as a public one.";
    SecretWrong = "secret_wrong", InvalidClient, "the client is not known here, or its secret or signature is wrong",
        "RFC 6749 §2.3.1", Credentials, "Compare the application's secret with the list of secrets. Secrets are not kept here: add a new one if it is lost.";
    SecretExpired = "secret_expired", InvalidClient, "the client is not known here, or its secret or signature is wrong",
        "RFC 6749 §2.3.1", Credentials, "The secret was right and has expired. Add another one and give it to the application.";
    SecretUnwanted = "secret_unwanted", InvalidClient, "this client is registered for the authentication method none: send no secret",
        "RFC 7591 §2", Settings("token_endpoint_auth_method"), "Take the secret out of the application, or register the client for a method with a secret.";
    AuthMethodOther = "auth_method_other", InvalidClient, "this client must authenticate by the method that it is registered for",
        "RFC 7591 §2", Settings("token_endpoint_auth_method"), "Set the method in the application's library, or register the client for the one that it uses.";
    AssertionMissing = "assertion_missing", InvalidClient, "this client must prove who it is: the request carries no client_assertion",
        "RFC 7523 §2.2", Settings("token_endpoint_auth_method"), "Give the application the private key, or register the client for another method.";
    CertificateMissing = "certificate_missing", InvalidClient, "this client must prove who it is by its certificate: the connection showed none",
        "RFC 8705 §2", Settings("token_endpoint_auth_method"), "Call the addresses of mtls_endpoint_aliases, with the certificate. The proxy must ask for it and hand it on in CLIENT_CERT_HEADER; the log says when that cannot be read.";
    CertificateUnverified = "certificate_unverified", InvalidClient, "no authority that the proxy trusts vouches for the certificate",
        "RFC 8705 §2.1", Server, "Let the proxy trust the authority of the client, and say so in CLIENT_CERT_VERIFY_HEADER.";
    CertificateOther = "certificate_other", InvalidClient, "the certificate is not one of this client",
        "RFC 8705 §2.1.2", Settings("tls_client_auth_subject"), "Compare the subject of the certificate with the one that is registered.";
    CertificateKeyOther = "certificate_key_other", InvalidClient, "the key of the certificate is not one of this client",
        "RFC 8705 §2.2", Settings("jwks"), "Add the public key of the certificate to the keys of the client.";
    AssertionHalf = "assertion_half", InvalidRequest, "client_assertion and client_assertion_type belong together",
        "RFC 7521 §4.2", Application, "Send both.";
    AssertionType = "assertion_type", InvalidClient, "the client_assertion_type is not one of this server",
        "RFC 7523 §2.2", Application, "Send urn:ietf:params:oauth:client-assertion-type:jwt-bearer.";
    AssertionRefused = "assertion_refused", InvalidClient, "the client assertion is refused",
        "RFC 7523 §3", Settings("jwks"), "The description says which part of the assertion it is.";
    AssertionForged = "assertion_forged", InvalidClient, "the client is not known here, or its secret or signature is wrong",
        "RFC 7523 §3", Settings("jwks"), "No key of the client signed the assertion. Compare its kid with the keys that are registered.";
    AssertionKeysAway = "assertion_keys_away", TemporarilyUnavailable, "the keys of the client cannot be had from its jwks_uri at the moment",
        "RFC 7591 §2", Settings("jwks_uri"), "Open the jwks_uri from this server's network.";
    ClientDocumentAway = "client_document_away", TemporarilyUnavailable, "the document of the client cannot be used at the moment",
        "OAuth Client ID Metadata Document §4", Agents, "Open the client_id in a browser: it must answer with the JSON document of the client.";
    ClientDelayed = "client_delayed", TemporarilyUnavailable, "too many wrong proofs for this client or from this address",
        "RFC 6749 §2.3.1", Credentials, "Something sends wrong secrets for this client. Find it by the address, then wait.";
    ClientChanging = "client_changing", TemporarilyUnavailable, "the client is being changed all the time",
        "RFC 6749 §5.2", Server, "Ask again. If it stays so, some script changes the client again and again.";

    // The token endpoint.
    GrantTypeUnsupported = "grant_type_unsupported", UnsupportedGrantType, "this server does not support that grant_type",
        "RFC 6749 §5.2", Application, "Send one that discovery lists.";
    GrantTypeUnregistered = "grant_type_unregistered", UnauthorizedClient, "this client is not registered for the grant type",
        "RFC 6749 §5.2", Settings("grant_types"), "Allow the client the grant type.";
    CodeUnknown = "code_unknown", InvalidGrant, "the code is not known, or belongs to another client",
        "RFC 6749 §5.2", Application, "Codes live a minute and are deleted soon after. Look whether the whole code was sent, to the server that gave it.";
    CodeOfAnother = "code_of_another", InvalidGrant, "the code is not known, or belongs to another client",
        "RFC 6749 §4.1.3", Application, "Use the same client_id at both endpoints.";
    CodeUsed = "code_used", InvalidGrant, "the code was used before; everything issued for it is revoked now",
        "RFC 6749 §4.1.2", Application, "A code is good once. Look for a page that loads twice, a retry, or two workers with one code.";
    CodeRevoked = "code_revoked", InvalidGrant, "the code was revoked",
        "RFC 6749 §5.2", Application, "The person signed out, or somebody took the authorization back. Let the person sign in again.";
    CodeExpired = "code_expired", InvalidGrant, "the code has expired",
        "RFC 6749 §4.1.2", Application, "Exchange the code at once. Clocks do not matter: this server's alone counts.";
    RedirectUriDiffers = "redirect_uri_differs", InvalidGrant, "redirect_uri is not the one of the authorization request",
        "RFC 6749 §4.1.3", Application, "Send the same redirect_uri to both endpoints. Behind a proxy, applications often build one from the wrong host.";
    RedirectUriOmitted = "redirect_uri_omitted", InvalidGrant, "redirect_uri is missing; the authorization request named one",
        "RFC 6749 §4.1.3", Application, "Send the same redirect_uri to both endpoints.";
    VerifierMissing = "verifier_missing", InvalidGrant, "code_verifier is missing; the authorization request sent a code_challenge",
        "RFC 7636 §4.5", Application, "Keep the verifier from one request to the other: in the session of the browser, not in memory of one worker.";
    VerifierWrong = "verifier_wrong", InvalidGrant, "code_verifier does not belong to the code_challenge",
        "RFC 7636 §4.6", Application, "Two sign-ins in two tabs overwrite one verifier: keep one for each state.";
    VerifierUnasked = "verifier_unasked", InvalidGrant, "code_verifier was sent, but the authorization request had no code_challenge",
        "RFC 9700 §4.8.2", Application, "Send the code_challenge, too. If you do, somebody took it out of the request on its way.";
    NothingLeft = "nothing_left", InvalidScope, "this client may not have any of these scopes any more",
        "RFC 6749 §3.3", Settings("scope"), "Allow the client the scopes again, or let the person authorize anew.";
    PersonGone = "person_gone", InvalidGrant, "what the token speaks of does not exist any more",
        "RFC 6749 §5.2", User, "Enable the person, if they may sign in.";
    RefreshUnknown = "refresh_unknown", InvalidGrant, "the refresh token is not known, or belongs to another client",
        "RFC 6749 §5.2", Application, "It was deleted long after its end, or it is of another server. Let the person sign in again.";
    RefreshOfAnother = "refresh_of_another", InvalidGrant, "the refresh token is not known, or belongs to another client",
        "RFC 6749 §6", Application, "Use the client_id that the token was given to.";
    RefreshRevoked = "refresh_revoked", InvalidGrant, "the refresh token was revoked",
        "RFC 6749 §5.2", Application, "The person signed out, or somebody took the authorization back. Let the person sign in again.";
    RefreshExpired = "refresh_expired", InvalidGrant, "the refresh token has expired",
        "RFC 6749 §5.2", Policy("refresh_token_ttl_days"), "Let the person sign in again, or let refresh tokens of this client live longer.";
    RefreshReplayed = "refresh_replayed", InvalidGrant, "the refresh token was used before; everything issued for it is revoked now",
        "RFC 9700 §4.14.2", Application, "Two parties went on from one token: a copy, or an old backup. The page of the client shows both.";
    FamilyLost = "family_lost", InvalidGrant, "the tokens made of this one are not known any more",
        "RFC 6749 §6", Server, "APP_SECRET was changed since. Let the person sign in again.";
    RefreshBusy = "refresh_busy", TemporarilyUnavailable, "the refresh token is used by others all the time",
        "RFC 6749 §5.2", Application, "Let one worker refresh for all.";
    ScopeNotGranted = "scope_not_granted", InvalidScope, "the scope was not granted in the first place",
        "RFC 6749 §6", Application, "A refresh narrows and never widens. Ask for the scope in an authorization request.";

    // Devices.
    DeviceCodeUnknown = "device_code_unknown", InvalidGrant, "the device code is not known, or belongs to another client",
        "RFC 8628 §3.5", Application, "Send the device_code as it was given, by the same client.";
    DeviceCodeUsed = "device_code_used", InvalidGrant, "the device code was used before",
        "RFC 8628 §3.5", Application, "Stop to poll when tokens have come.";
    DeviceCodeRevoked = "device_code_revoked", InvalidGrant, "the device code was revoked",
        "RFC 8628 §3.5", Application, "The person signed out or took it back. Ask for another code.";
    DeviceCodeExpired = "device_code_expired", ExpiredToken, "the device code has expired; ask for another one",
        "RFC 8628 §3.5", Application, "Nobody entered the code in time. Ask for another one.";
    DeviceDeclined = "device_declined", AccessDenied, "the person declined",
        "RFC 8628 §3.5", Application, "The person said no.";
    DevicePending = "device_pending", AuthorizationPending, "nobody has decided yet; ask again",
        "RFC 8628 §3.5", Application, "This is how waiting looks. Ask again after the interval.";
    DeviceTooFast = "device_too_fast", SlowDown, "the device asks too often",
        "RFC 8628 §3.5", Application, "Wait the interval of the answer between two polls, and five seconds more from now on.";
    PushedFull = "pushed_full", TemporarilyUnavailable, "too many pushed requests wait for somebody to sign in",
        "RFC 9126 §2.3", Server, "Ask again later.";

    DevicesFull = "devices_full", TemporarilyUnavailable, "too many devices wait for an answer",
        "RFC 8628 §3.2", Server, "Ask again later.";

    UserCodeDelayed = "user_code_delayed", AccessDenied, "too many wrong codes before it",
        "RFC 8628 §5.1", Application, "Wait. The delay is of the person and the address; the code on the device may be another one by then.";
    UserCodeUnknown = "user_code_unknown", InvalidGrant, "no device waits with this code",
        "RFC 8628 §3.3", Application, "A code is good for a quarter of an hour and for one answer. Let the device show another one.";

    // People who are asked for by name.
    HintMissing = "hint_missing", InvalidRequest, "nobody is named: send login_hint or id_token_hint",
        "CIBA §7.1", Application, "Say whom the request is about, in one way.";
    HintsTwice = "hints_twice", InvalidRequest, "the person is named in more than one way: send one hint",
        "CIBA §7.1", Application, "Send login_hint or id_token_hint, and not both.";
    LoginHintToken = "login_hint_token", InvalidRequest, "this server takes no login_hint_token: send login_hint or id_token_hint",
        "CIBA §7.1", Application, "Nobody has agreed with this server on the form of such tokens. Send what the person signs in with.";
    PersonUnknown = "person_unknown", UnknownUserId, "the hint names nobody who can sign in here",
        "CIBA §13", User, "Send the user name or the email address as the person types it. They must be enabled.";
    HintsTooMany = "hints_too_many", TemporarilyUnavailable, "the client named too many people whom nobody knows; ask again later",
        "CIBA §14", Application, "Ask for people whom the application knows. Looking for names is slowed down.";
    CibaScope = "ciba_scope", InvalidScope, "the scope must have openid",
        "CIBA §7.1", Application, "Ask for openid, and let the client have it.";
    BindingMessage = "binding_message", InvalidBindingMessage, "binding_message cannot be shown",
        "CIBA §13", Application, "Send a line of at most 100 characters that can all be seen.";
    NotificationToken = "notification_token", InvalidRequest, "client_notification_token is no bearer token of at most 1024 characters",
        "CIBA §7.1", Application, "Send letters, digits and -._~+/ only.";
    RequestedExpiry = "requested_expiry", InvalidRequest, "requested_expiry is no positive number of seconds",
        "CIBA §7.1", Application, "Send whole seconds, or leave it out.";
    BackchannelUnsigned = "backchannel_unsigned", InvalidRequest, "this client must sign its authentication requests: send request",
        "CIBA §7.1.1", Settings("backchannel_authentication_request_signing_alg"), "Sign the request, or let the client send it plainly. The FAPI profiles want it signed.";
    BackchannelBeside = "backchannel_beside", InvalidRequest, "a parameter stands beside a signed request",
        "CIBA §7.1.1", Application, "Put all parameters into the request, and send what proves the client beside it.";
    BackchannelRefused = "backchannel_refused", InvalidRequest, "the signed authentication request is refused",
        "CIBA §7.1.1", Application, "The description says which part of it. It is good once, and for an hour at most.";
    CibaFull = "ciba_full", TemporarilyUnavailable, "too many people are asked at this moment",
        "CIBA §7.2", Server, "Ask again later.";
    PersonBusy = "person_busy", TemporarilyUnavailable, "this person has been asked too often; wait for an answer",
        "CIBA §7.2", Application, "A client asks one person five times in a quarter of an hour at most; what was allowed does not count.";
    AuthReqIdUnknown = "auth_req_id_unknown", InvalidGrant, "the auth_req_id is not known, or belongs to another client",
        "CIBA §11", Application, "Send the auth_req_id as it was given, by the same client.";
    AuthReqIdUsed = "auth_req_id_used", InvalidGrant, "the auth_req_id was used before",
        "CIBA §11", Application, "Stop to poll when tokens have come.";
    AuthReqIdRevoked = "auth_req_id_revoked", InvalidGrant, "what was allowed was taken back",
        "CIBA §11", Application, "The person took it back, or got a new password. Ask again.";
    AuthReqIdExpired = "auth_req_id_expired", ExpiredToken, "the auth_req_id has expired; ask again",
        "CIBA §11", Application, "The person did not answer in time. They answer at /approve.";
    CibaDeclined = "ciba_declined", AccessDenied, "the person declined",
        "CIBA §11", Application, "The person said no.";
    CibaPending = "ciba_pending", AuthorizationPending, "the person has not answered yet; ask again",
        "CIBA §11", Application, "This is how waiting looks. Ask again after the interval.";
    CibaTooFast = "ciba_too_fast", SlowDown, "the client asks too often",
        "CIBA §11", Application, "Wait the interval of the answer between two polls, and five seconds more from now on.";

    // Proofs of possession.
    DpopMissing = "dpop_missing", InvalidDpopProof, "this client must prove that it has a key: the request has no DPoP header",
        "RFC 9449 §5.2", Settings("dpop_bound_access_tokens"), "Switch DPoP on in the application's library, or let the client have tokens that are bound to no key. A proxy may drop the header.";
    DpopRefused = "dpop_refused", InvalidDpopProof, "the DPoP proof is refused",
        "RFC 9449 §4.3", Application, "The description says which part of the proof it is.";
    DpopUsed = "dpop_used", InvalidDpopProof, "the DPoP proof was used before, and each is good once",
        "RFC 9449 §11.1", Application, "Make a proof for each request, for one that is sent again, too.";
    DpopNonce = "dpop_nonce", UseDpopNonce, "the DPoP proof is of another time, or its nonce is: send the nonce of this answer in it",
        "RFC 9449 §8", Application, "Libraries send the nonce by themselves. The clock of whoever made the proof is off: set it.";
    DpopJktMalformed = "dpop_jkt_malformed", InvalidRequest, "dpop_jkt is not the thumbprint of a key",
        "RFC 9449 §10", Application, "The thumbprint is the SHA-256 of RFC 7638 in base64url without padding: 43 characters.";
    DpopJktDiffers = "dpop_jkt_differs", InvalidDpopProof, "dpop_jkt is not the thumbprint of the key of the DPoP proof",
        "RFC 9449 §10.1", Application, "Use one key for both, or leave dpop_jkt out.";
    CertificateUnshown = "certificate_unshown", InvalidRequest, "tokens of this client are bound to its certificate: the connection showed none",
        "RFC 8705 §3", Settings("tls_client_certificate_bound_access_tokens"), "Call the addresses of mtls_endpoint_aliases, with the certificate.";
    CodeKeyOther = "code_key_other", InvalidGrant, "the code is bound to a key, and the request proves another one or none",
        "RFC 9449 §10", Application, "Keep the key from the authorization request to the token request.";
    RefreshKeyOther = "refresh_key_other", InvalidGrant, "the refresh token is bound to a key, and the request proves another one or none",
        "RFC 9449 §5", Application, "Keep the key as long as the refresh token. If it is lost, let the person sign in again.";

    // Exchange and assertions.
    ActorUnsupported = "actor_unsupported", InvalidRequest, "actor_token is not supported: the client that asks is the actor",
        "RFC 8693 §2.1", Application, "Leave actor_token out.";
    AudienceNotOne = "audience_not_one", InvalidRequest, "audience must name one authorization server, by its issuer",
        "RFC 8693 §2.1", Application, "Send one audience.";
    SubjectTokenType = "subject_token_type", InvalidRequest, "subject_token is not of a type that this server exchanges for that",
        "RFC 8693 §2.1", Application, "The description says which type it must be.";
    SubjectTokenRefused = "subject_token_refused", InvalidGrant, "the subject_token is not one that this client may exchange",
        "RFC 8693 §2.2.2", Resources, "The token has ended, or the resource that it is for does not name this client as one that may exchange it.";
    RequestedTokenType = "requested_token_type", InvalidRequest, "requested_token_type is not one of this server",
        "RFC 8693 §2.1", Application, "Ask for an access token, or for an ID-JAG.";
    ExchangeSector = "exchange_sector", InvalidGrant, "the subject_token was given to a client of another sector",
        "OpenID Connect Core §8.1", Settings("subject_type"), "Clients that know people by pairwise subjects exchange tokens within their sector. Give both the same sector identifier URI, or public subjects.";
    ExchangeScope = "exchange_scope", InvalidScope, "the token that is exchanged has nothing of this scope",
        "RFC 8693 §2.1", Application, "Ask for a part of what the token has.";
    ExchangeForeignScope = "exchange_foreign_scope", InvalidScope, "the resources that the new token is for have nothing of this scope",
        "RFC 8693 §2.1", Application, "Ask for scopes of the resources that the request names.";
    ActorsTooMany = "actors_too_many", InvalidRequest, "too many clients act one for another in this token",
        "RFC 8693 §4.1", Application, "Exchange the person's own token where you can.";
    AudienceUnknown = "audience_unknown", InvalidTarget, "the audience is not an authorization server that takes assertions of this one",
        "Identity Assertion Authorization Grant §4", Trusts, "Describe the authorization server as a trust.";
    AudienceClient = "audience_client", AccessDenied, "this client gets no assertions for that audience",
        "Identity Assertion Authorization Grant §4", Trusts, "Name the client in the trust.";
    AudiencePerson = "audience_person", AccessDenied, "this person may not act at that audience",
        "Identity Assertion Authorization Grant §4", Trusts, "Put the person into a group that the trust names.";
    AudienceResource = "audience_resource", InvalidTarget, "a resource is not one of that audience",
        "Identity Assertion Authorization Grant §4", Trusts, "Name one of the resources that the trust lists.";
    AudienceScope = "audience_scope", InvalidScope, "nothing of the scope may be asserted to that audience",
        "Identity Assertion Authorization Grant §4", Trusts, "Ask for less, or allow more in the trust.";
    GrantAssertionRefused = "grant_assertion_refused", InvalidGrant, "the assertion is refused",
        "RFC 7523 §3", Trusts, "The description says which part of the assertion it is.";
    GrantAssertionKeys = "grant_assertion_keys", TemporarilyUnavailable, "the keys of the issuer of the assertion cannot be had at the moment",
        "RFC 7523 §3", Trusts, "Open the keys of the issuer from this server's network, or give them by hand.";
    GrantAssertionResource = "grant_assertion_resource", InvalidTarget, "neither the assertion nor the server names a resource",
        "Identity Assertion Authorization Grant §3", Resources, "Make a resource the default, or let the issuer name one.";
    GrantAssertionScope = "grant_assertion_scope", InvalidScope, "the assertion and the resource allow nothing of the scope",
        "RFC 7523 §3.1", Resources, "Ask for a scope that both allow.";

    // Registration.
    RegistrationOff = "registration_off", AccessDenied, "registration is off",
        "RFC 7591 §3", Registration, "Switch registration on, or register the client by hand.";
    RegistrationToken = "registration_token", InvalidToken, "registration takes an initial access token, or the token of the registration itself",
        "RFC 7591 §3, RFC 7592 §2", Registration, "Make an initial access token on the page Registration. A registration is read, changed and deleted with the registration_access_token that it came with.";
    RegistrationUri = "registration_uri", InvalidRedirectUri, "a redirect URI cannot be registered",
        "RFC 7591 §3.2.2", Application, "The description says which one, and why.";
    RegistrationMetadata = "registration_metadata", InvalidClientMetadata, "the metadata of the client cannot be registered",
        "RFC 7591 §3.2.2", Registration, "The description says which member, and why.";
    RegistrationTooOften = "registration_too_often", TemporarilyUnavailable, "the client has described itself anew too often today",
        "RFC 7592 §2.2", Application, "Ask again tomorrow, with all that has changed. Each description is kept in the history of the client.";
    RegistrationChanging = "registration_changing", TemporarilyUnavailable, "the policy has just changed",
        "RFC 7591 §3", Registration, "Ask again.";

    // Access tokens.
    TokenMissing = "token_missing", InvalidToken, "a bearer token is needed",
        "RFC 6750 §3.1", Application, "Send the access token in the Authorization header.";
    TokenMalformed = "token_malformed", InvalidRequest, "the token was not sent as it should be",
        "RFC 6750 §3.1", Application, "Send Authorization: Bearer and the token, once.";
    TokenRefused = "token_refused", InvalidToken, "the access token is not known, has expired or was revoked",
        "RFC 6750 §3.1", Application, "Get another one. A token for a resource opens that resource, and nothing here.";
    TokenBound = "token_bound", InvalidToken, "the access token is bound to a key: it opens nothing without the scheme DPoP and a proof of that key",
        "RFC 9449 §7.1", Application, "Send Authorization: DPoP and the token, and a proof by the key that it was given for.";
    TokenUnbound = "token_unbound", InvalidToken, "the access token is bound to no key: it is sent by the scheme Bearer",
        "RFC 9449 §7.2", Application, "Send the proof to the token endpoint, too: the answer says token_type DPoP.";
    TokenCertificate = "token_certificate", InvalidToken, "the access token is bound to a certificate, and the connection showed another one or none",
        "RFC 8705 §3", Application, "Call the address of mtls_endpoint_aliases, with the certificate that the token was given to.";
    TokenScope = "token_scope", InsufficientScope, "the access token was not granted the scope",
        "RFC 6750 §3.1", Application, "Ask for the scope in the authorization request.";
    TokenOfNobody = "token_of_nobody", InsufficientScope, "the access token is of the client itself, so there is nobody to tell of",
        "OpenID Connect Core §5.3", Application, "Claims are of a person: send them to the authorization endpoint, and show the token that comes of it.";

    // People.
    PasswordWrong = "password_wrong", AccessDenied, "the password is wrong, or the account has none",
        "OpenID Connect Core §3.1.2.3", Password, "Give the person a new password, if they lost theirs.";
    NameUnknown = "name_unknown", AccessDenied, "nobody here has that username or email address",
        "OpenID Connect Core §3.1.2.3", Users, "What was typed is not kept: it may be a password. Ask the person for the name, and look it up.";
    AccountDisabled = "account_disabled", AccessDenied, "the account is disabled",
        "OpenID Connect Core §3.1.2.3", User, "Enable the account, if the person may sign in.";
    SignInDelayed = "sign_in_delayed", AccessDenied, "too many wrong passwords before it",
        "NIST SP 800-63B §5.2.2", Password, "Wait. The delay is of the account and the address; a right password ends it.";

    // Administrators.
    AdminTokenWrong = "admin_token_wrong", AccessDenied, "the admin token is wrong",
        "NIST SP 800-63B §5.2.2", Server, "If it was none of yours, somebody guesses: look at the address. signet admin-token reset makes another one.";
    AdminDelayed = "admin_delayed", AccessDenied, "too many wrong admin tokens before it",
        "NIST SP 800-63B §5.2.2", Server, "Wait. The delay is of the address; behind a proxy, TRUSTED_PROXIES tells callers apart.";
    AdminTokenMissing = "admin_token_missing", AccessDenied, "the call carries no admin token",
        "RFC 9110 §15.5.2", Application, "Send the admin token in the header X-Admin-Token: no other header is read. signet admin-token reset makes another one.";
    AdminParameterUnknown = "admin_parameter_unknown", InvalidRequest, "the call of the admin API has a parameter that it does not know",
        "RFC 9110 §15.5.1", Application, "The answer names the parameter. Those of each call are in /admin/openapi.json.";
    AdminNameTaken = "admin_name_taken", InvalidRequest, "the name is taken",
        "RFC 9110 §15.5.10", Application, "Choose another name, or change the one that has it.";
    AdminCallInvalid = "admin_call_invalid", InvalidRequest, "the call of the admin API has a body or a query that cannot be taken",
        "RFC 9110 §15.5.1", Application, "The answer names each member that is not right, and why. The shapes are in /admin/openapi.json.";
    AdminCallStale = "admin_call_stale", InvalidRequest, "the call of the admin API is about something that changed meanwhile",
        "RFC 9110 §15.5.10", Application, "Read the thing again, and make the change on what it is now.";

    // Clients that are told.
    LogoutUndelivered = "logout_undelivered", ServerError, "the application was not told that a session ended",
        "OpenID Connect Back-Channel Logout §2.8", Settings("backchannel_logout_uri"), "The application must take the POST at this address within five seconds and answer 200. Its tab Logout has a test.";
    PingUndelivered = "ping_undelivered", ServerError, "the application was not told that there is an answer",
        "CIBA §10.2", Settings("backchannel_client_notification_endpoint"), "The application must take the POST at this address within five seconds and answer 204. It gets its tokens by a poll, too.";
}
