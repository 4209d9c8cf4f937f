import * as client from "openid-client";

const ISSUER = new URL("{{issuer}}");

const config = await client.discovery(ISSUER, "{{client_id}}", undefined, client.None(), {
  // Only for an issuer without TLS, on your own machine.
  execute: ISSUER.protocol === "http:" ? [client.allowInsecureRequests] : [],
});
const device = await client.initiateDeviceAuthorization(config, { scope: "{{scope}}" });
console.log("Open", device.verification_uri, "and type", device.user_code);
console.log("or open", device.verification_uri_complete);
// Waits, and slows down when the server says so.
const tokens = await client.pollDeviceAuthorizationGrant(config, device);
const who = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? client.skipSubjectCheck);
console.log(JSON.stringify(who));
