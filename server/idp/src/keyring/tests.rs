use std::sync::LazyLock;

use super::*;

static SECRET: LazyLock<AppSecret> =
    LazyLock::new(|| AppSecret::parse("a secret of at least 32 bytes, really").unwrap());

fn build(keys: &[StoredKey], secret: &AppSecret) -> Result<Keyring, KeyringError> {
    Keyring::build(keys, &[], secret)
}

fn key(alg: SigningAlg, state: KeyState, created_at: i64) -> StoredKey {
    let pair = jose::generate(alg).unwrap();
    StoredKey {
        alg,
        state,
        private_jwe: pair.seal(&SECRET).unwrap(),
        public_jwk: pair.public_jwk().to_string(),
        kid: pair.kid,
        created_at: Timestamp(created_at),
        activated_at: (state != KeyState::Next).then_some(Timestamp(created_at)),
        retired_at: matches!(state, KeyState::Retiring | KeyState::Retired).then_some(Timestamp(created_at + 1)),
        expires_at: None,
    }
}

fn published(keyring: &Keyring) -> Vec<String> {
    let set: Value = serde_json::from_slice(keyring.jwks().0).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

const ES256: SigningAlg = SigningAlg::ES256;
const EDDSA: SigningAlg = SigningAlg::EdDsa;

#[test]
fn a_token_of_any_active_key_verifies() {
    let keys: Vec<_> = SigningAlg::ALL.into_iter().map(|alg| key(alg, KeyState::Active, 1)).collect();
    let keyring = build(&keys, &SECRET).unwrap();
    assert_eq!(keyring.active_algs(), SigningAlg::ALL);
    for key in &keys {
        let jwt = keyring.sign(key.alg, Some("at+jwt"), br#"{"sub":"alice","exp":1}"#).unwrap();
        let verified = keyring.verify(&jwt).unwrap();
        assert_eq!((&verified.kid, verified.alg, verified.typ.as_deref()), (&key.kid, key.alg, Some("at+jwt")));
        assert_eq!(verified.claims["sub"], "alice");
    }
}

#[test]
fn a_key_that_retires_verifies_and_signs_no_more() {
    let mut old = key(ES256, KeyState::Active, 1);
    let jwt = build(std::slice::from_ref(&old), &SECRET).unwrap().sign(ES256, None, b"{}").unwrap();
    old.state = KeyState::Retiring;
    // Its private half may be gone by now.
    old.private_jwe.clear();
    let new = key(ES256, KeyState::Active, 2);
    let keyring = build(&[old.clone(), new.clone()], &SECRET).unwrap();
    assert_eq!(keyring.verify(&jwt).unwrap().kid, old.kid);
    assert_eq!(keyring.verify(&keyring.sign(ES256, None, b"{}").unwrap()).unwrap().kid, new.kid);
    assert_eq!(published(&keyring), [new.kid.clone(), old.kid.clone()]);
    old.state = KeyState::Retired;
    let keyring = build(&[old.clone(), new.clone()], &SECRET).unwrap();
    assert_eq!(keyring.verify(&jwt), None);
    assert_eq!(published(&keyring), [new.kid]);
    assert_eq!(keyring.keys().last().unwrap().kid, old.kid);
}

#[test]
fn the_next_key_is_published_behind_the_active_one_and_does_not_sign() {
    let (next, active) = (key(ES256, KeyState::Next, 2), key(ES256, KeyState::Active, 1));
    let keyring = build(&[next.clone(), active.clone()], &SECRET).unwrap();
    assert_eq!(published(&keyring), [active.kid.clone(), next.kid.clone()]);
    assert_eq!(keyring.verify(&keyring.sign(ES256, None, b"{}").unwrap()).unwrap().kid, active.kid);
    // Another node may have let it sign a moment ago.
    let mut promoted = next.clone();
    (promoted.state, promoted.activated_at) = (KeyState::Active, Some(Timestamp(3)));
    let elsewhere = build(&[promoted], &SECRET).unwrap().sign(ES256, None, b"{}").unwrap();
    assert_eq!(keyring.verify(&elsewhere).unwrap().kid, next.kid);
}

#[test]
fn of_two_active_keys_the_newest_signs_and_both_are_published() {
    let (first, second) = (key(EDDSA, KeyState::Active, 1), key(EDDSA, KeyState::Active, 2));
    for keys in [[first.clone(), second.clone()], [second.clone(), first.clone()]] {
        let keyring = build(&keys, &SECRET).unwrap();
        let jwt = keyring.sign(EDDSA, None, b"{}").unwrap();
        assert_eq!(keyring.verify(&jwt).unwrap().kid, second.kid);
        assert_eq!(published(&keyring), [second.kid.clone(), first.kid.clone()]);
    }
}

#[test]
fn tokens_of_strangers_do_not_verify() {
    let mine = key(ES256, KeyState::Active, 1);
    let theirs = build(&[key(ES256, KeyState::Active, 1)], &SECRET).unwrap().sign(ES256, None, b"{}").unwrap();
    let keyring = build(&[mine], &SECRET).unwrap();
    let own = keyring.sign(ES256, None, b"{}").unwrap();
    assert!(keyring.verify(&own).is_some());
    assert_eq!(keyring.verify(&theirs), None, "an unknown kid");
    let (header, _) = own.split_once('.').unwrap();
    let (_, rest) = theirs.split_once('.').unwrap();
    assert_eq!(keyring.verify(&format!("{header}.{rest}")), None, "a known kid over a stranger's signature");
    assert_eq!(keyring.verify("eyJhbGciOiJub25lIn0.e30."), None);
    assert_eq!(keyring.verify("an opaque token"), None);
    let list = keyring.sign(ES256, None, b"[]").unwrap();
    assert_eq!(keyring.verify(&list), None, "claims are an object");
}

#[test]
fn another_secret_is_named_as_the_cause() {
    let other = AppSecret::parse("another secret of at least 32 bytes").unwrap();
    let error = build(&[key(ES256, KeyState::Active, 1)], &other).unwrap_err();
    assert!(matches!(error, KeyringError::Sealed(_)));
    assert!(error.to_string().contains("APP_SECRET"));
}

#[test]
fn a_public_key_under_the_wrong_kid_is_refused() {
    let (mut one, other) = (key(ES256, KeyState::Retiring, 1), key(ES256, KeyState::Active, 1));
    one.public_jwk = other.public_jwk;
    assert!(matches!(build(&[one], &SECRET), Err(KeyringError::Unusable(_))));
}

#[test]
fn nothing_private_is_published_even_if_the_row_has_it() {
    let mut key = key(ES256, KeyState::Active, 1);
    key.public_jwk = key.public_jwk.replacen('{', r#"{"d":"secret","x5u":"https://evil.example","#, 1);
    let keyring = build(&[key], &SECRET).unwrap();
    let text = std::str::from_utf8(keyring.jwks().0).unwrap();
    assert!(!text.contains("secret") && !text.contains("evil"), "{text}");
}

#[test]
fn the_etag_changes_with_the_keys() {
    let keys = [key(ES256, KeyState::Active, 1), key(EDDSA, KeyState::Active, 1)];
    let etag = |keys: &[StoredKey]| build(keys, &SECRET).unwrap().jwks().1.to_owned();
    assert_eq!(etag(&keys), etag(&keys));
    assert_ne!(etag(&keys), etag(&keys[..1]));
    assert!(etag(&keys).starts_with('"') && etag(&keys).ends_with('"'));
}

#[test]
fn without_a_key_nothing_is_signed() {
    let keyring = build(&[], &SECRET).unwrap();
    assert_eq!(keyring.sign(ES256, None, b"{}"), Err(KeyringError::NoSigner(ES256)));
    assert_eq!(keyring.jwks().0.as_ref(), br#"{"keys":[]}"#);
}

#[test]
fn states_have_one_name_each() {
    for state in KeyState::ALL {
        assert_eq!(KeyState::find(state.as_str()), Some(state));
    }
    assert_eq!(KeyState::find("lost"), None);
}
