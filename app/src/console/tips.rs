//! The explanations behind the "?" of each field. `docs/admin-guide.md` has a heading for each.

use crate::ui::Tip;

pub(crate) const CLIENT_NAME: Tip = Tip::new(
    "client-name",
    "What people read on the login and consent pages. It need not be unique and can be changed at any time.",
);
pub(crate) const MACHINE_NAME: Tip = Tip::new(
    "client-name",
    "What lists and the activity call it. Nobody signs in to it. It need not be unique and can be changed at any time.",
);
pub(crate) const CLIENT_HOSTS: Tip = Tip::new(
    "hosts-that-may-come",
    "Whose applications people may allow something without an administrator. What is blocked stays out whatever is chosen here.",
);
pub(crate) const ALLOWED_HOSTS: Tip =
    Tip::new("allowed-hosts", "Hosts of client IDs, to the letter: a host below one of them is another host.");
pub(crate) const BLOCKED_HOSTS: Tip = Tip::new(
    "blocked-hosts",
    "Hosts of client IDs, and all below them. What their applications hold is revoked when you save.",
);
pub(crate) const DOCUMENT_URL: Tip = Tip::new(
    "url-of-the-document",
    "The client ID of the application, to the letter: the document must name it as its client_id.",
);
pub(crate) const DOCUMENT: Tip = Tip::new(
    "document",
    "What the application says of itself: its name, where answers go, how it authenticates. It must hold no secret.",
);
pub(crate) const CLIENT_ID: Tip = Tip::new(
    "client-id",
    "What the application calls itself in every request. It is public, and fixed once the client exists.",
);
pub(crate) const REDIRECT_URIS: Tip = Tip::new(
    "redirect-uris",
    "Where a browser may be sent with the answer. The redirect_uri of a request is compared with them letter by letter; any other is refused.",
);
pub(crate) const CORS_ORIGINS: Tip = Tip::new(
    "cors-origins",
    "Scheme, host and port of pages whose scripts call this server, one a line. A public client needs it only for pages elsewhere than its redirect URIs.",
);
pub(crate) const GRANT_TYPES: Tip = Tip::new(
    "grant-types",
    "The ways in which the client may get tokens. A request for another one is answered with unauthorized_client.",
);
pub(crate) const CLIENT_AUTHENTICATION: Tip = Tip::new(
    "client-authentication",
    "How the client proves who it is at the token endpoint. Only an application that runs on a server can keep a secret.",
);
pub(crate) const CLIENT_KEYS: Tip = Tip::new(
    "public-keys",
    "The keys with which the client's signatures are verified, as a JWK Set (RFC 7517). The private halves stay with the client.",
);
pub(crate) const CLIENT_KEYS_ADDRESS: Tip = Tip::new(
    "address-of-the-public-keys",
    "An https address that answers with the client's JWK Set. The client can change its keys there without you.",
);
pub(crate) const ASSERTION_ALGORITHM: Tip = Tip::new(
    "assertion-algorithm",
    "The one algorithm of the JWTs by which the client proves who it is. One that is signed otherwise is refused.",
);
pub(crate) const SECURITY_PROFILE: Tip = Tip::new(
    "security-profile",
    "How much the client must prove, as one choice. What a profile demands is demanded whatever else is chosen, and of this client only.",
);
pub(crate) const RESPONSE_TYPES: Tip = Tip::new(
    "response-types",
    "What an authorization request of this client may ask for. Everything but code goes through the browser, and needs the security profile legacy.",
);
pub(crate) const USERINFO_ALGORITHM: Tip = Tip::new(
    "userinfo-algorithm",
    "With an algorithm, /userinfo answers with a signed JWT. Most libraries expect plain JSON.",
);
pub(crate) const AUTHORIZATION_ALGORITHM: Tip = Tip::new(
    "authorization-response-algorithm",
    "What the answer to an authorization request is signed with, where the client asks for a response mode that ends in jwt (JARM).",
);
pub(crate) const INTROSPECTION_ALGORITHM: Tip = Tip::new(
    "introspection-algorithm",
    "What the answer about a token is signed with, where whoever asks takes application/token-introspection+jwt (RFC 9701).",
);
pub(crate) const ENCRYPTED_ANSWERS: Tip = Tip::new(
    "encrypted-answers",
    "With an algorithm, this is encrypted to a public key of the client, which it needs above. Without a key there is no answer at all.",
);
pub(crate) const CONTENT_ENCRYPTION: Tip = Tip::new(
    "content-encryption",
    "What the content is encrypted by, with a key of its own each time. Every library knows the first one.",
);
pub(crate) const ENCRYPTED_REQUESTS: Tip = Tip::new(
    "encrypted-requests",
    "The client may encrypt its signed requests to a key of this server. With an algorithm, those that are encrypted otherwise are refused.",
);
pub(crate) const REQUEST_URIS: Tip = Tip::new(
    "request-uris",
    "Where this server may fetch a signed request of the client, when a request says request_uri. Any other address is refused.",
);
pub(crate) const REQUEST_ALGORITHM: Tip = Tip::new(
    "request-algorithm",
    "The one algorithm of the client's signed requests. One that is signed otherwise is refused.",
);
pub(crate) const SIGNED_REQUESTS: Tip = Tip::new(
    "requires-signed-requests",
    "A request that the browser carries can be changed on its way. A signed one cannot: whatever the client did not sign is refused.",
);
pub(crate) const PUSHED_REQUESTS: Tip = Tip::new(
    "requires-pushed-requests",
    "The client sends its request to this server first, and the browser carries a reference to it: nothing of the request can be seen or changed on the way.",
);
pub(crate) const BOUND_TOKENS: Tip = Tip::new(
    "requires-a-proof-of-its-key",
    "The client proves with each request that it has a key (DPoP), and its tokens are bound to that key: whoever steals one cannot use it. A token request without a proof is refused.",
);
pub(crate) const CERTIFICATE_SUBJECT: Tip = Tip::new(
    "certificate-subject",
    "By this name in its certificate the client is known (tls_client_auth, RFC 8705). The proxy makes sure that the certificate comes from an authority that it trusts.",
);
pub(crate) const CERTIFICATE_BOUND: Tip = Tip::new(
    "requires-its-certificate",
    "Tokens of the client are bound to the certificate of the connection (RFC 8705): whoever steals one cannot use it. It takes the place of a proof of its key.",
);
pub(crate) const CLIENT_SCOPES: Tip = Tip::new(
    "client-scopes",
    "What the client may ask for, unless scopes are ticked under Login & consent: then those count. It gets what a request names and the person allows.",
);
pub(crate) const MACHINE_SCOPES: Tip = Tip::new(
    "client-scopes",
    "What the client may ask for, unless scopes are ticked under Tokens: then those count. It gets what a request names, and nobody is asked.",
);
pub(crate) const CLIENT_DETAILS_TYPES: Tip = Tip::new(
    "types-of-authorization-details",
    "The types of objects that the client may send in authorization_details (RFC 9396). Resources describe them; without a type here it may send none.",
);
pub(crate) const ID_TOKEN_ALGORITHM: Tip = Tip::new(
    "id-token-algorithm",
    "The signature of the client's ID tokens and of its JWT access tokens. Change it only if whoever verifies them supports the other one.",
);
pub(crate) const MAY_INTROSPECT: Tip = Tip::new(
    "reads-tokens-of-other-clients",
    "Whether the introspection endpoint tells this client about access tokens that other clients got. Tick it for APIs only.",
);
pub(crate) const ID_TOKEN_CLAIMS: Tip = Tip::new(
    "claims-in-id-tokens",
    "Whether ID tokens carry the claims of the granted scopes. Minimal ones are smaller, and tell less to whoever sees them.",
);
pub(crate) const CLIENT_WEBSITE: Tip = Tip::new(
    "client-website",
    "The application's home page. The consent page links to it, so that people can see whom they deal with.",
);
pub(crate) const CLIENT_LOGO: Tip = Tip::new(
    "client-logo",
    "The web address of a picture that stands for the application. It is shown only if it begins with https.",
);
pub(crate) const PRIVACY_POLICY: Tip = Tip::new(
    "privacy-policy",
    "Where the application says what it does with what it learns about people. The consent page links to it.",
);
pub(crate) const TERMS_OF_SERVICE: Tip = Tip::new(
    "terms-of-service",
    "Where the application says under which terms it can be used. The consent page links to it.",
);
pub(crate) const BACKCHANNEL_LOGOUT: Tip = Tip::new(
    "back-channel-logout-uri",
    "Where this server tells the application by itself that somebody’s session ended. It is tried for a day until the application takes it.",
);
pub(crate) const BACKCHANNEL_SESSION: Tip = Tip::new(
    "logout-tokens-need-the-session",
    "The application finds its own sessions by the ID of the session here. Every logout token has it, ticked or not.",
);
pub(crate) const FRONTCHANNEL_LOGOUT: Tip = Tip::new(
    "front-channel-logout-uri",
    "A page of the application that signs out. It is opened unseen in the browser in which somebody signs out here. Browsers that block cookies of other sites keep it from working.",
);
pub(crate) const SUBJECT_TYPE: Tip = Tip::new(
    "subjects",
    "Whether the application knows people by the same sub as others do, or by one of its own, by which it cannot compare notes with them.",
);
pub(crate) const SECTOR: Tip = Tip::new(
    "address-of-the-sectors-list",
    "Where the owner of several applications lists their redirect URIs, as JSON. Applications with the same host here know people by the same sub.",
);
pub(crate) const DEFAULT_MAX_AGE: Tip = Tip::new(
    "oldest-login",
    "Seconds since people signed in, after which they must do so again for this client. A request that says max_age decides for itself.",
);
pub(crate) const REQUIRE_AUTH_TIME: Tip =
    Tip::new("needs-the-time-of-the-login", "Every ID token of a login says when it was; this writes the need down.");
