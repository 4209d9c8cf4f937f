//! Clients, users and scopes to show.

use app::account::consents::{AllowedAt, Consent};
use oauth::certificate::CertificateSubject;
use oauth::claims::{Address, UserClaims};
use oauth::client::{
    Client, ClientAuthMethod, ClientDraft, ClientKind, ClientLogout, ClientOrigin, GrantType, SecurityProfile,
};
use oauth::details::DetailInWords;
use oauth::id::{ClientId, Subject};
use oauth::response_type::ResponseType;
use oauth::time::Timestamp;
use oauth::user::User;

pub(crate) const ISSUER: &str = "http://127.0.0.1:8000";
pub(crate) const NOW: Timestamp = Timestamp(1_795_400_000);
pub(crate) const LONG: &str =
    "The Department of Extraordinarily Long Application Names and Other Administrative Curiosities";

pub(crate) fn ago(seconds: i64) -> Timestamp {
    NOW.plus(-seconds)
}

#[expect(clippy::panic, reason = "a sample that is not right is a mistake in this file")]
pub(crate) fn client(id: &str, name: &str, kind: ClientKind, redirect_uris: &str) -> Client {
    let draft = ClientDraft {
        client_id: id.to_owned(),
        client_name: name.to_owned(),
        redirect_uris: redirect_uris.to_owned(),
        ..ClientDraft::preset(kind)
    };
    match draft.check(None) {
        Ok(client) => client,
        Err(errors) => panic!("{id}: {errors:?}"),
    }
}

pub(crate) fn billing() -> Client {
    let mut client = client(
        "billing-prod",
        "Billing",
        ClientKind::Web,
        "https://billing.example.com/callback\nhttps://billing.example.com/silent",
    );
    client.policy_uri = Some("https://billing.example.com/privacy".to_owned());
    client.tos_uri = Some("https://billing.example.com/terms".to_owned());
    client
}

pub(crate) fn demo() -> Client {
    client(
        "demo-web",
        "Demo Web App",
        ClientKind::Spa,
        "http://localhost:3000/callback\nhttp://127.0.0.1:3000/callback",
    )
}

pub(crate) fn job() -> Client {
    client("export-job", "Nightly export", ClientKind::Machine, "")
}

pub(crate) fn disabled() -> Client {
    Client {
        enabled: false,
        ..client("field-ios", "Field app", ClientKind::Native, "http://127.0.0.1/callback\ncom.example.field:/callback")
    }
}

pub(crate) fn long() -> Client {
    let id = "a-client-id-that-somebody-made-very-long-because-nobody-told-them-not-to-and-there-was-room-for-it";
    client(
        id,
        LONG,
        ClientKind::Web,
        "https://a-rather-long-subdomain.of-a-rather-long-domain.example.com/oauth2/callback/path",
    )
}

/// A client that hears of the end of sessions.
pub(crate) fn told() -> Client {
    let uri = |path: &str| Some(format!("https://billing.example.com/{path}"));
    Client {
        logout: ClientLogout {
            backchannel_logout_uri: uri("backchannel_logout"),
            frontchannel_logout_uri: uri("frontchannel_logout"),
            ..ClientLogout::default()
        },
        initiate_login_uri: uri("login"),
        ..billing()
    }
}

pub(crate) fn arabic() -> Client {
    client("rtl", "تطبيق الفواتير", ClientKind::Web, "https://rtl.example/cb")
}

pub(crate) fn alice() -> User {
    User {
        subject: Subject::new("01935b6f-8a2e-7c41-9f0d-3b5f0c8e2a11"),
        username: "alice".to_owned(),
        email: Some("alice@example.com".to_owned()),
        enabled: true,
        claims: UserClaims {
            name: Some("Alice Liddell".to_owned()),
            given_name: Some("Alice".to_owned()),
            family_name: Some("Liddell".to_owned()),
            birthdate: Some("1990-02-28".to_owned()),
            website: Some("https://alice.example.com".to_owned()),
            phone_number: Some("+1 555 0100".to_owned()),
            email_verified: true,
            address: Some(Address {
                street_address: Some("1 Main St\nFlat 2".to_owned()),
                locality: Some("Oxford".to_owned()),
                country: Some("United Kingdom".to_owned()),
                ..Address::default()
            }),
            ..UserClaims::default()
        },
        updated_at: ago(3_600),
    }
}

