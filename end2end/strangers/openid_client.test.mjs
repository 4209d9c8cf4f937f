// openid-client (npm) as the relying party.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as client from "openid-client";

import { Admin, PASSWORD } from "../lib/admin.mjs";
import { verifyIdToken } from "../lib/id-token.mjs";
import { Visitor } from "../lib/visitor.mjs";

const issuer = process.env.SIGNET_URL;
const redirectUri = "http://127.0.0.1:3000/callback";
const afterLogout = "http://127.0.0.1:3000/bye";
const admin = new Admin(issuer, process.env.SIGNET_ADMIN_TOKEN);
let alice;

before(async () => {
  alice = await admin.createUser("alice-of-openid-client");
});

/** A key pair of a client that signs, by an algorithm of Web Crypto. */
async function generateKeys(algorithm, alg) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const jwk = await crypto.subtle.exportKey("jwk", publicKey);
  return { key: { key: privateKey, kid: "1" }, jwks: { keys: [{ ...jwk, kid: "1", alg, use: "sig" }] } };
}

/** Registers a client and lets the library discover the rest. `keys` are those of one that signs. */
async function register(clientId, method, alg = "RS256", keys = {}) {
  const { client_secret } = await admin.createClient({
    client_id: clientId,
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: method,
    id_token_signed_response_alg: alg,
    policy: { post_logout_redirect_uris: [afterLogout] },
    ...(keys.jwks && { jwks: keys.jwks }),
  });
  assert.equal(client_secret !== undefined, method.startsWith("client_secret"));
  const authentication = {
    none: client.None,
    client_secret_basic: client.ClientSecretBasic,
    client_secret_post: client.ClientSecretPost,
    private_key_jwt: () => client.PrivateKeyJwt(keys.key),
  }[method];
  // With the checks of non-repudiation the library verifies the signature of ID tokens from the token endpoint, too.
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
  const metadata = { id_token_signed_response_alg: alg };
  return client.discovery(new URL(issuer), clientId, metadata, authentication(client_secret), { execute });
}

/** The code flow, alice being `visitor`. With a `DPoP` handle, its key alone can exchange the code. */
async function signIn(config, { visitor = new Visitor(), alg, DPoP } = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid email offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
    ...(DPoP && { dpop_jkt: await DPoP.calculateThumbprint() }),
  });
  const callback = await visitor.signInAndAllow(address, alice.username, redirectUri);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, { DPoP });
  const { client_id: clientId } = config.clientMetadata();
  const claims = await verifyIdToken(tokens, { issuer, clientId, nonce: expectedNonce, alg });
  assert.equal(claims.sub, alice.id);
  return { tokens, visitor };
}

for (const [method, alg] of [
  ["client_secret_basic", "RS256"],
  ["client_secret_post", "RS256"],
  ["none", "RS256"],
  ["client_secret_basic", "ES256"],
  ["none", "EdDSA"],
]) {
  test(`a client with ${method} and ${alg} signs alice in and stays`, async () => {
    const config = await register(`openid-client-${method}-${alg}`, method, alg);
    const { tokens } = await signIn(config, { alg });
    assert.equal(tokens.scope, "openid email offline_access");

    const userinfo = await client.fetchUserInfo(config, tokens.access_token, alice.id);
    assert.equal(userinfo.email, alice.email);
    assert.equal(userinfo.name, undefined);

    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
    assert.equal(refreshed.claims().sub, alice.id);
    await client.fetchUserInfo(config, refreshed.access_token, alice.id);
  });
}

for (const [alg, algorithm] of [
  ["ES256", { name: "ECDSA", namedCurve: "P-256" }],
  ["RS256", { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }],
  ["PS256", { name: "RSA-PSS", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }],
  ["EdDSA", { name: "Ed25519" }],
]) {
  test(`a client that signs by ${alg} proves itself at every endpoint`, async () => {
    const keys = await generateKeys(algorithm, alg);
    const config = await register(`openid-client-key-${alg}`, "private_key_jwt", "RS256", keys);
    const { tokens } = await signIn(config);
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal((await client.tokenIntrospection(config, refreshed.access_token)).sub, alice.id);
    await client.tokenRevocation(config, refreshed.refresh_token);
    assert.equal((await client.tokenIntrospection(config, refreshed.access_token)).active, false);

    const another = client.PrivateKeyJwt((await generateKeys(algorithm, alg)).key);
    const stranger = new client.Configuration(config.serverMetadata(), `openid-client-key-${alg}`, {}, another);
    client.allowInsecureRequests(stranger);
    await assert.rejects(client.refreshTokenGrant(stranger, tokens.refresh_token), client.WWWAuthenticateChallengeError);
  });
}

