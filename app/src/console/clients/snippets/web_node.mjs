import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import * as client from "openid-client";

const ISSUER = new URL("{{issuer}}");
const REDIRECT_URI = new URL("{{redirect_uri}}");

const config = await client.discovery(
  ISSUER,
  "{{client_id}}",
  undefined,
  client.ClientSecretBasic(process.env.OIDC_CLIENT_SECRET),
  // Only for an issuer without TLS, on your own machine.
  { execute: ISSUER.protocol === "http:" ? [client.allowInsecureRequests] : [] },
);

// What was begun in the last ten minutes, by browser. Use your framework's sessions instead.
const begun = new Map();
// The ID tokens of those who signed in, to sign them out again.
const idTokens = new Map();

const readId = (request) => /(?:^|; )begun=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];

async function signIn(response) {
  const id = randomUUID();
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  begun.set(id, checks);
  setTimeout(() => begun.delete(id), 600_000);
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI.href,
    scope: "{{scope}}",
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  });
  const secure = REDIRECT_URI.protocol === "https:" ? "; Secure" : "";
  response.writeHead(302, {
    "Location": address.href,
    "Set-Cookie": `begun=${id}; Path=/; HttpOnly; SameSite=Lax${secure}`,
  });
  response.end();
}

async function finish(request, response) {
  const id = readId(request);
  const checks = begun.get(id);
  begun.delete(id);
  if (!checks) {
    response.writeHead(400).end("This sign-in was not begun here.\n");
    return;
  }
  // The redirect URI as registered, with the query that came.
  const callback = new URL(REDIRECT_URI);
  callback.search = new URL(request.url, REDIRECT_URI).search;
  const tokens = await client.authorizationCodeGrant(config, callback, checks);
  // The ID token is verified, and says who it is. Names and addresses are at /userinfo.
  const user = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  idTokens.set(id, tokens.id_token);
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(user));
}

/** Signs the browser out here and at the server, which sends it back to the redirect URI, without a state. */
function signOut(request, response) {
  const id = readId(request);
  const hint = idTokens.has(id) ? { id_token_hint: idTokens.get(id) } : {};
  idTokens.delete(id);
  const address = client.buildEndSessionUrl(config, { post_logout_redirect_uri: REDIRECT_URI.href, ...hint });
  response.writeHead(302, { "Location": address.href, "Set-Cookie": "begun=; Path=/; Max-Age=0" }).end();
}

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, REDIRECT_URI);
  const host = new URL(`http://${request.headers.host}`).hostname;
  if (["localhost", "127.0.0.1"].includes(host) && host !== REDIRECT_URI.hostname) {
    // Cookies belong to one name of this machine: go on under that of the redirect URI.
    response.writeHead(302, { "Location": new URL("/", REDIRECT_URI).href }).end();
    return;
  }
  // The redirect URI may be the home page: what the server sends back has a state.
  if (pathname === REDIRECT_URI.pathname && searchParams.has("state")) return finish(request, response);
  if (pathname === "/") return signIn(response);
  if (pathname === "/logout") return signOut(request, response);
  if (pathname === REDIRECT_URI.pathname) return response.end("You are signed out.\n");
  response.writeHead(404).end();
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    const refused = error instanceof client.AuthorizationResponseError;
    const status = refused || error.code === "ERR_INVALID_URL" ? 400 : 500;
    response.writeHead(status, { "Content-Type": "text/plain" });
    response.end(refused ? `${error.error_description}\n` : "Signing in failed.\n");
  });
});
const port = Number(process.env.PORT || REDIRECT_URI.port || 3000);
server.listen(port, "127.0.0.1", () => {
  console.log(`Open ${new URL("/", REDIRECT_URI)} to sign in, and ${new URL("/logout", REDIRECT_URI)} to sign out.`);
});
