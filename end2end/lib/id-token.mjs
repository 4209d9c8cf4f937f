// Verifies an ID token against what the server publishes (OpenID Connect Core §3.1.3.7), with the library jose.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";

/** The hash that belongs to an algorithm (OpenID Connect Core §3.1.3.6; SHA-512 is Ed25519's own). */
const HASHES = { RS256: "sha256", ES256: "sha256", EdDSA: "sha512", Ed25519: "sha512" };

/** Resolves to the claims. */
export async function verifyIdToken(tokens, { issuer, clientId, nonce, alg = "RS256" }) {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  assert.equal(metadata.issuer, issuer);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const options = { issuer, audience: clientId, algorithms: [alg], requiredClaims: ["sub", "exp", "iat", "auth_time"] };
  const { payload } = await jwtVerify(tokens.id_token, keys, options);
  assert.equal(payload.nonce, nonce);
  const digest = createHash(HASHES[alg]).update(tokens.access_token).digest();
  assert.equal(payload.at_hash, digest.subarray(0, digest.length / 2).toString("base64url"));
  return payload;
}
