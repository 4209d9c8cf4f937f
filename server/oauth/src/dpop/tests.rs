use proptest::prelude::*;
use serde_json::json;
use zeroize::Zeroizing;

use super::*;
use crate::error::ErrorCode;
use crate::id::Issuer;

const NOW: Timestamp = Timestamp(1_800_000_000);
const TOKEN: &str = "an-access-token";

fn seal() -> Seal {
    Seal::new(Zeroizing::new([1; 32]))
}

fn header() -> Value {
    let coordinate = |byte: u8| URL_SAFE_NO_PAD.encode([byte; 32]);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": coordinate(1), "y": coordinate(2) });
    json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk })
}

fn claims() -> Value {
    json!({
        "jti": "one", "htm": "GET", "htu": "https://id.example/userinfo", "iat": NOW.0,
        "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(TOKEN)),
    })
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => object.as_object_mut().unwrap().remove(name),
        value => object.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    object
}

fn compact(header: &str, claims: &str) -> String {
    format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn judge(header: &Value, claims: &Value) -> Result<Possession, OAuthError> {
    let token = Secret::new(TOKEN);
    let request = Proven { method: "GET", path: "/userinfo", access_token: Some(&token) };
    let issuer = Issuer::parse("https://id.example").unwrap();
    DpopProof::parse(&compact(&header.to_string(), &claims.to_string()))?.verify(
        &request,
        (&issuer).into(),
        &seal(),
        NOW,
    )
}

#[test]
fn a_good_proof_shows_a_key_and_is_good_once_at_one_place() {
    let possession = judge(&header(), &claims()).unwrap();
    assert_eq!(possession.once.until, NOW.plus(60));
    let named = with(header(), "kid", json!("k"));
    assert_eq!(judge(&named, &with(claims(), "iat", json!(NOW.0 - 1))).unwrap().once.digest, possession.once.digest);
    assert_ne!(judge(&header(), &with(claims(), "jti", json!("two"))).unwrap().once, possession.once);
    let mut other = header();
    other["jwk"]["x"] = json!(URL_SAFE_NO_PAD.encode([3; 32]));
    let other = judge(&other, &claims()).unwrap();
    assert!(other.jkt != possession.jkt && other.once != possession.once);
}

#[test]
fn every_member_of_the_header_wrong_in_turn_is_refused_for_its_reason() {
    let ec = header()["jwk"].clone();
    for (name, value, reason) in [
        ("typ", Value::Null, "typ"),
        ("typ", json!("jwt"), "typ"),
        ("typ", json!("at+jwt"), "typ"),
        ("alg", json!("none"), "algorithm"),
        ("alg", json!("HS256"), "algorithm"),
        ("alg", json!("RS256"), "jwk is not for its alg"),
        ("jwk", Value::Null, "no jwk"),
        ("jwk", json!("key"), "no jwk"),
        ("jwk", json!({}), "jwk is no public key"),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" }), "private"),
        ("jwk", with(ec.clone(), "d", json!("AAAA")), "private"),
        ("jwk", with(ec.clone(), "crv", json!("P-384")), "jwk is no public key"),
        ("jwk", with(ec.clone(), "use", json!("enc")), "jwk is no public key"),
        ("jwk", with(ec.clone(), "x", json!("AAAA")), "jwk is no public key"),
        ("jwk", with(ec, "alg", json!("PS256")), "jwk is no public key"),
        ("crit", json!(["exp"]), "crit"),
        ("jku", json!("https://evil.example"), "jku"),
    ] {
        let error = judge(&with(header(), name, value.clone()), &claims()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidDpopProof, "{name} {value}");
        assert!(error.description.contains(reason), "{name} {value}: {}", error.description);
    }
}

#[test]
fn every_claim_wrong_in_turn_is_refused_for_its_reason() {
    for (name, value, reason) in [
        ("jti", Value::Null, "no jti"),
        ("jti", json!(""), "no jti"),
        ("jti", json!(7), "cannot be read"),
        ("jti", json!("x".repeat(MAX_JTI + 1)), "jti is too long"),
        ("htm", Value::Null, "no htm"),
        ("htm", json!("POST"), "htm is not"),
        ("htm", json!("get"), "htm is not"),
        ("htu", Value::Null, "no htu"),
        ("htu", json!(""), "htu is not"),
        ("htu", json!("https://id.example"), "htu is not"),
        ("htu", json!("https://id.example/token"), "htu is not"),
        ("htu", json!("https://id.example/userinfo/"), "htu is not"),
        ("htu", json!("https://id.example/USERINFO"), "htu is not"),
        ("htu", json!("http://id.example/userinfo"), "htu is not"),
        ("htu", json!("https://id.example:8443/userinfo"), "htu is not"),
        ("htu", json!("https://evil.example/userinfo"), "htu is not"),
        ("htu", json!("https://me@id.example/userinfo"), "htu is not"),
        ("htu", json!("/userinfo"), "htu is not"),
        ("iat", Value::Null, "no iat"),
        ("iat", json!("now"), "cannot be read"),
        ("ath", Value::Null, "no ath"),
        ("ath", json!("x"), "ath is not"),
    ] {
        let error = judge(&header(), &with(claims(), name, value.clone())).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidDpopProof, "{name} {value}");
        assert!(error.description.contains(reason), "{name} {value}: {}", error.description);
    }
}

