// The MCP SDKs for TypeScript, untouched, against a server that knows nothing but a resource.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import { Client, PrivateKeyJwtProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createPrivateKeyJwtAuth } from "@modelcontextprotocol/sdk/client/auth-extensions.js";

import { Agent, Host, SDKS } from "./sdk.mjs";
import { openWorld } from "./world.mjs";

// Nothing listens there: the tests read the address.
const LOOPBACK = "http://localhost:57470/callback";
const METADATA = {
  client_name: "Test agent",
  redirect_uris: [LOOPBACK],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
};

let world;

before(async () => {
  world = await openWorld();
});
after(() => world?.stop());

/** A key of an agent: the set that it publishes, and what the SDK offers to sign with it. */
function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "1", alg: "ES256", use: "sig" };
  const pem = privateKey.export({ format: "pem", type: "pkcs8" });
  return {
    jwks: { keys: [jwk] },
    pem,
    authentication: (id) => createPrivateKeyJwtAuth({ issuer: id, subject: id, privateKey: pem, alg: "ES256" }),
  };
}

/** How an agent comes by its client ID: what the SDK is given. */
const IDENTITIES = {
  "a client document": () => ({
    metadata: METADATA,
    // As hosts publish it: without a port.
    url: world.site.publish("/agent.json", {
      ...METADATA,
      redirect_uris: ["http://localhost/callback"],
      token_endpoint_auth_method: "none",
    }),
  }),
  "a client document with the address of its key": () => {
    const key = newKey();
    const jwks_uri = world.site.publish(`/jwks-${crypto.randomUUID()}.json`, key.jwks);
    const path = `/signing-agent-${crypto.randomUUID()}.json`;
    // As ChatGPT has it: it prefers to sign, and could do without.
    const url = world.site.publish(path, {
      ...METADATA,
      redirect_uris: ["http://localhost/callback"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
      token_endpoint_auth_signing_alg: "ES256",
      jwks_uri,
    });
    return { metadata: METADATA, url, authentication: key.authentication };
  },
  "registration": () => ({ metadata: { ...METADATA, token_endpoint_auth_method: "none" } }),
  "registration with a secret": () => ({
    metadata: { ...METADATA, client_name: "Test agent with a secret", token_endpoint_auth_method: "client_secret_post" },
  }),
  "registration with its key": () => {
    const { jwks, authentication } = newKey();
    const metadata = { ...METADATA, client_name: "Test agent with a key", token_endpoint_auth_method: "private_key_jwt", jwks };
    return { metadata, authentication };
  },
  "an administrator": async () => {
    const { client_id } = await world.admin.createClient({
      client_id: `agent-${crypto.randomUUID()}`,
      client_name: "Registered agent",
      kind: "native",
      redirect_uris: [LOOPBACK],
      token_endpoint_auth_method: "none",
    });
    return { metadata: METADATA, information: { client_id, issuer: world.issuer } };
  },
  "an administrator who has its key": async () => {
    const key = newKey();
    const { client_id } = await world.admin.createClient({
      client_id: `agent-${crypto.randomUUID()}`,
      client_name: "Agent with a key",
      kind: "web",
      redirect_uris: [LOOPBACK],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
      jwks: key.jwks,
    });
    return { metadata: METADATA, information: { client_id, issuer: world.issuer }, authentication: key.authentication };
  },
};

const agentOf = (sdk, client, tokens) => new Agent(sdk, world.mcpServer, new Host(client, tokens), world.browse);

// Nobody is there to ask: an administrator registers such an agent.
test("SDK v2, for itself: a machine that signs calls the MCP server", async () => {
  const { jwks, pem } = newKey();
  const { client_id: clientId } = await world.admin.createClient({
    client_id: `machine-${crypto.randomUUID()}`,
    client_name: "Nightly agent",
    kind: "machine",
    redirect_uris: [],
    grant_types: ["client_credentials"],
    scope: "",
    token_endpoint_auth_method: "private_key_jwt",
    jwks,
  });
  const machine = { clientId, privateKey: pem, algorithm: "ES256", expectedIssuer: world.issuer, scope: "notes:read" };
  const authProvider = new PrivateKeyJwtProvider(machine);
  const client = new Client({ name: "machine", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(world.mcpServer), { authProvider }));
  const result = await client.callTool({ name: "list_notes", arguments: {} });
  assert.equal(typeof result.content[0].text, "string");
  assert.equal(authProvider.tokens().scope, "notes:read");
  await client.close();
});

for (const [name, sdk] of Object.entries(SDKS)) {
  for (const [origin, identify] of Object.entries(IDENTITIES)) {
    test(`${name}, known by ${origin}: login, step-up, refresh`, async () => {
      const client = await identify();
      const agent = agentOf(sdk, client);
      await agent.call("list_notes");
      const first = agent.host.tokens();
      assert.ok(first.refresh_token, "an agent stays connected");
      assert.ok(!first.scope.split(" ").includes("notes:write"));

      // The server refuses with 403 and the scope that is needed; the SDK asks the person for it.
      const text = crypto.randomUUID();
      await agent.call("add_note", { text });
      assert.match(await agent.call("list_notes"), new RegExp(text));
      assert.ok(agent.host.tokens().scope.split(" ").includes("notes:write"));

      const before = agent.host.tokens();
      const after = await agent.refresh();
      assert.notEqual(after.refresh_token, before.refresh_token);
      assert.equal(await agent.call("list_notes").then((notes) => notes.includes(text)), true);
    });

    test(`${name}, known by ${origin}: eight refreshes at once`, async () => {
      const client = await identify();
      const agent = agentOf(sdk, client);
      await agent.call("list_notes");
      for (let round = 0; round < 3; round += 1) {
        // Eight processes with one store: each has read the same tokens.
        const information = agent.host.clientInformation();
        const workers = Array.from({ length: 8 }, () => agentOf(sdk, { ...client, information }, agent.host.tokens()));
        const tokens = await Promise.all(workers.map((worker) => worker.refresh()));
        assert.equal(new Set(tokens.map((answer) => answer.refresh_token)).size, 1, "they run together again");
        assert.notEqual(tokens[0].refresh_token, agent.host.tokens().refresh_token);
        for (const worker of workers) await worker.call("list_notes");
        agent.host.saveTokens(tokens[0]);
      }
    });
  }

  test(`${name}: a client that was deleted registers again`, async () => {
    const agent = agentOf(sdk, IDENTITIES.registration());
    await agent.call("list_notes");
    const { client_id: id } = agent.host.clientInformation();
    await world.admin.delete(`clients/${encodeURIComponent(id)}`);
    agent.host.saveTokens({ ...agent.host.tokens(), access_token: "expired" });
    assert.equal(typeof (await agent.call("list_notes")), "string");
  });
}
