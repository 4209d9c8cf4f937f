import * as client from "openid-client";

const ISSUER = new URL("{{issuer}}");

const config = await client.discovery(
  ISSUER,
  "{{client_id}}",
  undefined,
  client.ClientSecretBasic(process.env.OIDC_CLIENT_SECRET),
  // Only for an issuer without TLS, on your own machine.
  { execute: ISSUER.protocol === "http:" ? [client.allowInsecureRequests] : [] },
);
const tokens = await client.clientCredentialsGrant(config);
// Send it as `Authorization: Bearer …` and keep it until it expires.
console.log(tokens.access_token, "for", tokens.expires_in, "seconds");