pub(crate) fn user(username: &str, name: Option<&str>, email: Option<&str>, enabled: bool) -> User {
    User {
        subject: Subject::new(format!("01935b6f-8a2e-7c41-9f0d-{:012}", username.len())),
        username: username.to_owned(),
        email: email.map(str::to_owned),
        enabled,
        claims: UserClaims { name: name.map(str::to_owned), ..UserClaims::default() },
        updated_at: ago(9_000),
    }
}

pub(crate) fn consents() -> Vec<Consent> {
    let here = |scopes: &[(&str, &str)]| AllowedAt {
        resource: None,
        name: None,
        scopes: scopes.iter().map(|(name, words)| ((*name).to_owned(), (*words).to_owned())).collect(),
        details: Vec::new(),
    };
    let shared = DetailInWords {
        sentence: "Share notes".to_owned(),
        fields: vec![("Actions".to_owned(), vec!["read".to_owned(), "comment".to_owned()])],
    };
    let at = |name: &str, place: &str, scopes: &[(&str, &str)]| AllowedAt {
        resource: Some("1".to_owned()),
        details: vec![shared.clone()],
        name: Some((name.to_owned(), place.to_owned())),
        ..here(scopes)
    };
    let consent = |client: Client, place: Option<&str>, allowed: Vec<AllowedAt>, days: i64| Consent {
        vouched_by: (days == 3).then(|| "Acme".to_owned()),
        asks: days < 100,
        client_id: client.client_id.into_string(),
        client_name: client.client_name,
        place: place.map(str::to_owned),
        sign_in: (days < 100).then(|| "https://billing.example.com/login".to_owned()),
        allowed,
        granted_at: NOW.plus(-days * 86_400),
        used_at: (days < 100).then(|| NOW.plus(-days * 3_600)),
        shown: "x".to_owned(),
    };
    let identity = ("openid", "Know who you are");
    let mail = ("email", "Your email address");
    let away = ("offline_access", "Stay signed in when you are away");
    let notes =
        [("notes:read", "Read your notes"), ("notes:write", "Change and delete your notes, also those of your team")];
    vec![
        consent(billing(), None, vec![here(&[identity, mail, away])], 3),
        consent(
            Client { client_name: "Claude".to_owned(), ..demo() },
            Some("claude.ai"),
            vec![here(&[identity]), at("Notes", "mcp.example.com", &notes)],
            1,
        ),
        consent(long(), None, vec![here(&[identity])], 400),
    ]
}

/// An old client, whose tokens come through the browser.
pub(crate) fn old() -> Client {
    Client {
        security_profile: Some(SecurityProfile::Legacy),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::Implicit],
        response_types: vec![ResponseType::Code, ResponseType::CodeIdToken],
        ..billing()
    }
}

/// An agent with a document and keys.
pub(crate) fn signer() -> Client {
    Client {
        client_id: ClientId::new("https://agent.example.com/client.json"),
        client_name: "Agent".to_owned(),
        origin: ClientOrigin::MetadataDocument,
        token_endpoint_auth_method: ClientAuthMethod::PrivateKeyJwt,
        jwks_uri: Some("https://agent.example.com/.well-known/jwks.json".to_owned()),
        ..demo()
    }
}

/// A client that is known by its certificate.
pub(crate) fn shop() -> Client {
    Client {
        token_endpoint_auth_method: ClientAuthMethod::Tls,
        tls_client_auth_subject: CertificateSubject::parse("DN:CN=shop,O=Example").ok(),
        tls_client_certificate_bound_access_tokens: true,
        ..demo()
    }
}
