import * as oauth from "oauth4webapi";

const ISSUER = new URL("{{issuer}}");
const CLIENT = { client_id: "{{client_id}}" };
const REDIRECT_URI = "{{redirect_uri}}";
const SCOPE = "{{scope}}";
// Only for an issuer without TLS, on your own machine.
const options = { [oauth.allowInsecureRequests]: ISSUER.protocol === "http:" };

const server = await oauth.processDiscoveryResponse(ISSUER, await oauth.discoveryRequest(ISSUER, options));

/** Call it from a "Sign in" button. */
export async function signIn() {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  sessionStorage.setItem("sign-in", JSON.stringify({ verifier, state, nonce }));
  const address = new URL(server.authorization_endpoint);
  address.search = new URLSearchParams({
    client_id: CLIENT.client_id,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: SCOPE,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  location.assign(address);
}

/** Call it on the page of the redirect URI. Gives the tokens and who signed in. */
export async function finishSignIn() {
  const { verifier, state, nonce } = JSON.parse(sessionStorage.getItem("sign-in"));
  sessionStorage.removeItem("sign-in");
  const callback = oauth.validateAuthResponse(server, CLIENT, new URL(location.href), state);
  const response = await oauth.authorizationCodeGrantRequest(
    server, CLIENT, oauth.None(), callback, REDIRECT_URI, verifier, options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, CLIENT, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
}

/** Call it from a "Sign out" button. Ends the session at the server, too, and comes back to the redirect URI, without a state. */
export function signOut(tokens) {
  const address = new URL(server.end_session_endpoint);
  address.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: REDIRECT_URI });
  location.assign(address);
}
