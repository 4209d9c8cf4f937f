// The MCP SDK for Python, in the same world.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { PASSWORD } from "../lib/admin.mjs";
import { openEnterprise } from "./enterprise.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

let enterprise;

before(async () => {
  enterprise = await openEnterprise();
});
after(() => enterprise?.stop());

test("the SDK for Python", async () => {
  const { world, issuer, there, here: known } = enterprise;
  const metadata = { redirect_uris: ["http://localhost:57470/callback"], token_endpoint_auth_method: "none" };
  const { client_id } = await world.admin.createClient({ client_id: "python-agent", kind: "native", ...metadata });
  const grants = { grant_types: ["authorization_code", "refresh_token"] };
  const document = { ...metadata, ...grants, client_name: "Python agent", redirect_uris: ["http://localhost/callback"] };
  const child = spawn(process.env.SIGNET_PYTHON || here("../../target/venv/bin/python"), [here("test_mcp.py")], {
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: "1",
      MCP_SERVER: world.mcpServer,
      ALICE_PASSWORD: PASSWORD,
      CLIENT_DOCUMENT: world.site.publish("/python.json", document),
      ENTERPRISE: JSON.stringify({ issuer, there, here: known, id_token: await enterprise.logIn() }),
      REGISTERED: JSON.stringify({ client_id, issuer: world.issuer, ...metadata }),
    },
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the tests in Python end with ${code}`);
});
