// The world that an agent finds: a Signet that knows one resource and one person, an MCP server that it protects, and a site
// that publishes client documents over https.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Admin } from "../lib/admin.mjs";
import { startExample } from "../lib/example.mjs";
import { findFreePort, startServer } from "../lib/server.mjs";
import { Visitor } from "../lib/visitor.mjs";

const ADMIN_TOKEN = "agents-0123456789abcdef0123456789abcdef";

/** Starts all of it. Resolves to `{ issuer, admin, mcpServer, site, browse, stop }`. */
export async function openWorld() {
  const site = await Site.open();
  const server = await startServer({ ADMIN_TOKEN, EXTRA_CA_FILE: site.certificate, ALLOWED_FETCH_HOSTS: site.host });
  const admin = new Admin(server.url, ADMIN_TOKEN);
  const mcpPort = await findFreePort();
  const mcpServer = `http://127.0.0.1:${mcpPort}/mcp`;
  // The whole set-up of an administrator.
  await admin.createUser("alice");
  await admin.createResource({
    identifier: mcpServer,
    name: "Notes",
    scopes: [
      { name: "notes:read", description: "Read your notes", default: true },
      { name: "notes:write", description: "Write notes" },
    ],
  });
  const program = await startExample("mcp_server", mcpServer, { ISSUER: server.url, LISTEN_ADDR: `127.0.0.1:${mcpPort}` });
  return {
    issuer: server.url,
    admin,
    mcpServer,
    site,
    browse: (address, redirectUri) => new Visitor().signInAndAllow(address, "alice", redirectUri),
    async stop() {
      await program.stop();
      await server.stop();
      await site.close();
    },
  };
}

/** A web site at an address of this machine, with a certificate that only those trust who are told to. */
class Site {
  #documents = new Map();

  static async open() {
    const site = new Site();
    site.directory = mkdtempSync(join(tmpdir(), "signet-agents."));
    const [key, certificate] = [join(site.directory, "key.pem"), join(site.directory, "certificate.pem")];
    execFileSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-subj", "/CN=client documents", "-addext", "subjectAltName=DNS:localhost"],
      ...["-keyout", key, "-out", certificate],
    ], { stdio: "ignore" });
    site.certificate = certificate;
    const options = { key: readFileSync(key), cert: readFileSync(certificate) };
    site.server = createServer(options, (request, response) => {
      const document = site.#documents.get(request.url);
      response.writeHead(document ? 200 : 404, { "Content-Type": "application/json" });
      response.end(JSON.stringify(document ?? {}));
    });
    const port = await findFreePort();
    site.server.listen(port, "localhost");
    await once(site.server, "listening");
    site.host = `localhost:${port}`;
    return site;
  }

  /** Publishes a client document; resolves to its address, which is the client's ID. */
  publish(path, members) {
    const url = `https://${this.host}${path}`;
    this.#documents.set(path, { client_id: url, ...members });
    return url;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.directory, { recursive: true });
  }
}
