//! JWTs that others made: the assertions of clients among them, those of issuers that are trusted, and proofs of possession.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use oauth::client::{ClientDraft, ClientKind};
use oauth::client_auth::{JWT_BEARER, PresentedClient};
use oauth::dpop::{DpopProof, Proven};
use oauth::form::Form;
use oauth::id::{Issuer, TrustId};
use oauth::jwt::{ForeignJwt, MAX_JWT};
use oauth::mac::MacJwt;
use oauth::seal::Seal;
use oauth::time::Timestamp;
use oauth::trust::{IdJag, TrustDraft, TrustKind, WorkloadAssertion};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

// Two texts, divided by a line end, are header and claims; without one, the text is the JWT itself.
fuzz_target!(|text: &str| {
    let compact = match text.split_once('\n') {
        Some((header, claims)) => {
            let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
            format!("{header}.{claims}.AAAA")
        }
        None => text.to_owned(),
    };
    let parsed = ForeignJwt::parse(&compact);
    if let Ok(jwt) = &parsed {
        assert!(compact.len() <= MAX_JWT);
        assert_eq!(jwt.compact().expose(), compact);
        let header = header(&compact);
        assert!(["jku", "x5u", "crit", "b64"].iter().all(|name| header.get(*name).is_none_or(Value::is_null)));
        assert_eq!(header.get("alg").and_then(Value::as_str), Some(jwt.alg.as_str()));
        let claims = jwt.claims::<Map<String, Value>>().unwrap_or_default();
        judge(jwt, &claims);
    }
    as_proof(&compact);
    let form = [("client_assertion", compact.as_str()), ("client_assertion_type", JWT_BEARER)];
    let form = Form::from_pairs(form.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    if let Ok(presented) = PresentedClient::read(None, &form) {
        let claims = match parsed {
            Ok(jwt) => jwt.claims::<Map<String, Value>>(),
            Err(_) => MacJwt::parse(&compact).expect("it was read").claims(),
        };
        // Beside what is read there may stand a number that a map cannot hold.
        if let Ok(claims) = claims {
            assert_eq!(claims.get("sub").and_then(Value::as_str), Some(presented.client_id.as_str()));
        }
    }
});

/// Whatever is taken says what the trust asks for.
fn judge(jwt: &ForeignJwt, claims: &Map<String, Value>) {
    let here = Issuer::parse("https://id.example").expect("it is one");
    let now = Timestamp(1_800_000_000);
    let said = |name: &str| claims.get(name).and_then(Value::as_str);
    let trust = |kind: TrustKind| {
        let draft =
            TrustDraft { issuer: "https://idp.example".into(), rules: "job sub=a".into(), ..TrustDraft::preset(kind) };
        draft.check(TrustId::new("t"), &here).expect("it is one")
    };
    if let Ok(program) = WorkloadAssertion::judge(jwt, &trust(TrustKind::WorkloadIssuer), None, (&here).into(), now) {
        assert_eq!((said("sub"), program.subject.as_str()), (Some("a"), "a"));
    }
    let client = ClientDraft {
        client_id: "app".into(),
        client_name: "App".into(),
        redirect_uris: "https://app.example/cb".into(),
        ..ClientDraft::preset(ClientKind::Web)
    };
    let client = client.check(None).expect("it is one");
    if let Ok(person) = IdJag::judge(jwt, &trust(TrustKind::IdentityProvider), &client, &here, now) {
        assert_eq!((said("client_id"), said("sub")), (Some("app"), Some(person.subject.as_str())));
        assert!(person.once.until > now && claims.get("tenant").is_none_or(Value::is_null));
    }
}

/// A proof that is taken says whose key it is, for this request and now.
fn as_proof(compact: &str) {
    let Ok(proof) = DpopProof::parse(compact) else { return };
    let jwk = header(compact).get("jwk").cloned().unwrap_or_default();
    assert!(["d", "k", "p"].iter().all(|name| jwk.get(*name).is_none()));
    let here = Issuer::parse("https://id.example").expect("it is one");
    let (seal, now) = (Seal::new(Zeroizing::new([7; 32])), Timestamp(1_800_000_000));
    let request = Proven { method: "POST", path: "/token", access_token: None };
    if let Ok(possession) = proof.verify(&request, (&here).into(), &seal, now) {
        let claims: Map<String, Value> = proof.jwt.claims().unwrap_or_default();
        assert!(claims.is_empty() || claims.get("htm").and_then(Value::as_str) == Some("POST"));
        assert!(possession.once.until > now && possession.jkt == proof.key.key.thumbprint());
    }
}

/// The header, read by other means.
fn header(compact: &str) -> Map<String, Value> {
    let encoded = compact.split('.').next().unwrap_or_default();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).expect("it was read")).expect("it was read")
}