pub(crate) const DEFAULT_ACR_VALUES: Tip = Tip::new(
    "wished-level-of-authentication",
    "What requests that say no acr_values wish for. All logins here have the level 1.",
);
pub(crate) const DELIVERY_MODE: Tip = Tip::new(
    "delivery",
    "Whether a client that asks for people by name asks again and again for their answer, or is told when there is one.",
);
pub(crate) const NOTIFICATION_ENDPOINT: Tip = Tip::new(
    "notification-endpoint",
    "An https address of the application. It gets a POST with the auth_req_id and the token that the application sent with its request.",
);
pub(crate) const BACKCHANNEL_ALGORITHM: Tip = Tip::new(
    "authentication-request-algorithm",
    "What the application signs its authentication requests by. The profiles of FAPI 2.0 want them signed in any case.",
);
pub(crate) const FRONTCHANNEL_SESSION: Tip = Tip::new(
    "frames-need-the-session",
    "Adds iss and sid to the address, so that the page can see which session ended.",
);
pub(crate) const INITIATE_LOGIN: Tip = Tip::new(
    "login-uri",
    "Where a login at the application begins. People find a link to it on the page of their applications.",
);
pub(crate) const CLIENT_ENABLED: Tip = Tip::new(
    "client-enabled",
    "Untick it to shut an application out for a while. Nothing is lost: secrets and settings are there when it is enabled again.",
);
pub(crate) const CLIENT_KIND: Tip = Tip::new(
    "client-kind",
    "What sort of application it is. It decides which redirect URIs are allowed; a change leaves grants and authentication as they are.",
);
pub(crate) const SHOW_CODE: Tip = Tip::new(
    "show-code-for",
    "Which example is open on the next page. It does not change the client, and the other examples are there too.",
);
pub(crate) const REFRESH_TOKENS: Tip = Tip::new(
    "refresh-tokens",
    "Ticked, the client may use the grant type refresh_token and ask for the scope offline_access.",
);
pub(crate) const CONSENT_POLICY: Tip =
    Tip::new("consent-policy", "How often people are asked whether the application may have what it asks for.");
