use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::json;

use super::*;

const RS256: &str = "RS256";

static SECRET: LazyLock<AppSecret> =
    LazyLock::new(|| AppSecret::parse("a secret of at least 32 bytes, really").unwrap());
static RSA: LazyLock<KeyPair> = LazyLock::new(|| generate(SigningAlg::RS256).unwrap());

fn pair(alg: SigningAlg) -> KeyPair {
    match alg {
        // Made once: the search for primes is slow.
        SigningAlg::RS256 => KeyPair::new(alg, RSA.private.clone()).unwrap(),
        _ => generate(alg).unwrap(),
    }
}

fn verifier(pair: &KeyPair) -> Verifier {
    Verifier::parse(pair.alg, &pair.kid, pair.public_jwk().as_object().unwrap()).unwrap().0
}

/// A verifier made of nothing but the members in a specification.
fn verifier_of(alg: SigningAlg, jwk: &Value) -> Verifier {
    let jwk = jwk.as_object().unwrap();
    let kid = thumbprint(&public_members(alg, |name| jwk.get(name)).unwrap());
    Verifier::parse(alg, &kid, jwk).unwrap().0
}

fn open(verifier: &Verifier, compact: &str) -> Option<Vec<u8>> {
    verifier.verify(&CompactJws::parse(compact)?)
}

fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn the_thumbprint_is_the_one_of_rfc_7638() {
    let jwk = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj\
              hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ\
              vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK\
              nqDKgw",
        "e": "AQAB",
        "alg": RS256,
        "kid": "2011-04-29",
    });
    let members = public_members(SigningAlg::RS256, |name| jwk.get(name)).unwrap();
    assert_eq!(thumbprint(&members), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

/// RFC 8037, appendix A. Ed25519 signatures are deterministic, so the octets must be the same.
#[test]
fn ed25519_signs_like_the_example_of_rfc_8037() {
    let private = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let pair = KeyPair::new(SigningAlg::EdDsa, Jwk::from_map(private.as_object().unwrap().clone()).unwrap()).unwrap();
    assert_eq!(pair.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(encode(pair.signer().unwrap().key.sign(input.as_bytes()).unwrap()), signature);
    assert_eq!(open(&verifier(&pair), &format!("{input}.{signature}")).unwrap(), b"Example of Ed25519 signing");
}

/// RFC 7515, appendices A.2 and A.3.
#[test]
fn the_signatures_of_rfc_7515_verify() {
    let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let rsa = json!({
        "kty": "RSA",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pC\
              gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg6\
              65xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW\
              yuXpoQ",
        "e": "AQAB",
    });
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU\
                     Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO\
                     --xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN\
                     _IoypGlUPQGe77Rw";
    assert!(
        open(&verifier_of(SigningAlg::RS256, &rsa), &format!("eyJhbGciOiJSUzI1NiJ9.{payload}.{signature}")).is_some()
    );
    let ec = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert!(
        open(&verifier_of(SigningAlg::ES256, &ec), &format!("eyJhbGciOiJFUzI1NiJ9.{payload}.{signature}")).is_some()
    );
}

#[test]
fn what_a_key_signs_its_published_half_verifies() {
    for alg in SigningAlg::ALL {
        let pair = pair(alg);
        let jwt = pair.signer().unwrap().sign_jwt(Some("at+jwt"), br#"{"sub":"alice"}"#).unwrap();
        let jws = CompactJws::parse(&jwt).unwrap();
        assert_eq!((&*jws.header.alg, jws.header.typ.as_deref()), (alg.as_str(), Some("at+jwt")));
        assert_eq!(jws.header.kid.as_deref(), Some(pair.kid.as_str()));
        assert_eq!(open(&verifier(&pair), &jwt).unwrap(), br#"{"sub":"alice"}"#);
        let plain = pair.signer().unwrap().sign_jwt(None, b"{}").unwrap();
        assert_eq!(CompactJws::parse(&plain).unwrap().header.typ, None);
    }
}

#[test]
fn a_change_to_any_part_is_noticed() {
    for alg in SigningAlg::ALL {
        let pair = pair(alg);
        let verifier = verifier(&pair);
        let jwt = pair.signer().unwrap().sign_jwt(None, br#"{"sub":"alice"}"#).unwrap();
        let parts: Vec<_> = jwt.split('.').collect();
        let [header, payload, signature] = parts[..] else { panic!("three parts") };
        let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
        *flipped.last_mut().unwrap() ^= 1;
        let claims = encode(r#"{"sub":"mallory"}"#);
        let reordered = encode(format!(r#"{{"kid":"{}","alg":"{alg}"}}"#, pair.kid));
        for forged in [
            format!("{header}.{claims}.{signature}"),
            format!("{header}.{payload}.{}", encode(&flipped)),
            format!("{header}.{payload}."),
            format!("{header}.{payload}.{}", encode([0; 64])),
            format!("{header}.{payload}.{}", encode([0xff; 64])),
            format!("{header}.{payload}.{signature}="),
            format!("{header}.{payload}.{signature}.{signature}"),
            format!("{reordered}.{payload}.{signature}"),
            format!("{header}.{payload}"),
            format!("{header}{payload}{signature}"),
            String::new(),
            "..".to_owned(),
        ] {
            assert_eq!(open(&verifier, &forged), None, "{forged}");
        }
    }
}

#[test]
fn the_algorithm_is_the_key_s_and_not_the_header_s() {
    for alg in SigningAlg::ALL {
        let pair = pair(alg);
        let verifier = verifier(&pair);
        for name in ["none", "None", "HS256", "RS512", "", "ES256", "RS256", "EdDSA"] {
            let input = format!("{}.{}", encode(json!({ "alg": name, "kid": pair.kid }).to_string()), encode("{}"));
            let signature = encode(pair.signer().unwrap().key.sign(input.as_bytes()).unwrap());
            assert_eq!(open(&verifier, &format!("{input}.{signature}")).is_some(), name == alg.as_str());
            assert_eq!(open(&verifier, &format!("{input}.")), None);
        }
    }
}

#[test]
fn a_header_that_is_not_plain_is_refused() {
    for header in [
        r#"{"alg":"RS256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"RS256","crit":[]}"#,
        r#"{"alg":"none","alg":"RS256"}"#,
        r#"{"alg":["RS256"]}"#,
        r#"{"alg":"RS256","kid":1}"#,
        r#"{"alg":"RS256","typ":{}}"#,
        r#"{"kid":"x"}"#,
        "[]",
        "",
        "{",
    ] {
        assert!(CompactJws::parse(&format!("{}.e30.AA", encode(header))).is_none(), "{header}");
    }
    assert!(CompactJws::parse("@.e30.AA").is_none());
}

#[test]
fn a_published_key_has_nothing_private_and_full_coordinates() {
    let names =
        |alg: SigningAlg| -> BTreeSet<String> { pair(alg).public_jwk().as_object().unwrap().keys().cloned().collect() };
    let set = |names: &[&str]| -> BTreeSet<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    assert_eq!(names(SigningAlg::RS256), set(&["kid", "alg", "use", "kty", "n", "e"]));
    assert_eq!(names(SigningAlg::ES256), set(&["kid", "alg", "use", "kty", "crv", "x", "y"]));
    assert_eq!(names(SigningAlg::EdDsa), set(&["kid", "alg", "use", "kty", "crv", "x"]));
    let length = |jwk: &Value, name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap().len();
    assert_eq!(length(&pair(SigningAlg::RS256).public_jwk(), "n"), 256);
    // One coordinate in 256 begins with a zero octet, which must stay (RFC 7518 §6.2.1.2).
    for _ in 0..600 {
        let jwk = generate(SigningAlg::ES256).unwrap().public_jwk();
        assert_eq!((length(&jwk, "x"), length(&jwk, "y")), (32, 32));
    }
}

#[test]
fn every_es256_signature_has_64_octets() {
    let pair = generate(SigningAlg::ES256).unwrap();
    let (signer, verifier) = (pair.signer().unwrap(), verifier(&pair));
    for number in 0..600 {
        let jwt = signer.sign_jwt(None, number.to_string().as_bytes()).unwrap();
        assert_eq!(CompactJws::parse(&jwt).unwrap().signature.len(), 64);
        assert!(open(&verifier, &jwt).is_some());
    }
}

#[test]
fn a_sealed_key_opens_under_the_same_secret_only() {
    for alg in SigningAlg::ALL {
        let pair = pair(alg);
        let sealed = pair.seal(&SECRET).unwrap();
        assert_eq!(sealed.split('.').count(), 5);
        assert_ne!(sealed, pair.seal(&SECRET).unwrap(), "a nonce is used once");
        let opened = unseal(alg, &pair.kid, &sealed, &SECRET).unwrap();
        assert_eq!(opened.private, pair.private);
        let other = AppSecret::parse("another secret of at least 32 bytes").unwrap();
        let error = unseal(alg, &pair.kid, &sealed, &other).unwrap_err();
        assert_eq!(error, KeyringError::Sealed(pair.kid.clone()));
        assert!(
            error.to_string().starts_with("APP_SECRET does not match the one that sealed the signing key"),
            "{error}"
        );
        assert!(matches!(unseal(alg, "another-kid", &sealed, &SECRET), Err(KeyringError::Unusable(_))));
        let (rest, tag) = sealed.rsplit_once('.').unwrap();
        for damaged in ["", "a.b.c.d.e", &sealed[1..], rest, &format!("{rest}."), &format!("{rest}.{}", &tag[..2])] {
            assert!(unseal(alg, &pair.kid, damaged, &SECRET).is_err(), "{damaged}");
        }
    }
}

#[test]
fn a_private_key_never_prints() {
    for alg in SigningAlg::ALL {
        let pair = pair(alg);
        let d = pair.private.parameter("d").and_then(Value::as_str).unwrap();
        assert!(!format!("{pair:?} {:?}", pair.signer().unwrap()).contains(d));
    }
}

/// `sign_jwt` and `verify` take `&self`, and what `self` holds is the parsed key and no text of it: so nothing is parsed, and one
/// key serves all threads.
#[test]
fn parsed_keys_are_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let pair = pair(SigningAlg::RS256);
    let (signer, verifier) = (pair.signer().unwrap(), verifier(&pair));
    shared(&signer);
    shared(&verifier);
    drop(pair);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| assert!(open(&verifier, &signer.sign_jwt(None, b"{}").unwrap()).is_some()));
        }
    });
}
