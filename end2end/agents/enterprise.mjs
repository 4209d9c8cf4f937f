// A company with an identity provider of its own, another Signet, whose assertions the world's Signet takes.

import { Admin } from "../lib/admin.mjs";
import { startServer } from "../lib/server.mjs";
import { Visitor } from "../lib/visitor.mjs";
import { openWorld } from "./world.mjs";

const ADMIN_TOKEN = "enterprise-0123456789abcdef0123456789abcdef";
const REDIRECT_URI = "http://localhost:57471/callback";
const GRANTS = {
  bearer: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  exchange: "urn:ietf:params:oauth:grant-type:token-exchange",
};

/**
 * Starts it, and the world. Resolves to `{ world, issuer, there, here, logIn, stop }`: the agent is the client `there` at the provider and `here` at
 * the world's Signet, each with `client_id` and `client_secret`; `logIn` resolves to an ID token of alice.
 */
export async function openEnterprise() {
  const world = await openWorld();
  const server = await startServer({ ADMIN_TOKEN });
  const admin = new Admin(server.url, ADMIN_TOKEN);
  await admin.createUser("alice");
  const here = await world.admin.createClient({ client_id: "employee-agent", kind: "web", grant_types: [GRANTS.bearer] });
  const there = await admin.createClient({
    client_id: "agent",
    kind: "web",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token", GRANTS.exchange],
  });
  const resource = `${world.mcpServer} notes:read notes:write`;
  const clients = ["agent employee-agent"];
  await admin.createTrust({
    ...{ kind: "authorization_server", issuer: world.issuer, name: "Notes", clients, resources: [resource], shares_email: true },
  });
  // A program on this computer has no certificate, so its keys are given.
  const jwks = await (await fetch(`${server.url}/.well-known/jwks.json`)).json();
  const accounts = "verified_email";
  await world.admin.createTrust({ kind: "identity_provider", issuer: server.url, name: "The company", jwks, accounts });
  return {
    world,
    issuer: server.url,
    here,
    there,
    async logIn() {
      const query = { response_type: "code", client_id: there.client_id, redirect_uri: REDIRECT_URI, scope: "openid email" };
      const address = `${server.url}/authorize?${new URLSearchParams(query)}`;
      const callback = await new Visitor().signInAndAllow(address, "alice", REDIRECT_URI);
      const body = {
        ...{ grant_type: "authorization_code", code: callback.searchParams.get("code"), redirect_uri: REDIRECT_URI },
        ...{ client_id: there.client_id, client_secret: there.client_secret },
      };
      const answer = await fetch(`${server.url}/token`, { method: "POST", body: new URLSearchParams(body) });
      return (await answer.json()).id_token;
    },
    async stop() {
      await server.stop();
      await world.stop();
    },
  };
}