pub(crate) const ASKED_CLIENT: Tip =
    Tip::new("what-a-user-would-be-asked", "The ID of the client as it stands in its requests.");
pub(crate) const ASKED_USER: Tip =
    Tip::new("what-a-user-would-be-asked", "The person who would be signed in. Nobody is told, and nothing is kept.");
pub(crate) const ASKED_SCOPES: Tip = Tip::new(
    "what-a-user-would-be-asked",
    "What the request would ask for. One without scopes gets the default scopes of the client.",
);
pub(crate) const ASKED_REDIRECT_URI: Tip = Tip::new(
    "what-a-user-would-be-asked",
    "Where the answer would go. People are asked each time where any program on their device may be waiting.",
);
pub(crate) const ASKED_RESOURCE: Tip = Tip::new(
    "what-a-user-would-be-asked",
    "The URI of an API or MCP server that the tokens would be for, if the request names one.",
);
pub(crate) const REQUIRE_PKCE: Tip = Tip::new(
    "require-pkce",
    "PKCE ties a code to the program that asked for it, so a stolen code is of no use. Tick it if the library supports it.",
);
pub(crate) const ALLOWED_SCOPES: Tip = Tip::new(
    "allowed-scopes",
    "If any is ticked, these count in place of the scopes of the settings, and a request for another scope is refused.",
);
pub(crate) const DEFAULT_SCOPES: Tip =
    Tip::new("default-scopes", "Used when a request has no scope parameter. Most applications always send one.");
