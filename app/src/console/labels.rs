//! The labels of the console's fields, by the names that drafts and recorded documents have for them.

use oauth::time::Timestamp;

use crate::ui::exact;

/// The label of a field. One that no form has is called by its name.
pub(crate) fn label(field: &str) -> String {
    let (place, name) = field.rsplit_once('.').unwrap_or(("", field));
    let label = match (place, name) {
        ("keys", "jwks") => "Keys",
        ("keys", "jwks_uri") => "Address of the keys",
        _ => words(name),
    };
    if label.is_empty() { field.to_owned() } else { label.to_owned() }
}

/// The value of a field in words. Instants are recorded as seconds since 1970.
pub(super) fn value(field: &str, text: Option<&str>) -> Option<String> {
    let text = text?;
    let name = field.rsplit_once('.').map_or(field, |(_, name)| name);
    let instant = text.trim().parse().ok().filter(|_| INSTANTS.contains(&name)).map(Timestamp);
    Some(instant.map_or_else(|| text.to_owned(), exact))
}

/// The fields whose values are instants.
const INSTANTS: [&str; 1] = ["development_until"];

#[expect(clippy::too_many_lines, reason = "one line for each field")]
fn words(name: &str) -> &'static str {
    match name {
        // Clients.
        "client_id" => "Client ID",
        "client_name" => "Client name",
        "kind" => "Kind",
        "enabled" => "Enabled",
        "redirect_uris" => "Redirect URIs",
        "allowed_origins" => "CORS origins",
        "grant_types" => "Grant types",
        "response_types" => "Response types",
        "scope" | "scopes" => "Scopes",
        "authorization_details_types" => "Types of authorization details",
        "token_endpoint_auth_method" => "Client authentication",
        "may_introspect" => "Reads tokens of other clients",
        "jwks" => "Public keys",
        "jwks_uri" => "Address of the public keys",
        "token_endpoint_auth_signing_alg" => "Assertion algorithm",
        "security_profile" => "Security profile",
        "request_uris" => "Request URIs",
        "request_object_signing_alg" => "Request algorithm",
        "require_signed_request_object" => "Requires signed requests",
        "require_pushed_authorization_requests" => "Requires pushed requests",
        "dpop_bound_access_tokens" => "Requires a proof of its key",
        "tls_client_auth_subject" => "Certificate subject",
        "tls_client_certificate_bound_access_tokens" => "Requires its certificate",
        "id_token_signed_response_alg" => "ID token algorithm",
        "userinfo_signed_response_alg" => "Userinfo algorithm",
        "authorization_signed_response_alg" => "Authorization response algorithm",
        "introspection_signed_response_alg" => "Introspection algorithm",
        "id_token_encrypted_response_alg" => "ID token encryption",
        "id_token_encrypted_response_enc" => "ID token content encryption",
        "userinfo_encrypted_response_alg" => "Userinfo encryption",
        "userinfo_encrypted_response_enc" => "Userinfo content encryption",
        "authorization_encrypted_response_alg" => "Authorization response encryption",
        "authorization_encrypted_response_enc" => "Authorization response content encryption",
        "introspection_encrypted_response_alg" => "Introspection encryption",
        "introspection_encrypted_response_enc" => "Introspection content encryption",
        "request_object_encryption_alg" => "Request encryption",
        "request_object_encryption_enc" => "Request content encryption",
        "client_uri" | "website" => "Website",
        "logo_uri" => "Logo",
        "policy_uri" => "Privacy policy",
        "tos_uri" => "Terms of service",
        "backchannel_logout_uri" => "Back-channel logout URI",
        "backchannel_logout_session_required" => "Logout tokens need the session",
        "frontchannel_logout_uri" => "Front-channel logout URI",
        "frontchannel_logout_session_required" => "Frames need the session",
        "initiate_login_uri" => "Login URI",
        "subject_type" => "Subjects",
        "sector_identifier_uri" => "Address of the sector’s list",
        "default_max_age" => "Oldest login",
        "require_auth_time" => "Needs the time of the login",
        "default_acr_values" => "Wished level of authentication",
        "backchannel_token_delivery_mode" => "Delivery",
        "backchannel_client_notification_endpoint" => "Notification endpoint",
        "backchannel_authentication_request_signing_alg" => "Authentication request algorithm",
        "origin" => "Known by",
        "secret" | "client_secret" => "Secret",
        "secret_name" => "Name of the secret",
        // Their policy.
        "allowed_scopes" => "Allowed scopes",
        "default_scopes" => "Default scopes",
        "post_logout_redirect_uris" => "Post-logout redirect URIs",
        "require_pkce" => "PKCE",
        "consent_policy" => "Consent policy",
        "access_token_lifetime" => "Access token lifetime",
        "refresh_token_ttl_days" => "Refresh token lifetime",
        "refresh_reuse_window" => "Refresh token reuse window",
        "token_format" => "Token format",
        "id_token_claims" => "Claims in ID tokens",
        // Scopes and resources.
        "name" => "Name",
        "description" => "Description",
        "claims" => "Claims",
        "identifier" => "Identifier",
        "status" => "Status",
        "allowed_clients" | "clients" => "Clients",
        "exchanged_by" => "Clients that may exchange its tokens",
        "may_read_userinfo" => "May read userinfo",
        "default" => "Default resource",
        "development_until" => "Development mode until",
        // Trusts.
        "issuer" => "Issuer",
        "algs" => "Algorithms",
        "accounts" => "Account",
        "admits_public_clients" => "Public clients may bring its assertions",
        "tenant" => "Tenant",
        "rules" => "Rules",
        "reusable" => "An assertion may come more than once",
        "resources" => "Resources",
        "groups" => "Groups",
        "shares_email" => "Say the email address",
        "subject" => "Subject there",
        "user" => "User here",
        // Users.
        "username" => "Username",
        "email" => "Email",
        "email_verified" => "Mailbox verified",
        "given_name" => "Given name",
        "family_name" => "Family name",
        "middle_name" => "Middle name",
        "nickname" => "Nickname",
        "preferred_username" => "Shorthand name",
        "profile" => "Profile page",
        "picture" => "Picture",
        "gender" => "Gender",
        "birthdate" => "Birthdate",
        "zoneinfo" => "Time zone",
        "locale" => "Locale",
        "phone_number" => "Phone number",
        "phone_number_verified" => "Number verified",
        "street_address" => "Street address",
        "locality" => "City",
        "region" => "Region",
        "postal_code" => "Postal code",
        "country" => "Country",
        "extra_claims" => "Claims as JSON",
        // Keys, registration and hosts.
        "alg" => "Algorithm",
        "kid" => "Key ID",
        "use" => "Use",
        "state" => "State",
        "successor" => "Next key",
        "policy" => "Clients that may register",
        "tokens" => "Initial access tokens",
        "mode" => "Hosts that may come",
        "allowed" => "Allowed hosts",
        "blocked" => "Blocked hosts",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use oauth::client::{ClientDraft, PolicyDraft};
    use oauth::difference::Draft as _;
    use oauth::registration::{HostPolicy, HostPolicyDraft, RegistrationPolicyDraft};
    use oauth::resource::ResourceDraft;
    use oauth::scope::ScopeDraft;
    use oauth::trust::TrustDraft;
    use oauth::user::UserDraft;

    use super::*;

    #[test]
    fn an_instant_is_told_as_a_time() {
        let told = |field, text| value(field, Some(text)).unwrap();
        assert_eq!(told("development_until", "1800000000"), "2027-01-15 08:00:00 UTC");
        assert_eq!(
            (told("development_until", "soon"), told("gender", "1800000000")),
            ("soon".into(), "1800000000".into())
        );
        assert_eq!(value("development_until", None), None);
        for recorded in ["secret_name", "kid", "use", "development_until"] {
            assert_ne!(label(recorded), recorded);
        }
    }

    #[test]
    fn every_field_of_a_form_has_a_label() {
        let fields = [
            ClientDraft::default().texts(),
            PolicyDraft::default().texts(),
            ScopeDraft::default().texts(),
            ResourceDraft::default().texts(),
            TrustDraft::default().texts(),
            UserDraft::default().texts(),
            RegistrationPolicyDraft::default().texts(),
            HostPolicyDraft::from(&HostPolicy::default()).texts(),
        ];
        for (field, _) in fields.into_iter().flatten() {
            assert!(!words(field).is_empty(), "{field} has no label");
        }
        assert_eq!(label("policy.require_pkce"), "PKCE");
        assert_eq!((label("claims.name"), label("claims.department")), ("Name".into(), "claims.department".into()));
    }
}
