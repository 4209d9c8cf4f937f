//! The members of the metadata and their values, and the tests that try them.

const METHODS: &str = "promises::each_way_to_prove_itself_works_at_each_endpoint";
const ASSERTIONS: &str = "promises::each_algorithm_of_assertions_proves_a_client_at_each_endpoint";
const OBJECTS: &str = "promises::each_algorithm_of_request_objects_is_verified";
const QUESTIONS: &str = "promises::each_algorithm_of_authentication_requests_is_verified";
const PROOFS: &str = "promises::each_algorithm_of_proofs_binds_a_token";
const ANSWERS: &str = "promises::each_algorithm_of_this_server_signs_each_answer";
const CLAIMS: &str = "promises::each_scope_gives_its_claims_and_each_claim_is_said";
const MODES: &str = "authorize::the_code_comes_in_the_response_mode_asked_for";
const JARM: &str = "signed_answers::an_authorization_response_is_signed_for_who_asks";
const TYPES: &str = "response_types::modules::oidcc_server";
const DETAILS: &str = "details::requests::details_are_read_wherever_the_request_stands";
const ALIASES: &str = "promises::each_alias_answers_to_a_certificate";
const CODE: &str = "code_flow::somebody_signs_in_agrees_and_the_client_gets_tokens";
const PUSHED: &str = "requests::pushed::a_pushed_request_is_good_for_one_authorization_on_any_node";
const BACKCHANNEL: &str = "logouts::backchannel::oidcc_backchannel_rp_initiated_logout";
const ASKED: &str = "ciba::poll::a_client_gets_tokens_once_somebody_allowed_it";
const READ: &str = "encrypted::requests::requests_are_decrypted_by_each_algorithm_that_discovery_lists";
const ID_TOKENS: &str = "encrypted::answers::id_tokens_are_signed_and_then_encrypted";
const USERINFO: &str = "encrypted::answers::userinfo_is_encrypted_with_or_without_a_signature";
const RESPONSES: &str = "encrypted::answers::authorization_responses_are_encrypted_in_every_mode";
const INTROSPECTION: &str = "encrypted::answers::answers_about_tokens_are_encrypted_for_who_asks_for_a_jwt";
const FRONTCHANNEL: &str = "logouts::frontchannel::oidcc_frontchannel_rp_initiated_logout";

/// The members that are one value, and who tries them.
pub(super) const SINGLE: &[(&str, &str)] = &[
    ("issuer", "discovery::the_document_names_every_endpoint_and_all_that_is_supported"),
    ("authorization_endpoint", CODE),
    ("token_endpoint", CODE),
    ("pushed_authorization_request_endpoint", PUSHED),
    ("require_pushed_authorization_requests", CODE),
    ("device_authorization_endpoint", "device::ask::a_device_is_told_where_its_code_is_typed_and_how_often_to_ask"),
    ("userinfo_endpoint", "userinfo::the_token_may_come_in_the_header_or_in_a_form"),
    ("jwks_uri", "discovery::published_keys_are_public_and_have_names_of_their_own"),
    ("revocation_endpoint", METHODS),
    ("introspection_endpoint", METHODS),
    ("end_session_endpoint", "logouts::rp_initiated::oidcc_rp_initiated_logout_discovery_endpoint_verification"),
    ("check_session_iframe", "logouts::session_management::oidcc_session_management_rp_initiated_logout"),
    ("backchannel_logout_supported", BACKCHANNEL),
    ("backchannel_logout_session_supported", BACKCHANNEL),
    ("frontchannel_logout_supported", FRONTCHANNEL),
    ("frontchannel_logout_session_supported", FRONTCHANNEL),
    ("registration_endpoint", "registration::policy::the_metadata_name_the_endpoint_exactly_while_it_answers"),
    ("claims_parameter_supported", "userinfo::single_claims_can_be_asked_for_where_they_are_wanted"),
    ("request_parameter_supported", OBJECTS),
    (
        "request_uri_parameter_supported",
        "requests::objects::a_request_is_fetched_from_a_registered_address_and_stays_what_it_was",
    ),
    (
        "require_request_uri_registration",
        "requests::objects::a_request_is_fetched_from_a_registered_address_and_stays_what_it_was",
    ),
    ("tls_client_certificate_bound_access_tokens", "mtls::bound::fapi2_security_profile_final_by_certificates"),
    ("client_id_metadata_document_supported", "client_documents::flow::an_agent_connects_with_nothing_configured"),
    ("authorization_response_iss_parameter_supported", JARM),
    // The keys of an object are its values here.
    ("mtls_endpoint_aliases.token_endpoint", ALIASES),
    ("mtls_endpoint_aliases.pushed_authorization_request_endpoint", ALIASES),
    ("mtls_endpoint_aliases.device_authorization_endpoint", ALIASES),
    ("mtls_endpoint_aliases.userinfo_endpoint", ALIASES),
    ("mtls_endpoint_aliases.revocation_endpoint", ALIASES),
    ("mtls_endpoint_aliases.introspection_endpoint", ALIASES),
    ("mtls_endpoint_aliases.backchannel_authentication_endpoint", ALIASES),
    ("backchannel_authentication_endpoint", ASKED),
    ("backchannel_user_code_parameter_supported", "ciba::clients::discovery_endpoint_verification"),
];

const SIGNED_BY_US: &str = "RS256 ES256 EdDSA";
const SIGNED_BY_CLIENTS: &str = "RS256 PS256 ES256 EdDSA Ed25519";
const OF_ASSERTIONS: &str = "RS256 PS256 ES256 EdDSA Ed25519 HS256 HS384 HS512";
const OF_READERS: &str = "RSA-OAEP-256 ECDH-ES ECDH-ES+A128KW ECDH-ES+A256KW";
const CONTENT: &str = "A128CBC-HS256 A256CBC-HS512 A128GCM A256GCM";
const OF_CLIENTS: &str = "client_secret_basic client_secret_post client_secret_jwt private_key_jwt tls_client_auth self_signed_tls_client_auth none";