pub(crate) const TOKEN_FORMAT: Tip = Tip::new(
    "token-format",
    "Opaque tokens are looked up at this server and can be revoked at once. A JWT can be verified without asking it.",
);
pub(crate) const ACCESS_TOKEN_LIFETIME: Tip = Tip::new(
    "access-token-lifetime",
    "How long an access token is good for. Short lives limit what a stolen token is worth; the client gets the next one by its refresh token, or for itself.",
);
pub(crate) const REFRESH_TOKEN_LIFETIME: Tip = Tip::new(
    "refresh-token-lifetime",
    "After so many days without use the person must sign in again. Every use starts the days anew.",
);
pub(crate) const REFRESH_REUSE_WINDOW: Tip = Tip::new(
    "refresh-token-reuse-window",
    "A refresh token that comes again so soon is answered with the same next one: workers that refresh at once, or a lost answer. \
     0: it is good once.",
);
pub(crate) const POST_LOGOUT_REDIRECT_URIS: Tip = Tip::new(
    "post-logout-redirect-uris",
    "Where the application may have people sent after they signed out (post_logout_redirect_uri of a request).",
);
pub(crate) const SECRET_NAME: Tip = Tip::new(
    "secret-name",
    "A note for you, to tell secrets apart when one is to be revoked. Applications never see it.",
);
pub(crate) const SECRET_LIFETIME: Tip =
    Tip::new("secret-lifetime", "From then on the secret is refused. Add the next one before, so that nothing stops.");
pub(crate) const CONFIRM: Tip = Tip::new(
    "type-to-confirm",
    "Nothing is deleted until the words are typed exactly. There is no way back but a backup of the database.",
);

pub(crate) const RESOURCE_IDENTIFIER: Tip = Tip::new(
    "resource-identifier",
    "The address by which clients name the API, as it is in the API's own metadata. It stands in every token for it (aud).",
);
pub(crate) const RESOURCE_NAME: Tip = Tip::new(
    "resource-name",
    "What people read on the consent page, beside the host, when an application wants to act for them there.",
);
pub(crate) const RESOURCE_SCOPE_NAME: Tip =
    Tip::new("resource-scope-name", "How clients ask for it. At another resource the same word is another scope.");
pub(crate) const RESOURCE_SCOPE_DESCRIPTION: Tip =
    Tip::new("resource-scope-description", "The words on the consent page. The name stands there if there are none.");
