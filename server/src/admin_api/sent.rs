//! The bodies that the admin API takes, for the OpenAPI document. `body.rs` reads them.
#![expect(dead_code, reason = "these types are described, not built: bodies are read member by member")]

use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A list: an array of strings, or words in one string, separated by spaces or line ends.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum Words {
    Array(Vec<String>),
    Text(String),
}

/// A list: an array of strings, or one string with line ends.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum Lines {
    Array(Vec<String>),
    Text(String),
}

/// A new client.
#[derive(ToSchema)]
pub(super) struct NewClient {
    /// Letters, digits and `-._~`, at most 128; or the https URL of a client that is known by its document, at most 255. It cannot be
    /// changed later.
    #[schema(example = "demo", min_length = 1, max_length = 255, pattern = "^([A-Za-z0-9._~-]+|https://.+)$")]
    client_id: String,
    #[serde(flatten)]
    rest: ClientBody,
}

/// A client. With PUT and PATCH, members that are not sent stay as they are.
#[derive(ToSchema)]
pub(super) struct ClientBody {
    /// The client ID unless sent.
    #[schema(example = "Demo", max_length = 200)]
    client_name: Option<String>,
    /// Chosen by the caller, at least 32 characters. Made here if it is not sent and the client needs one. With PUT and PATCH it
    /// takes the place of the secrets that there are.
    #[schema(min_length = 32, max_length = 512)]
    client_secret: Option<String>,
    /// People can sign in once there is one.
    redirect_uris: Option<Words>,
    /// A scope that the server does not know is created, its name for a description.
    #[schema(default = "openid profile email")]
    scope: Option<Words>,
    /// The types of authorization details that it may ask for (RFC 9396 §10), each one of a resource.
    authorization_details_types: Option<Words>,
    /// Of `authorization_code`, `refresh_token`, `client_credentials`, `urn:ietf:params:oauth:grant-type:device_code`,
    /// `urn:openid:params:grant-type:ciba`,
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer`, `urn:ietf:params:oauth:grant-type:token-exchange` and `implicit`.
    #[schema(default = "authorization_code")]
    grant_types: Option<Words>,
    /// `code`, and those that the profile `legacy` allows besides. In one string, with commas between them.
    #[schema(default = "code")]
    response_types: Option<Words>,
    #[schema(
        default = "client_secret_basic",
        pattern = "^(client_secret_basic|client_secret_post|client_secret_jwt|private_key_jwt|tls_client_auth|self_signed_tls_client_auth|none)$"
    )]
    token_endpoint_auth_method: Option<String>,
    /// An older name for a part of the policy: false says `consent_policy: skip`.
    #[schema(default = true)]
    require_consent: Option<bool>,
    /// True: `/introspect` tells it about access tokens of other clients. For APIs that get tokens and ask about them.
    #[schema(default = false)]
    may_introspect: Option<bool>,
    policy: Option<PolicyBody>,
    /// Guessed from the rest if it is not sent.
    #[schema(pattern = "^(web|spa|native|machine)$")]
    kind: Option<String>,
    #[schema(default = true)]
    enabled: Option<bool>,
    allowed_origins: Option<Words>,
    /// The public keys of a client that is known by them: a JWK Set (RFC 7517 §5), at most 64 KiB and 20 keys.
    #[schema(value_type = Option<Object>)]
    jwks: Option<Value>,
    /// In place of `jwks`, an https address that answers with them.
    #[schema(max_length = 2000)]
    jwks_uri: Option<String>,
    /// The subject of its certificates (RFC 8705 §2.1.2).
    #[schema(example = "DN:CN=shop,O=Example")]
    tls_client_auth_subject: Option<String>,
    /// The one algorithm of the client's assertions. Any that its keys are for, or any MAC, if it is not set.
    #[schema(pattern = "^(RS256|PS256|ES256|EdDSA|HS256|HS384|HS512)?$")]
    token_endpoint_auth_signing_alg: Option<String>,
    /// The measure of what the client must prove: `oauth2.1`, `oidc`, `fapi2`, `fapi2_message_signing` or `legacy`. If it is not set, `oauth2.1` for a public client, and `oidc` for another one.
    #[schema(pattern = "^(oauth2[.]1|oidc|fapi2|fapi2_message_signing|legacy)?$")]
    security_profile: Option<String>,
    /// https addresses at which request objects of the client may be fetched.
    request_uris: Option<Words>,
    /// The one algorithm of the client's request objects. Any that its keys are for, if it is not set.
    #[schema(pattern = "^(RS256|PS256|ES256|EdDSA)?$")]
    request_object_signing_alg: Option<String>,
    /// True: its authorization requests must be signed (RFC 9101 §10.5). It needs keys.
    #[schema(default = false)]
    require_signed_request_object: Option<bool>,
    /// True: its authorization requests must be pushed (RFC 9126 §6).
    #[schema(default = false)]
    require_pushed_authorization_requests: Option<bool>,
    /// True: its access tokens must be bound to a key (RFC 9449 §5.2).
    #[schema(default = false)]
    dpop_bound_access_tokens: Option<bool>,
    /// True: its access tokens must be bound to its certificate (RFC 8705 §3.4).
    #[schema(default = false)]
    tls_client_certificate_bound_access_tokens: Option<bool>,
    #[schema(default = "RS256", pattern = "^(RS256|ES256|EdDSA)$")]
    id_token_signed_response_alg: Option<String>,
    /// Set: `/userinfo` answers with a JWT by this algorithm.
    #[schema(pattern = "^(RS256|ES256|EdDSA)?$")]
    userinfo_signed_response_alg: Option<String>,
    /// The algorithm of authorization responses in a mode that ends in `jwt`.
    #[schema(pattern = "^(RS256|ES256|EdDSA)?$")]
    authorization_signed_response_alg: Option<String>,
    /// The algorithm of introspection responses, where the client asks for a JWT.
    #[schema(pattern = "^(RS256|ES256|EdDSA)?$")]
    introspection_signed_response_alg: Option<String>,
    /// Set: ID tokens and logout tokens are encrypted to a key of the client by this algorithm.
    #[schema(pattern = "^(RSA-OAEP-256|ECDH-ES|ECDH-ES[+]A128KW|ECDH-ES[+]A256KW)?$")]
    id_token_encrypted_response_alg: Option<String>,
    #[schema(pattern = "^(A128CBC-HS256|A256CBC-HS512|A128GCM|A256GCM)?$")]
    id_token_encrypted_response_enc: Option<String>,
    /// Set: userinfo responses are encrypted to a key of the client by this algorithm.
    #[schema(pattern = "^(RSA-OAEP-256|ECDH-ES|ECDH-ES[+]A128KW|ECDH-ES[+]A256KW)?$")]
    userinfo_encrypted_response_alg: Option<String>,
    #[schema(pattern = "^(A128CBC-HS256|A256CBC-HS512|A128GCM|A256GCM)?$")]
    userinfo_encrypted_response_enc: Option<String>,
    /// Set: authorization responses in a mode that ends in `jwt` are encrypted to a key of the client by this algorithm.
    #[schema(pattern = "^(RSA-OAEP-256|ECDH-ES|ECDH-ES[+]A128KW|ECDH-ES[+]A256KW)?$")]
    authorization_encrypted_response_alg: Option<String>,
    #[schema(pattern = "^(A128CBC-HS256|A256CBC-HS512|A128GCM|A256GCM)?$")]
    authorization_encrypted_response_enc: Option<String>,
    /// Set: introspection responses that are JWTs are encrypted to a key of the client by this algorithm.
    #[schema(pattern = "^(RSA-OAEP-256|ECDH-ES|ECDH-ES[+]A128KW|ECDH-ES[+]A256KW)?$")]
    introspection_encrypted_response_alg: Option<String>,
    #[schema(pattern = "^(A128CBC-HS256|A256CBC-HS512|A128GCM|A256GCM)?$")]
    introspection_encrypted_response_enc: Option<String>,
    /// Set: request objects of the client that are encrypted must be so by this algorithm.
    #[schema(pattern = "^(ECDH-ES|ECDH-ES[+]A128KW|ECDH-ES[+]A256KW)?$")]
    request_object_encryption_alg: Option<String>,
    #[schema(pattern = "^(A128CBC-HS256|A256CBC-HS512|A128GCM|A256GCM)?$")]
    request_object_encryption_enc: Option<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    /// Gets logout tokens: https, or http on this computer.
    #[schema(max_length = 2000)]
    backchannel_logout_uri: Option<String>,
    #[schema(default = false)]
    backchannel_logout_session_required: Option<bool>,
    /// The same for a frame, of the origin of a redirect URI.
    #[schema(max_length = 2000)]
    frontchannel_logout_uri: Option<String>,
    /// True: its address gets `iss` and `sid`.
    #[schema(default = false)]
    frontchannel_logout_session_required: Option<bool>,
    /// A login begins here.
    #[schema(max_length = 2000)]
    initiate_login_uri: Option<String>,
    #[schema(default = "public", pattern = "^(public|pairwise)$")]
    subject_type: Option<String>,
    /// https: a JSON list of the redirect URIs of the sector.
    #[schema(max_length = 2000)]
    sector_identifier_uri: Option<String>,
    /// Seconds: the `max_age` of requests that have none.
    #[schema(minimum = 0, maximum = 2147483647)]
    default_max_age: Option<i64>,
    #[schema(default = false)]
    require_auth_time: Option<bool>,
    default_acr_values: Option<Words>,
    /// `poll` unless sent, with the grant type `urn:openid:params:grant-type:ciba`.
    #[schema(pattern = "^(poll|ping)?$")]
    backchannel_token_delivery_mode: Option<String>,
    /// https; needed with `ping`.
    #[schema(max_length = 2000)]
    backchannel_client_notification_endpoint: Option<String>,
    /// The one algorithm of the client's authentication requests, which must be signed then. It needs keys.
    #[schema(pattern = "^(RS256|PS256|ES256|EdDSA)?$")]
    backchannel_authentication_request_signing_alg: Option<String>,
    /// Until then, in seconds since 1970, everybody who is refused through this client is told why, in full. At most a day from now; 0
    /// ends it.
    development_until: Option<i64>,
}

/// Rules of one client. Members that are not sent, or null, stay as they are; an empty string goes back to the default.
#[derive(ToSchema)]
pub(super) struct PolicyBody {
    /// The scopes that the client may ask for; empty: its `scope`. Unknown scopes are created.
    allowed_scopes: Option<Words>,
    /// The scopes that it gets when it asks for none; empty: all that are allowed.
    default_scopes: Option<Words>,
    post_logout_redirect_uris: Option<Words>,
    /// A public client must use PKCE whatever is said here.
    #[schema(default = false)]
    require_pkce: Option<bool>,
    #[schema(default = "once", pattern = "^(always|once|skip)$")]
    consent_policy: Option<String>,
    /// Seconds.
    #[schema(default = 3600, minimum = 60, maximum = 86400)]
    access_token_lifetime: Option<i64>,
    /// Days a refresh token lives from its last use.
    #[schema(default = 30, minimum = 1, maximum = 3650)]
    refresh_token_ttl_days: Option<i64>,
    /// Seconds for which a refresh token that was used is answered like its successor; 0: it is good once.
    #[schema(default = 120, minimum = 0, maximum = 600)]
    refresh_reuse_window: Option<i64>,
    #[schema(default = "opaque", pattern = "^(opaque|jwt)$")]
    token_format: Option<String>,
    /// The place of the claims of the granted scopes: in the ID token too, or at `/userinfo` only.
    #[schema(default = "scopes", pattern = "^(scopes|minimal)$")]
    id_token_claims: Option<String>,
}

/// A new user.
#[derive(ToSchema)]
pub(super) struct NewUser {
    /// Letters, digits and visible ASCII, in words (RFC 8265 §3.4). One that another account has as name or address is 409.
    #[schema(example = "alice", min_length = 1, max_length = 120, pattern = r"^[^\u0000-\u001f\u007f-\u009f]+$")]
    username: String,
    /// In characters, none of them invisible (RFC 8265 §4.2).
    #[schema(example = "correct-horse", min_length = 1, max_length = 1024)]
    password: String,
    /// One that another account has as address or name is 409.
    #[schema(example = "alice@example.com", max_length = 254)]
    email: Option<String>,
    #[schema(default = true)]
    enabled: Option<bool>,
    /// Standard claims (OpenID Connect Core §5.1) and claims of one's own.
    claims: Option<Map<String, Value>>,
}

/// A change of a user. Members that are not sent stay as they are.
#[derive(ToSchema)]
pub(super) struct UserBody {
    #[schema(min_length = 1, max_length = 120, pattern = r"^[^\u0000-\u001f\u007f-\u009f]+$")]
    username: Option<String>,
    /// A new one ends every session and token of the user.
    #[schema(min_length = 1, max_length = 1024)]
    password: Option<String>,
    /// Another one is not verified, unless `claims` say so.
    #[schema(max_length = 254)]
    email: Option<String>,
    enabled: Option<bool>,
    /// Claims that are not named stay as they are.
    claims: Option<Map<String, Value>>,
}

/// A scope, new or known.
#[derive(ToSchema)]
pub(super) struct ScopeBody {
    #[schema(example = "photos:read", min_length = 1, max_length = 128, pattern = r"^[\x21\x23-\x5b\x5d-\x7e]+$")]
    name: String,
    /// The text on the consent page. The name unless sent.
    #[schema(example = "See your photos", max_length = 500)]
    description: Option<String>,
    /// The claims that the scope opens: none of the protocol, such as `iss` or `cnf`.
    claims: Option<Words>,
}

/// A resource. With PUT and PATCH, members that are not sent stay as they are.
#[derive(ToSchema)]
pub(super) struct ResourceBody {
    /// An absolute URI without a fragment, as it is to stand in `aud`. It cannot be changed later, but for its spelling.
    #[schema(example = "https://mcp.example/mcp", max_length = 2048)]
    identifier: Option<String>,
    /// The text on the consent page. The identifier unless sent.
    #[schema(example = "Notes", max_length = 200)]
    name: Option<String>,
    #[schema(default = "enabled", pattern = "^(enabled|disabled|pending)$")]
    status: Option<String>,
    /// All scopes of the resource. They mean nothing at another one.
    scopes: Option<Vec<ResourceScopeBody>>,
    /// All types of authorization details of the resource (RFC 9396). No other resource has one of the same name.
    authorization_details_types: Option<Vec<DetailsTypeBody>>,
    /// Seconds; empty: as the client's.
    #[schema(minimum = 60, maximum = 86400)]
    access_token_lifetime: Option<i64>,
    /// Empty: as the client's.
    #[schema(default = "jwt", pattern = "^(opaque|jwt)$")]
    token_format: Option<String>,
    /// The IDs of the clients that may ask for it; empty: any.
    allowed_clients: Option<Words>,
    /// The IDs of the clients that may exchange its tokens for tokens of other resources; empty: none.
    exchanged_by: Option<Words>,
    /// True: its tokens are good at `/userinfo`, too.
    #[schema(default = false)]
    may_read_userinfo: Option<bool>,
    /// True: for requests that name no resource. It takes the place of the one before.
    #[schema(default = false)]
    default: Option<bool>,
}

/// A scope of a resource.
#[derive(ToSchema)]
pub(super) struct ResourceScopeBody {
    #[schema(example = "notes:read", min_length = 1, max_length = 128, pattern = r"^[\x21\x23-\x5b\x5d-\x7e]+$")]
    name: String,
    /// The text on the consent page. The name unless sent.
    #[schema(example = "Read your notes", max_length = 500)]
    description: Option<String>,
    /// True: granted to whoever asks for no scope.
    #[schema(default = false)]
    default: Option<bool>,
}

/// A type of authorization details.
#[derive(ToSchema)]
pub(super) struct DetailsTypeBody {
    #[serde(rename = "type")]
    #[schema(
        example = "payment_initiation",
        min_length = 1,
        max_length = 128,
        pattern = r"^[\x21\x23-\x5b\x5d-\x7e]+$"
    )]
    name: String,
    /// The sentence on the consent page. The type unless sent.
    #[schema(example = "Make a payment", max_length = 500)]
    description: Option<String>,
    /// The fields that its objects may have beside `type`, each in one string: a name, with a dot before a member of an object
    /// within; `string`, `number`, `boolean` or `strings`; `required` if it must be there; and behind `=` the values that are good.
    #[schema(example = json!(["actions required = initiate status", "instructedAmount.amount string required"]))]
    fields: Option<Lines>,
}

/// A new secret of a client or resource.
#[derive(ToSchema)]
pub(super) struct SecretBody {
    #[schema(example = "production", min_length = 1, max_length = 100)]
    name: String,
    /// Days until it expires; it does not unless sent.
    #[schema(minimum = 1, maximum = 3650)]
    lifetime_days: Option<i64>,
}

/// A trust. With PUT and PATCH, members that are not sent stay as they are; those that the kind does not have are not looked at.
#[derive(ToSchema)]
pub(super) struct TrustBody {
    /// Needed at first. It cannot be changed later.
    #[schema(example = "identity_provider", pattern = "^(identity_provider|workload_issuer|authorization_server)$")]
    kind: Option<String>,
    /// As it stands in `iss` of its assertions, or in `aud` of ours. An https URL without a query; that of a workload issuer may be
    /// any URI.
    #[schema(example = "https://idp.example", max_length = 2048)]
    issuer: Option<String>,
    /// The issuer unless sent.
    #[schema(example = "Acme", max_length = 200)]
    name: Option<String>,
    #[schema(default = true)]
    enabled: Option<bool>,
    /// Not of an `authorization_server`: the keys of the issuer, a JWK Set (RFC 7517 §5). Neither this nor `jwks_uri`: its metadata
    /// says where they are.
    #[schema(value_type = Option<Object>)]
    jwks: Option<Value>,
    /// Not of an `authorization_server`: in place of `jwks`, an https address that answers with them.
    #[schema(max_length = 2000)]
    jwks_uri: Option<String>,
    /// Not of an `authorization_server`: of `RS256`, `PS256`, `ES256` and `EdDSA`; empty: any that the keys are for.
    algs: Option<Words>,
    /// Of an `identity_provider`: the account of somebody whom it names for the first time. `linked`: only one that an administrator
    /// linked. `verified_email`: the one with the same verified address. `aud_sub`: the one that it names by its subject here.
    #[schema(default = "linked", pattern = "^(linked|verified_email|aud_sub)$")]
    accounts: Option<String>,
    /// Of an `identity_provider`. True: clients that prove nothing about themselves may bring its assertions.
    #[schema(default = false)]
    admits_public_clients: Option<bool>,
    /// Of an `identity_provider`: its one tenant that is believed; empty: it has none.
    #[schema(max_length = 255)]
    tenant: Option<String>,
    /// Of a `workload_issuer`: a client and then `claim=value`, one rule a line. `%20` is a space, `%25` a percent sign.
    #[schema(example = json!(["deploy repository=acme/shop environment=production"]))]
    rules: Option<Lines>,
    /// Of a `workload_issuer`. True: an assertion is good until it expires; false: once.
    #[schema(default = false)]
    reusable: Option<bool>,
    /// Of an `authorization_server`: the ID of a client here, then its ID there if that is another one, one client a line.
    #[schema(example = json!(["agent acme-agent"]))]
    clients: Option<Lines>,
    /// Of an `authorization_server`: the identifier of a resource there, then the scopes that may be asked for, one resource a line.
    #[schema(example = json!(["https://mcp.example/mcp notes:read"]))]
    resources: Option<Lines>,
    /// Of an `authorization_server`: the groups, one a line, whose members it is told about; empty: everybody.
    groups: Option<Lines>,
    /// Of an `authorization_server`. True: it is told the email address.
    #[schema(default = false)]
    shares_email: Option<bool>,
}

/// The account of somebody whom an identity provider vouches for.
#[derive(ToSchema)]
pub(super) struct LinkBody {
    /// The person, as it calls them in `sub`.
    #[schema(example = "00u1a2b3c4", min_length = 1, max_length = 255)]
    subject: String,
    /// The account here: user name, email address, or subject.
    #[schema(example = "alice", min_length = 1, max_length = 255)]
    user: String,
}

/// The hosts whose clients may come with a document. Members that are not sent stay as they are.
#[derive(ToSchema)]
pub(super) struct HostsBody {
    /// `open`: all. `allow_list`: those in `allowed`. `ask`: the same, and the console shows the others that people asked for.
    /// `blocked`: none.
    #[schema(pattern = "^(open|allow_list|ask|blocked)$")]
    mode: Option<String>,
    /// These hosts, and none below them.
    allowed: Option<Words>,
    /// These hosts and all below them. What their clients hold is revoked.
    blocked: Option<Words>,
}

/// The document of a client, for a server that cannot fetch it.
#[derive(ToSchema)]
pub(super) struct DocumentBody {
    /// The URL that is the ID of the client.
    #[schema(example = "https://agent.example/client.json", max_length = 255)]
    client_id: String,
    /// As it stands at the URL.
    document: Map<String, Value>,
}

#[cfg(test)]
mod tests;