/// The values of lists, with blanks between them, and who tries all of them.
pub(super) const LISTS: &[(&str, &str, &str)] = &[
    ("scopes_supported", "openid profile email address phone offline_access", CLAIMS),
    ("authorization_details_types_supported", "payment_initiation", DETAILS),
    ("response_modes_supported", "query fragment form_post", MODES),
    ("response_modes_supported", "jwt query.jwt fragment.jwt form_post.jwt", JARM),
    ("grant_types_supported", "authorization_code", CODE),
    ("grant_types_supported", "implicit", TYPES),
    (
        "grant_types_supported",
        "refresh_token",
        "refresh::a_refresh_replaces_the_refresh_token_and_lets_access_tokens_live",
    ),
    ("grant_types_supported", "client_credentials", "tokens::a_machine_gets_an_opaque_token_and_nothing_else"),
    (
        "grant_types_supported",
        "urn:ietf:params:oauth:grant-type:device_code",
        "device::poll::a_device_gets_tokens_once_it_is_allowed",
    ),
    (
        "grant_types_supported",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "trusts::people::a_client_acts_for_the_person_whom_the_provider_vouches_for",
    ),
    (
        "grant_types_supported",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "trusts::exchange::a_server_acts_for_the_same_person_at_another_one",
    ),
    ("grant_types_supported", "urn:openid:params:grant-type:ciba", ASKED),
    (
        "authorization_grant_profiles_supported",
        "urn:ietf:params:oauth:grant-profile:id-jag",
        "trusts::people::a_client_acts_for_the_person_whom_the_provider_vouches_for",
    ),
    (
        "identity_chaining_requested_token_types_supported",
        "urn:ietf:params:oauth:token-type:id-jag",
        "trusts::given::an_id_token_is_exchanged_for_an_assertion",
    ),
    ("acr_values_supported", "1", "prompt::the_acr_is_one_of_those_supported"),
    ("subject_types_supported", "public", CLAIMS),
    (
        "subject_types_supported",
        "pairwise",
        "registered::pairwise::a_person_has_one_name_in_a_sector_and_another_in_the_next",
    ),
    ("id_token_signing_alg_values_supported", SIGNED_BY_US, ANSWERS),
    ("userinfo_signing_alg_values_supported", SIGNED_BY_US, ANSWERS),
    ("authorization_signing_alg_values_supported", SIGNED_BY_US, ANSWERS),
    ("introspection_signing_alg_values_supported", SIGNED_BY_US, ANSWERS),
    ("token_endpoint_auth_methods_supported", OF_CLIENTS, METHODS),
    ("revocation_endpoint_auth_methods_supported", OF_CLIENTS, METHODS),
    ("introspection_endpoint_auth_methods_supported", OF_CLIENTS, METHODS),
    ("token_endpoint_auth_signing_alg_values_supported", OF_ASSERTIONS, ASSERTIONS),
    ("revocation_endpoint_auth_signing_alg_values_supported", OF_ASSERTIONS, ASSERTIONS),
    ("introspection_endpoint_auth_signing_alg_values_supported", OF_ASSERTIONS, ASSERTIONS),
    ("claim_types_supported", "normal", CLAIMS),
    ("claim_types_supported", "aggregated", "userinfo::a_claim_that_another_provider_signed_goes_on_with_its_token"),
    ("request_object_signing_alg_values_supported", SIGNED_BY_CLIENTS, OBJECTS),
    ("id_token_encryption_alg_values_supported", OF_READERS, ID_TOKENS),
    ("id_token_encryption_enc_values_supported", CONTENT, ID_TOKENS),
    ("userinfo_encryption_alg_values_supported", OF_READERS, USERINFO),
    ("userinfo_encryption_enc_values_supported", CONTENT, USERINFO),
    ("authorization_encryption_alg_values_supported", OF_READERS, RESPONSES),
    ("authorization_encryption_enc_values_supported", CONTENT, RESPONSES),
    ("introspection_encryption_alg_values_supported", OF_READERS, INTROSPECTION),
    ("introspection_encryption_enc_values_supported", CONTENT, INTROSPECTION),
    ("request_object_encryption_alg_values_supported", "ECDH-ES ECDH-ES+A128KW ECDH-ES+A256KW", READ),
    ("request_object_encryption_enc_values_supported", CONTENT, READ),
    ("backchannel_token_delivery_modes_supported", "poll", ASKED),
    ("backchannel_token_delivery_modes_supported", "ping", "ciba::ping::a_client_is_told_of_an_answer_and_then_asks"),
    ("backchannel_authentication_request_signing_alg_values_supported", SIGNED_BY_CLIENTS, QUESTIONS),
    ("code_challenge_methods_supported", "S256", "code_flow::a_code_with_a_challenge_needs_its_verifier"),
    ("dpop_signing_alg_values_supported", SIGNED_BY_CLIENTS, PROOFS),
    ("ui_locales_supported", "en", "authorize::what_is_not_known_is_ignored"),
    (
        "claims_supported",
        "sub iss aud exp iat auth_time nonce acr amr sid at_hash c_hash name family_name given_name middle_name nickname \
         preferred_username profile picture website gender birthdate zoneinfo locale updated_at email email_verified address \
         phone_number phone_number_verified",
        CLAIMS,
    ),
];

/// They have blanks in them.
pub(super) const RESPONSE_TYPES: [&str; 6] =
    ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];