#[test]
fn an_address_may_be_written_in_many_ways() {
    for htu in [
        "https://id.example/userinfo?a=b",
        "https://id.example/userinfo#a",
        "https://id.example/userinfo?a#b?c",
        "HTTPS://ID.Example/userinfo",
        "https://id.example:443/userinfo",
        "https://id.example:/userinfo",
        "https://id.example/./a/../userinfo",
        "https://id.example/%75serinfo",
    ] {
        assert!(judge(&header(), &with(claims(), "htu", json!(htu))).is_ok(), "{htu}");
    }
}

#[test]
fn a_time_that_is_off_is_asked_for_a_nonce_and_a_nonce_must_be_good() {
    for (name, value) in [
        ("iat", json!(NOW.0 - 60)),
        ("iat", json!(NOW.0 + 61)),
        ("iat", json!(i64::MAX)),
        ("iat", json!(i64::MIN)),
        ("exp", json!(NOW.0 - 60)),
        ("nbf", json!(NOW.0 + 61)),
        ("nonce", json!("")),
        ("nonce", json!("made-up")),
        ("nonce", json!(nonce(&seal(), NOW.plus(-400)))),
    ] {
        let error = judge(&header(), &with(claims(), name, value.clone())).unwrap_err();
        assert_eq!(error.code, ErrorCode::UseDpopNonce, "{name} {value}");
    }
    for iat in [NOW.0 - 59, NOW.0 + 60] {
        let times = json!({ "exp": iat + 30, "nbf": iat });
        let claims = with(with(claims(), "exp", times["exp"].clone()), "nbf", times["nbf"].clone());
        assert_eq!(judge(&header(), &with(claims, "iat", json!(iat))).unwrap().once.until, Timestamp(iat + 60));
    }
    // A clock that is wrong, in the right hands.
    let asked = with(with(claims(), "iat", json!(7)), "nonce", json!(nonce(&seal(), NOW)));
    let until = judge(&header(), &asked).unwrap().once.until;
    assert!(until > NOW && until <= NOW.plus(360));
}

proptest! {
    #[test]
    fn nothing_that_comes_is_too_odd(
        header in ".{0,80}",
        claims in ".{0,200}",
        jwk in ".{0,80}",
        text in "[A-Za-z0-9._=-]{0,300}",
    ) {
        let with_key = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk }).to_string();
        for text in [text, compact(&header, &claims), compact(&with_key, &claims)] {
            prop_assert!(DpopProof::parse(&text).is_err());
        }
        let _ = DpopProof::parse(&compact(&self::header().to_string(), &claims));
    }

    #[test]
    fn no_text_in_a_claim_is_too_odd(jti in ".{0,60}", htu in ".{0,120}", nonce in ".{0,60}") {
        let claims = json!({ "jti": jti, "htm": "GET", "htu": htu, "iat": NOW.0, "nonce": nonce });
        prop_assert!(judge(&header(), &claims).is_err());
    }

    #[test]
    fn only_a_time_about_now_is_good(iat in -200..200_i64) {
        let judged = judge(&header(), &with(claims(), "iat", json!(NOW.0 + iat)));
        prop_assert_eq!(judged.is_ok(), iat > -60 && iat <= 60);
    }
}
