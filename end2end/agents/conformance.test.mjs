// The scenarios for authorization servers of the MCP project's own conformance suite.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { findFreePort } from "../lib/server.mjs";
import { openWorld } from "./world.mjs";

const SUITE = fileURLToPath(new URL("../node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url));
const GLOB_SYNC = new URL("./glob-sync.mjs", import.meta.url).href;

let world;

before(async () => {
  world = await openWorld();
});
after(() => world?.stop());

test("the conformance suite of MCP finds nothing", async () => {
  const port = await findFreePort();
  const callback = `http://127.0.0.1:${port}/callback`;
  const { client_id } = await world.admin.createClient({
    client_id: "conformance",
    kind: "native",
    redirect_uris: [callback],
    token_endpoint_auth_method: "none",
  });
  const suite = spawn(process.execPath, [
    ...["--import", GLOB_SYNC, SUITE, "authorization", "--url", world.issuer, "--client-id", client_id],
    ...["--resource", world.mcpServer, "--port", String(port)],
  ]);
  const ended = once(suite, "close");
  let printed = "";
  let visited = false;
  for (const stream of [suite.stdout, suite.stderr]) {
    stream.on("data", (data) => {
      printed += data;
      // The suite prints the address to open, and waits at its callback.
      const address = visited ? undefined : /https?:\/\/\S*\/authorize\?\S+(?=\s)/.exec(printed)?.[0];
      if (!address) return;
      visited = true;
      world.browse(address, callback).then(fetch, (error) => {
        printed += error.stack;
        suite.kill();
      });
    });
  }
  const [code] = await ended;
  if (code !== 0 || /✗|FAILURE|WARNING/.test(printed)) throw new Error(`the suite ends with ${code}:\n${printed}`);
});