pub(crate) const RESOURCE_SCOPE_DEFAULT: Tip = Tip::new(
    "resource-scope-default",
    "Given to whoever names the resource and asks for no scope, and the scopes that the API's metadata offers first.",
);
pub(crate) const DETAILS_TYPE: Tip = Tip::new(
    "details-type",
    "The type of an object in authorization_details (RFC 9396). No other resource may have a type of that name: it says by itself what it is about.",
);
pub(crate) const DETAILS_SENTENCE: Tip = Tip::new(
    "details-sentence",
    "The words on the consent page above the fields of an object, for example “Make a payment”.",
);
pub(crate) const DETAILS_FIELDS: Tip = Tip::new(
    "details-fields",
    "The fields that an object may have, one a line: name, kind, required, and the values that are good behind an equals sign. A field that is not here is refused.",
);
pub(crate) const RESOURCE_STATUS: Tip = Tip::new(
    "resource-status",
    "Tokens are given for an enabled resource only. For any other one a request is answered with invalid_target.",
);
pub(crate) const RESOURCE_TOKEN_LIFETIME: Tip = Tip::new(
    "resource-token-lifetime",
    "Counts more than what the client's policy says. A token for several resources lives as long as the strictest allows.",
);
pub(crate) const RESOURCE_TOKEN_FORMAT: Tip = Tip::new(
    "resource-token-format",
    "A JWT names the API and is verified by it without asking here. For an opaque token the API needs credentials of its own.",
);
pub(crate) const RESOURCE_CLIENTS: Tip = Tip::new(
    "resource-clients",
    "With client IDs here, no other client gets tokens for the API, whatever people would allow it.",
);
pub(crate) const RESOURCE_EXCHANGERS: Tip = Tip::new(
    "resource-exchangers",
    "The API trades a token that it got for one of another resource, and says so in it (act). That resource must name the client.",
);
pub(crate) const TRUST_ISSUER: Tip = Tip::new(
    "trust-issuer",
    "The name that the server has for itself. It is compared letter by letter: with a slash more it is somebody else.",
);
pub(crate) const TRUST_NAME: Tip = Tip::new(
    "trust-name",
    "What administrators read in the list. Nobody else sees it, and it can be changed at any time.",
);
pub(crate) const TRUST_ON: Tip = Tip::new(
    "trust-on",
    "Untick it while the other side is looked into. What is described here is kept, and nothing comes of it.",
);
pub(crate) const TRUST_KEYS_ADDRESS: Tip = Tip::new(
    "trust-keys-address",
    "An https address that answers with the JWK Set of the issuer. The issuer can change its keys there without you.",
);
pub(crate) const TRUST_KEYS: Tip = Tip::new(
    "trust-keys",
    "The public keys of the issuer, as a JWK Set (RFC 7517). For an issuer that this server cannot reach.",
);
pub(crate) const TRUST_ALGORITHMS: Tip = Tip::new(
    "trust-algorithms",
    "The algorithms that the issuer is known to sign by. An assertion that is signed by another one is refused.",
);
pub(crate) const TRUST_ACCOUNTS: Tip = Tip::new(
    "trust-accounts",
    "How the account is found the first time that the provider names somebody. Later the link that was made then counts.",
);
pub(crate) const TRUST_TENANT: Tip = Tip::new(
    "trust-tenant",
    "For a provider that serves many companies under one issuer: without it, another company could speak for your people.",
);
pub(crate) const TRUST_PUBLIC_CLIENTS: Tip = Tip::new(
    "trust-public-clients",
    "A public client has no secret, so anybody can call themselves by its ID. An assertion that leaks is then as good as a password.",
);
pub(crate) const TRUST_RULES: Tip = Tip::new(
    "trust-rules",
    "Every claim of a rule must stand in the assertion, to the letter. Name as many as it takes to mean one program and no other.",
);
pub(crate) const TRUST_REUSABLE: Tip = Tip::new(
    "trust-reusable",
    "Ticked, an assertion is good until it expires, however often it comes. Otherwise it is good once.",
);
pub(crate) const TRUST_CLIENTS: Tip = Tip::new(
    "trust-clients",
    "The clients that may get assertions for that server, and what it calls them. They need the grant type token-exchange.",
);
pub(crate) const TRUST_RESOURCES: Tip = Tip::new(
    "trust-resources",
    "The APIs behind that server. An assertion names those that were asked for, and at most the scopes that stand beside them.",
);
pub(crate) const TRUST_GROUPS: Tip = Tip::new(
    "trust-groups",
    "Who may be spoken for. A user is in the groups that their claim groups lists, as it is set on their profile.",
);
pub(crate) const TRUST_EMAIL: Tip =
    Tip::new("trust-email", "Puts the email address of the user into the assertions, and whether it is verified.");
pub(crate) const LINKED_SUBJECT: Tip = Tip::new(
    "linked-subject",
    "What the provider calls the person in its assertions. It is often no name: look it up there, or in a token of theirs.",
);
pub(crate) const LINKED_USER: Tip =
    Tip::new("linked-user", "The account that clients get tokens for when they bring an assertion about the person.");
pub(crate) const RESOURCE_USERINFO: Tip = Tip::new(
    "resource-userinfo",
    "Puts this server into the tokens as a second audience when openid was granted, so that the API can read claims with them.",
);
pub(crate) const RESOURCE_DEFAULT: Tip = Tip::new(
    "default-resource",
    "For clients that do not name a resource. Their tokens are then for this API, and no longer good at userinfo.",
);

pub(crate) const USERNAME: Tip = Tip::new(
    "username",
    "What the person types to sign in; no two users have the same. Applications know people by their subject, which stays.",
);
pub(crate) const USER_PASSWORD: Tip = Tip::new(
    "user-password",
    "At least 8 characters, at most 1,024 bytes; length counts for more than special characters. Only a hash of it is kept.",
);
pub(crate) const NEW_PASSWORD: Tip = Tip::new(
    "new-password",
    "Replaces the password at once, and ends every session and token of the person: whoever knew the old one is out.",
);
pub(crate) const EMAIL: Tip =
    Tip::new("email", "The claim email, for applications with the scope email. This server sends no mail.");