for (const [method, alg, off] of [
  ["none", "ES256", 0],
  ["none", "Ed25519", 3600],
  ["client_secret_basic", "PS256", -3600],
]) {
  test(`a client with ${method} proves its ${alg} key by a clock that is ${off} seconds off`, async () => {
    const config = await register(`openid-client-dpop-${method}-${alg}`, method);
    const asked = { proofs: 0 };
    const modify = (_header, payload) => {
      asked.proofs += 1;
      payload.iat += off;
    };
    const keys = await client.randomDPoPKeyPair(alg);
    const DPoP = client.getDPoPHandle(config, keys, { [client.modifyAssertion]: modify });
    const { tokens } = await signIn(config, { DPoP });
    assert.equal(tokens.token_type, "dpop");
    // Who is off is asked for a nonce once, and has it from then on.
    assert.equal(asked.proofs, off === 0 ? 1 : 2);
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, alice.id, { DPoP })).email, alice.email);
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
    await client.fetchUserInfo(config, refreshed.access_token, alice.id, { DPoP });
    assert.equal(asked.proofs, off === 0 ? 4 : 5);

    await assert.rejects(client.fetchUserInfo(config, refreshed.access_token, alice.id), client.WWWAuthenticateChallengeError);
    const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair(alg));
    await assert.rejects(
      client.fetchUserInfo(config, refreshed.access_token, alice.id, { DPoP: thief }),
      client.WWWAuthenticateChallengeError,
    );
    if (method === "none") {
      const stolen = client.refreshTokenGrant(config, refreshed.refresh_token, undefined, { DPoP: thief });
      await assert.rejects(stolen, { error: "invalid_grant" });
    }
  });
}

test("a request that is pushed with a proof is its holder's", async () => {
  const config = await register("openid-client-dpop-par", "client_secret_basic");
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
  const parameters = { redirect_uri: redirectUri, scope: "openid", state: "s" };
  const address = await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
  const callback = await new Visitor().signInAndAllow(address, alice.username, redirectUri);
  const checks = { expectedState: "s" };
  const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
  const stolen = client.authorizationCodeGrant(config, callback, checks, undefined, { DPoP: thief });
  await assert.rejects(stolen, { error: "invalid_grant" });
  const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, { DPoP });
  assert.equal(tokens.token_type, "dpop");
});

test("a client asks about its tokens and revokes them", async () => {
  const config = await register("openid-client-revoker", "client_secret_basic");
  const { tokens } = await signIn(config);
  const about = await client.tokenIntrospection(config, tokens.access_token);
  assert.equal(about.active, true);
  assert.equal(about.sub, alice.id);
  assert.equal(about.client_id, "openid-client-revoker");

  await client.tokenRevocation(config, tokens.refresh_token);
  assert.deepEqual({ ...(await client.tokenIntrospection(config, tokens.access_token)) }, { active: false });
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, alice.id), client.WWWAuthenticateChallengeError);
});

test("a code works once, and takes its tokens with it when it is used again", async () => {
  const config = await register("openid-client-replay", "none");
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const callback = await new Visitor().signInAndAllow(address, alice.username, redirectUri);
  const tokens = await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier });
  const again = client.authorizationCodeGrant(config, callback, { pkceCodeVerifier });
  await assert.rejects(again, { error: "invalid_grant" });
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, alice.id), client.WWWAuthenticateChallengeError);
});

test("a device waits until alice allows it, or learns that she declined", async () => {
  const clientId = "openid-client-device";
  const grant_types = ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"];
  await admin.createClient({ client_id: clientId, redirect_uris: [], token_endpoint_auth_method: "none", grant_types });
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
  const config = await client.discovery(new URL(issuer), clientId, {}, client.None(), { execute });
  const visitor = new Visitor();
  const begin = () => client.initiateDeviceAuthorization(config, { scope: "openid email" });
  const answer = async (device, confirm) => {
    const form = { username: alice.username, password: PASSWORD, user_code: device.user_code, confirm };
    return visitor.follow(device.verification_uri_complete, `${issuer}/device?done=`, { "/login": form, "/device": form });
  };

  const device = await begin();
  // It polls while nobody has decided, too.
  const [tokens] = await Promise.all([client.pollDeviceAuthorizationGrant(config, device), answer(device, "yes")]);
  const claims = await verifyIdToken(tokens, { issuer, clientId });
  assert.equal(claims.sub, alice.id);
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal((await client.fetchUserInfo(config, refreshed.access_token, alice.id)).email, alice.email);

  const declined = await begin();
  assert.match((await answer(declined, "no")).href, /done=declined/);
  await assert.rejects(client.pollDeviceAuthorizationGrant(config, declined), { error: "access_denied" });
});

test("alice signs out through the client and lands where it registered", async () => {
  const config = await register("openid-client-logout", "client_secret_basic");
  const { tokens, visitor } = await signIn(config);
  const parameters = { id_token_hint: tokens.id_token, post_logout_redirect_uri: afterLogout, state: "s" };
  const address = client.buildEndSessionUrl(config, parameters);
  const forms = { "/end_session": { confirm: "yes" }, "/logout": { confirm: "yes" } };
  const landed = await visitor.follow(address, afterLogout, forms);
  assert.equal(landed.href, `${afterLogout}?state=s`);
  // Signed out: the next request for authorization without a page is refused.
  const silent = client.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: "openid", prompt: "none" });
  const refused = await visitor.follow(silent, redirectUri);
  assert.equal(refused.searchParams.get("error"), "login_required");
});
