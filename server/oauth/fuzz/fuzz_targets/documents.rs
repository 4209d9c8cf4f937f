//! The words of programs about themselves: documents of clients, registrations, metadata of resources, and sets of keys.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth::client::{Client, ClientOrigin, GrantType};
use oauth::id::ClientId;
use oauth::jwk::JwkSet;
use oauth::redirect_uri::RedirectUri;
use oauth::registration::{ClientUrl, Registration, RegistrationResponse, read_document};
use oauth::resource::ResourceMetadata;
use oauth::seal::Seal;
use oauth::time::Timestamp;
use serde_json::Value;
use zeroize::Zeroizing;

const URL: &str = "https://a.example/client.json";

fuzz_target!(|body: &[u8]| {
    as_document(body);
    if let Ok(registration) = Registration::read(body) {
        as_registration(&registration);
    }
    let _ = ResourceMetadata::find(body);
    if let Ok(text) = str::from_utf8(body) {
        as_keys(text);
    }
});

/// The document of a client, whatever it says about whose it is.
fn as_document(body: &[u8]) {
    let url = ClientUrl::parse(URL).expect("it is a URL of a client");
    let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
        assert!(read_document(&url, body).is_err());
        return;
    };
    members.insert("client_id".to_owned(), URL.into());
    let secret = members.keys().any(|name| name.starts_with("client_secret"));
    let Ok(description) = read_document(&url, Value::Object(members).to_string().as_bytes()) else { return };
    assert!(!secret);
    let client = description.to_client(ClientId::new(URL), url.place().as_str(), ClientOrigin::MetadataDocument);
    let grants = &client.grant_types;
    assert!(grants.iter().any(|grant| grant.signs_people_in() || *grant == GrantType::JwtBearer));
    assert!(!client.redirect_uris.is_empty() || !grants.iter().any(|grant| grant.redirects()));
    check_kept(&client);
}

/// Whoever sends back what it was answered is the same client.
fn as_registration(registration: &Registration) {
    let seal = Seal::new(Zeroizing::new([7; 32]));
    let client = registration.to_client(&[], "drawn", &seal);
    check_kept(&client);
    let answer = RegistrationResponse::new(&client, registration.redirect_uris(), Timestamp(0), None, None);
    let answer = serde_json::to_value(&answer).expect("it is JSON");
    let members = answer.as_object().expect("it is an object");
    assert!(members.values().all(|value| !value.is_null() && value.as_str() != Some("")), "{answer}");
    if client.is_public() {
        let again = Registration::read(answer.to_string().as_bytes()).expect("it was taken before");
        assert_eq!(again.to_client(&[], "drawn", &seal).client_id, client.client_id, "{answer}");
    }
}

/// A client can be stored and read, and its redirect URIs are such as can be registered.
fn check_kept(client: &Client) {
    let document = serde_json::to_string(client).expect("it is JSON");
    assert_eq!(&Client::from_document(&document).expect("it was written"), client);
    for uri in &client.redirect_uris {
        assert_eq!(RedirectUri::parse(uri.as_str(), true).as_ref(), Ok(uri));
    }
}

/// A set that was read is read again, and holds no private key.
fn as_keys(text: &str) {
    let _ = JwkSet::of_client(text);
    if let Ok(keys) = JwkSet::fetched(text) {
        assert_eq!(JwkSet::parse(&keys.to_text()).as_ref(), Ok(&keys));
        assert!(!keys.to_text().contains("\"d\":"));
    }
}