pub(crate) const MAILBOX_VERIFIED: Tip = Tip::new(
    "mailbox-verified",
    "The claim email_verified. Applications may rely on it to match accounts, so tick it only if you know. \
     Another address is not verified: save it, then tick the box again.",
);
pub(crate) const USER_ENABLED: Tip = Tip::new(
    "user-enabled",
    "Untick it when somebody leaves, or while an account is looked into. What is known about them is kept.",
);
pub(crate) const FULL_NAME: Tip = Tip::new("full-name", "The claim name: the whole name, as it is to be shown.");
pub(crate) const NICKNAME: Tip = Tip::new("nickname", "The claim nickname: a casual name.");
pub(crate) const GIVEN_NAME: Tip = Tip::new("given-name", "The claim given_name: one given name or several.");
pub(crate) const FAMILY_NAME: Tip = Tip::new("family-name", "The claim family_name: one family name or several.");
pub(crate) const MIDDLE_NAME: Tip = Tip::new("middle-name", "The claim middle_name: one middle name or several.");
pub(crate) const SHORTHAND_NAME: Tip = Tip::new(
    "shorthand-name",
    "The claim preferred_username: what the person likes to be called in applications, such as jane.doe. Empty: the username.",
);
pub(crate) const PROFILE_PAGE: Tip =
    Tip::new("profile-page", "The claim profile: the web address of a page about the person.");
pub(crate) const PICTURE: Tip = Tip::new("picture", "The claim picture: the web address of a picture of the person.");
pub(crate) const USER_WEBSITE: Tip =
    Tip::new("user-website", "The claim website: the web address of the person's own site.");
pub(crate) const BIRTHDATE: Tip = Tip::new("birthdate", "The claim birthdate, for example 1990-12-31.");
pub(crate) const GENDER: Tip = Tip::new("gender", "The claim gender: any word the person uses.");
pub(crate) const TIME_ZONE: Tip =
    Tip::new("time-zone", "The claim zoneinfo: a name of the time zone database, for example Europe/Paris.");
pub(crate) const LOCALE: Tip = Tip::new("locale", "The claim locale: a language tag, for example en-US.");
pub(crate) const PHONE_NUMBER: Tip =
    Tip::new("phone-number", "The claim phone_number, best in the international form that begins with +.");
pub(crate) const NUMBER_VERIFIED: Tip = Tip::new(
    "number-verified",
    "The claim phone_number_verified. Tick it only if you know that the number is theirs. Another number is not verified: \
     save it, then tick the box again.",
);
pub(crate) const STREET_ADDRESS: Tip = Tip::new(
    "street-address",
    "Part street_address of the claim address: street and number, on several lines if need be.",
);
pub(crate) const POSTAL_CODE: Tip = Tip::new("postal-code", "Part postal_code of the claim address.");
pub(crate) const CITY: Tip = Tip::new("city", "Part locality of the claim address.");
pub(crate) const REGION: Tip = Tip::new("region", "Part region of the claim address: state, province or county.");
pub(crate) const COUNTRY: Tip = Tip::new("country", "Part country of the claim address.");
pub(crate) const CLAIMS_AS_JSON: Tip = Tip::new(
    "claims-as-json",
    "Facts of your own about the person. A client gets those that one of its scopes lists, and no others.",
);

pub(crate) const SCOPE_NAME: Tip = Tip::new(
    "scope-name",
    "The word that a client puts into its scope parameter. A client must have it among its scopes to get it.",
);
pub(crate) const SCOPE_DESCRIPTION: Tip =
    Tip::new("scope-description", "People decide by this line, so say what the application gets, not how it works.");
pub(crate) const SCOPE_CLAIMS: Tip = Tip::new(
    "scope-claims",
    "What a client with this scope reads at the userinfo endpoint. None: the scope is only a word for your APIs.",
);
pub(crate) const KEY_ALGORITHM: Tip =
    Tip::new("key-algorithm", "Whose key is replaced. The keys of the other algorithms stay as they are.");
pub(crate) const ADMIN_TOKEN: Tip = Tip::new(
    "admin-token",
    "The one password of the console and of the administration API. If it is lost, signet admin-token reset makes another.",
);
pub(crate) const NEW_ADMIN_TOKEN: Tip = Tip::new(
    "new-admin-token",
    "Whoever has it can change everything here. Keep it in a password manager; the server keeps only its digest.",
);
pub(crate) const REGISTRATION_POLICY: Tip = Tip::new(
    "registration-policy",
    "Whether agents may register clients for themselves. Automatic means: while this server protects a resource that they may want to reach.",
);
pub(crate) const INITIAL_TOKEN: Tip = Tip::new(
    "initial-access-tokens",
    "A secret that is sent with a registration, for those whom you know. The name tells you later who has it.",
);
