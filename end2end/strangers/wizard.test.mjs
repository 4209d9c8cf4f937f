// The code that the console's wizard shows: each piece is read by its language's own parser where there is one here, and
// what runs without a framework is run as it was copied.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Admin } from "../lib/admin.mjs";
import { Visitor } from "../lib/visitor.mjs";

const run = promisify(execFile);
const issuer = process.env.SIGNET_URL;
const here = dirname(fileURLToPath(import.meta.url));
const python = process.env.SIGNET_PYTHON ?? join(here, "../../target/venv/bin/python");
const admin = new Admin(issuer, process.env.SIGNET_ADMIN_TOKEN);
let alice, cookie, directory;

before(async () => {
  alice = await admin.createUser("alice-of-the-wizard");
  const body = new URLSearchParams({ token: process.env.SIGNET_ADMIN_TOKEN });
  const answer = await fetch(`${issuer}/admin/login`, { method: "POST", body, redirect: "manual" });
  cookie = answer.headers.getSetCookie()[0].split(";")[0];
  // Beside node_modules, where Node looks for packages.
  await mkdir(join(here, "../test-results"), { recursive: true });
  directory = await mkdtemp(join(here, "../test-results/wizard-"));
});

after(() => rm(directory, { recursive: true, force: true }));

const text = (html) =>
  html.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

/** Answers the wizard's questions. Resolves to what is on the page: `secret` and the paths of the files, by name. */
async function create(app, clientId, redirectUri = "") {
  const fields = [["client_name", app], ["client_id", clientId], ["redirect_uris", redirectUri], ["refresh", "on"]];
  const body = new URLSearchParams([...fields, ["scope", "openid"], ["scope", "email"]]);
  const answer = await fetch(`${issuer}/admin/ui/clients/wizard?app=${app}`, { method: "POST", body, headers: { cookie } });
  const page = await answer.text();
  assert.equal(answer.status, 200, page);
  const folder = join(directory, clientId);
  await mkdir(folder);
  const files = [];
  for (const [, name, code] of page.matchAll(/<pre[^>]*data-file="([^"]+)"[^>]*><code>(.*?)<\/code>/gs)) {
    // Two libraries may call their file the same. What is a module, Node is told by the name.
    const path = join(folder, `${files.length}-${name}`.replace(/\.js$/, ".mjs"));
    await writeFile(path, text(code));
    files.push({ name, path });
  }
  const secret = /OIDC_CLIENT_SECRET=([\w-]+)/.exec(page)?.[1];
  return { secret, files, path: (name) => files.find((file) => file.name === name).path };
}

/** A port that nobody listens on. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a program; resolves once it printed `expected`, to the match and a promise of the whole output. */
function start(command, args, expected, env = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env } });
  let output = "";
  const ended = new Promise((resolve) => child.on("close", () => resolve(output)));
  const printed = new Promise((resolve, reject) => {
    const collect = (chunk) => {
      output += chunk;
      const match = expected.exec(output);
      if (match) resolve(match);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", () => reject(new Error(output)));
  });
  return { child, printed, ended };
}

test("every piece of code that can be parsed here is well formed", async () => {
  let parsed = 0;
  for (const app of ["spa", "python", "cli", "web", "native", "machine"]) {
    const { files } = await create(app, `parse-${app}`, app === "machine" ? "" : "http://127.0.0.1:3000/callback");
    assert.notEqual(files.length, 0, app);
    for (const { name, path } of files) {
      const source = `import sys; compile(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1], "exec")`;
      const parser = {
        js: ["node", ["--check", path]],
        mjs: ["node", ["--check", path]],
        py: [python, ["-c", source, path]],
        sh: ["bash", ["-n", path]],
      }[name.split(".").pop()];
      if (!parser) continue;
      await run(...parser);
      parsed += 1;
    }
  }
  assert.equal(parsed, 10);
});

test("what a machine copies gives it a token", async () => {
  const { secret, path } = await create("machine", "wizard-machine");
  const env = { ...process.env, OIDC_CLIENT_SECRET: secret };
  const answer = await run("bash", [path("token.sh")], { env });
  assert.equal(JSON.parse(answer.stdout).token_type, "Bearer");
  for (const [command, file] of [["node", "token.mjs"], [python, "token.py"]]) {
    const { stdout } = await run(command, [path(file)], { env });
    assert.match(stdout, /^\S{20,} for \d+ seconds\n$/);
  }
  await assert.rejects(run("bash", [path("token.sh")], { env: { ...env, OIDC_CLIENT_SECRET: "wrong" } }));
});

test("the web app for Node signs alice in", async () => {
  const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  const { secret, path } = await create("web", "wizard-web", redirectUri);
  const app = start("node", [path("app.mjs")], /Open (\S+)/, { OIDC_CLIENT_SECRET: secret });
  try {
    const [, home] = await app.printed;
    const begun = await fetch(home, { redirect: "manual" });
    const callback = await new Visitor().signInAndAllow(begun.headers.get("location"), alice.username, redirectUri);
    const cookie = begun.headers.getSetCookie()[0].split(";")[0];
    const claims = await (await fetch(callback, { headers: { cookie } })).json();
    assert.equal(claims.sub, alice.id);
    assert.equal(claims.iss, issuer);
    assert.equal((await fetch(callback)).status, 400, "another browser did not begin this");
  } finally {
    app.child.kill();
    await app.ended;
  }
});

test("the script for the command line signs alice in", async () => {
  const redirectUri = `http://127.0.0.1:${await freePort()}/oauth2/callback`;
  const { path } = await create("cli", "wizard-cli", redirectUri);
  // `true` instead of a browser.
  const script = start(python, [path("sign_in.py")], /(http:\S+\/authorize\S+)/, { BROWSER: "true" });
  const [, address] = await script.printed;
  const callback = await new Visitor().signInAndAllow(address, alice.username, redirectUri);
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(callback).catch(() => null);
    if (answer) break;
    assert.ok(tries < 50, "the script does not listen");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const output = await script.ended;
  assert.equal(JSON.parse(output.trim().split("\n").pop()).sub, alice.id, output);
});
