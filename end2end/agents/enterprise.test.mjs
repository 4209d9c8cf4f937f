// Enterprise-managed authorization (SEP-990): the company's identity provider says that an agent may act for an employee, and nobody
// is asked again. The MCP SDK, untouched, between two Signets.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  Client,
  CrossAppAccessProvider,
  StreamableHTTPClientTransport,
  discoverAndRequestJwtAuthGrant,
} from "@modelcontextprotocol/client";

import { openEnterprise } from "./enterprise.mjs";

let enterprise;

before(async () => {
  enterprise = await openEnterprise();
});
after(() => enterprise?.stop());

test("an employee's agent calls the MCP server, and asks nobody", async () => {
  const { world } = enterprise;
  const idToken = await enterprise.logIn();
  const authProvider = new CrossAppAccessProvider({
    clientId: enterprise.here.client_id,
    clientSecret: enterprise.here.client_secret,
    expectedIssuer: world.issuer,
    assertion: async ({ authorizationServerUrl, resourceUrl, scope, fetchFn }) => {
      const { client_id: clientId, client_secret: clientSecret } = enterprise.there;
      const asked = { idpUrl: enterprise.issuer, audience: authorizationServerUrl, resource: resourceUrl };
      const granted = await discoverAndRequestJwtAuthGrant({ ...asked, idToken, clientId, clientSecret, scope, fetchFn });
      return granted.jwtAuthGrant;
    },
  });
  for (let times = 0; times < 2; times += 1) {
    const client = new Client({ name: "agent", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(new URL(world.mcpServer), { authProvider }));
    const result = await client.callTool({ name: "list_notes", arguments: {} });
    assert.equal(typeof result.content[0].text, "string");
    await client.close();
    // Whoever lost the token gets another one by a new assertion.
    assert.ok(!authProvider.tokens().refresh_token);
    authProvider.saveTokens(undefined);
  }
});
