//! Signing keys of another server: their public halves, so that what they signed is still believed for a while.
//!
//! They never sign here. The other server wrote their private halves into a plain file, which is where they stay.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::jose::{KeyState, SigningAlg};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Map, Value, json};

use super::{Import, Kind, Known, Row, created_at};
use crate::audit::{self, Actor};
use crate::entity::signing_key;
use crate::error::Error;
use crate::jose::{IMPORTED, Verifier};
use crate::keys::{KEY_RETIRING, change};

/// Keys that are taken over at most, the newest: every client fetches all of them.
const MAX_KEYS: usize = 16;

/// Longest ID of a key, in characters.
const MAX_KID: usize = 64;

/// Bits of the modulus of an RSA key: what RFC 7518 §3.3 asks for, up to what is still verified quickly.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;

impl Import<'_> {
    /// Publishes the keys as retiring. They count as [`KEY_RETIRING`] says, from now.
    pub(super) async fn take_keys(&mut self) -> Result<(), Error> {
        for (at, row) in self.seed.keys.iter().rev().enumerate() {
            self.take_key(row, at < MAX_KEYS).await?;
        }
        let imported = self.report.get(Kind::Key).imported;
        if imported > 0 && !self.dry_run {
            self.idp.reload_keyring().await?;
        }
        Ok(())
    }

    async fn take_key(&mut self, row: &Row, has_room: bool) -> Result<(), Error> {
        let kid = row.text("kid");
        let jwk = match read(row) {
            Ok(_) if !has_room => Err(format!("only the newest {MAX_KEYS} keys are taken over")),
            Ok(jwk) => Ok(jwk),
            Err(reason) => Err(reason.to_owned()),
        };
        let jwk = match jwk {
            Ok(jwk) => jwk,
            Err(reason) => {
                self.report.of(Kind::Key).refuse(kid, reason);
                return Ok(());
            }
        };
        if let Some(existing) = signing_key::Entity::find_by_id(kid).one(self.idp.store.read()).await? {
            let outcome = self.report.of(Kind::Key);
            match holds_modulus(&existing, &jwk) {
                true => {
                    outcome.skip();
                    self.memory.remember(Kind::Key, kid, "", self.idp);
                }
                false => outcome.refuse(kid, "there is another key with this ID here"),
            }
            return Ok(());
        }
        if self.memory.recall(Kind::Key, kid, "") == Known::Same {
            self.report.of(Kind::Key).skip();
            return Ok(());
        }
        if !self.dry_run {
            self.insert_key(kid, jwk, row).await?;
        }
        self.memory.remember(Kind::Key, kid, "", self.idp);
        self.report.of(Kind::Key).import();
        Ok(())
    }

    async fn insert_key(&self, kid: &str, jwk: Map<String, Value>, row: &Row) -> Result<(), Error> {
        let (alg, now) = (SigningAlg::RS256, self.idp.now());
        let created = created_at(row, now);
        let key = signing_key::Model {
            kid: kid.to_owned(),
            alg: alg.to_string(),
            state: KeyState::Retiring.as_str().to_owned(),
            private_jwe: String::new(),
            public_jwk: Value::Object(jwk).to_string(),
            created_at: created.0,
            retired_at: Some(now.0),
            expires_at: Some(now.plus(KEY_RETIRING).0),
            activated_at: Some(created.0),
            successor: None,
        };
        let change = change(&Actor::command_line(), "key.import", alg, kid);
        self.idp
            .store
            .write(move |tx| {
                Box::pin(async move {
                    signing_key::Entity::insert(key.into_active_model()).exec_without_returning(tx).await?;
                    audit::append(tx, change, now).await
                })
            })
            .await
    }
}

/// True for the row of this key.
fn holds_modulus(row: &signing_key::Model, jwk: &Map<String, Value>) -> bool {
    let stored: Option<Map<String, Value>> = serde_json::from_str(&row.public_jwk).ok();
    stored.is_some_and(|stored| ["n", "e"].iter().all(|name| stored.get(*name) == jwk.get(*name)))
}

/// The public key of a row as it is stored, or why it is not taken.
fn read(row: &Row) -> Result<Map<String, Value>, &'static str> {
    let kid = row.text("kid");
    if kid.is_empty() || kid.len() > MAX_KID || !kid.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("its ID is not 1 to 64 visible ASCII characters");
    }
    if row.find("alg").is_some_and(|alg| alg != "RS256") || row.find("use").is_some_and(|usage| usage != "sig") {
        return Err("it is not a key for signing with RS256");
    }
    let jwk: Map<String, Value> =
        serde_json::from_str(row.text("public_jwk")).map_err(|_| "its public key is not a JWK")?;
    if jwk.get("kty").and_then(Value::as_str) != Some("RSA") {
        return Err("it is not an RSA key");
    }
    let number = |name: &str| jwk.get(name).and_then(Value::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let (Some(n), Some(e)) = (number("n"), number("e")) else {
        return Err("its public key has no n or no e in base64url");
    };
    if !RSA_BITS.contains(&bits(&n)) {
        return Err("its modulus has fewer than 2048 bits or more than 8192");
    }
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    if !odd(&n) || !odd(&e) || !(2..=32).contains(&bits(&e)) {
        return Err("its numbers are not those of an RSA key");
    }
    // Whatever else was in it stays behind: a private half above all.
    let stored = json!({ "kty": "RSA", "n": jwk.get("n"), "e": jwk.get("e"), IMPORTED: true });
    let stored = stored.as_object().cloned().unwrap_or_default();
    Verifier::parse(SigningAlg::RS256, kid, &stored).map_err(|_| "its public key cannot be used")?;
    Ok(stored)
}

/// Bits of a number; none of one that begins with a zero, as it must not (RFC 7518 §6.3.1, §2).
fn bits(number: &[u8]) -> usize {
    match number.first() {
        None | Some(0) => 0,
        Some(first) => number.len() * 8 - first.leading_zeros() as usize,
    }
}
