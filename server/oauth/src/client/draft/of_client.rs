//! The draft that describes a client as it is.

use super::ClientDraft;
use crate::certificate::CertificateSubject;
use crate::client::{Client, Encrypted};
use crate::jose::SigningAlg;
use crate::jwk::JwkSet;
use crate::redirect_uri::RedirectUri;

impl From<&Client> for ClientDraft {
    fn from(client: &Client) -> Self {
        let uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
        let [id_token, userinfo, authorization, introspection, request_object] = [
            Encrypted::IdToken,
            Encrypted::Userinfo,
            Encrypted::Authorization,
            Encrypted::Introspection,
            Encrypted::RequestObject,
        ]
        .map(|part| client.encryption.texts(part));
        let optional = |url: &Option<String>| url.clone().unwrap_or_default();
        let [delivery_mode, notification_endpoint, backchannel_alg] = client.ciba.texts();
        Self {
            client_id: client.client_id.to_string(),
            client_name: client.client_name.clone(),
            kind: client.kind.to_string(),
            enabled: client.enabled,
            redirect_uris: uris.join("\n"),
            allowed_origins: client.allowed_origins.join("\n"),
            grant_types: client.grant_types.iter().map(ToString::to_string).collect(),
            response_types: client.response_types.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            scope: client.scope.to_lines(),
            authorization_details_types: client.authorization_details_types.join("\n"),
            token_endpoint_auth_method: client.token_endpoint_auth_method.to_string(),
            may_introspect: client.may_introspect,
            jwks: client.jwks.as_ref().map(JwkSet::to_text).unwrap_or_default(),
            jwks_uri: optional(&client.jwks_uri),
            tls_client_auth_subject: client
                .tls_client_auth_subject
                .as_ref()
                .map(CertificateSubject::to_string)
                .unwrap_or_default(),
            token_endpoint_auth_signing_alg: client
                .token_endpoint_auth_signing_alg
                .map(|alg| alg.to_string())
                .unwrap_or_default(),
            security_profile: client.security_profile.map(|profile| profile.to_string()).unwrap_or_default(),
            request_uris: client.request_uris.join("\n"),
            request_object_signing_alg: client
                .request_object_signing_alg
                .map(|alg| alg.to_string())
                .unwrap_or_default(),
            require_signed_request_object: client.require_signed_request_object,
            require_pushed_authorization_requests: client.require_pushed_authorization_requests,
            dpop_bound_access_tokens: client.dpop_bound_access_tokens,
            tls_client_certificate_bound_access_tokens: client.tls_client_certificate_bound_access_tokens,
            id_token_signed_response_alg: client.id_token_signed_response_alg.to_string(),
            userinfo_signed_response_alg: alg_name(client.userinfo_signed_response_alg),
            authorization_signed_response_alg: alg_name(client.authorization_signed_response_alg),
            introspection_signed_response_alg: alg_name(client.introspection_signed_response_alg),
            id_token_encrypted_response_alg: id_token.0,
            id_token_encrypted_response_enc: id_token.1,
            userinfo_encrypted_response_alg: userinfo.0,
            userinfo_encrypted_response_enc: userinfo.1,
            authorization_encrypted_response_alg: authorization.0,
            authorization_encrypted_response_enc: authorization.1,
            introspection_encrypted_response_alg: introspection.0,
            introspection_encrypted_response_enc: introspection.1,
            request_object_encryption_alg: request_object.0,
            request_object_encryption_enc: request_object.1,
            client_uri: optional(&client.client_uri),
            logo_uri: optional(&client.logo_uri),
            policy_uri: optional(&client.policy_uri),
            tos_uri: optional(&client.tos_uri),
            backchannel_logout_uri: optional(&client.logout.backchannel_logout_uri),
            backchannel_logout_session_required: client.logout.backchannel_logout_session_required,
            frontchannel_logout_uri: optional(&client.logout.frontchannel_logout_uri),
            frontchannel_logout_session_required: client.logout.frontchannel_logout_session_required,
            initiate_login_uri: optional(&client.initiate_login_uri),
            backchannel_token_delivery_mode: delivery_mode,
            backchannel_client_notification_endpoint: notification_endpoint,
            backchannel_authentication_request_signing_alg: backchannel_alg,
            subject_type: client.subjects.subject_type.to_string(),
            sector_identifier_uri: optional(&client.subjects.sector_identifier_uri),
            default_max_age: client.login.default_max_age.map(|seconds| seconds.to_string()).unwrap_or_default(),
            require_auth_time: client.login.require_auth_time,
            default_acr_values: client.login.default_acr_values.join("\n"),
            development_until: client.development_until.map(|until| until.0.to_string()).unwrap_or_default(),
        }
    }
}

fn alg_name(alg: Option<SigningAlg>) -> String {
    alg.map(|alg| alg.to_string()).unwrap_or_default()
}

impl ClientDraft {
    /// The field of encryption of this name ([`Encrypted::members`]).
    #[must_use]
    pub fn encryption_text(&self, name: &str) -> &str {
        match name {
            "id_token_encrypted_response_alg" => &self.id_token_encrypted_response_alg,
            "id_token_encrypted_response_enc" => &self.id_token_encrypted_response_enc,
            "userinfo_encrypted_response_alg" => &self.userinfo_encrypted_response_alg,
            "userinfo_encrypted_response_enc" => &self.userinfo_encrypted_response_enc,
            "authorization_encrypted_response_alg" => &self.authorization_encrypted_response_alg,
            "authorization_encrypted_response_enc" => &self.authorization_encrypted_response_enc,
            "introspection_encrypted_response_alg" => &self.introspection_encrypted_response_alg,
            "introspection_encrypted_response_enc" => &self.introspection_encrypted_response_enc,
            "request_object_encryption_alg" => &self.request_object_encryption_alg,
            "request_object_encryption_enc" => &self.request_object_encryption_enc,
            _ => "",
        }
    }
}
