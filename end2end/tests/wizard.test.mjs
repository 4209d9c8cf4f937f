// The wizard, as somebody uses it who wants an application to work: each kind, and the code at its end, run as it was copied.

import { createServer } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";

import { parse, start } from "../lib/program.mjs";
import { findFreePort } from "../lib/server.mjs";
import { enterConsole, expect, fact, hydrated, open, ownServer, signIn, test } from "./fixtures.mjs";

ownServer({ prepare: (server) => server.admin.createUser("alice") });

/** Goes through the wizard from the list of clients to its end. Resolves to what the last page shows. */
async function create(page, kind, { name, redirect, scripts = true }) {
  const follow = async (link) => {
    await link.click();
    if (scripts) await hydrated(page);
  };
  await page.goto("/admin/ui/clients");
  await follow(page.getByRole("link", { name: "New client" }).first());
  await follow(page.getByRole("link", { name: kind }));
  await page.getByLabel("Client name").fill(name);
  if (redirect) await page.getByLabel("Redirect URIs").fill(redirect);
  await page.getByRole("button", { name: "Create client" }).click();
  await page.waitForURL(/\/quickstart\b/);
  const secret = fact(page, "Client secret");
  const files = await page.locator("pre[data-file]").evaluateAll((all) =>
    all.map((file) => ({ name: file.dataset.file, code: file.textContent })),
  );
  return {
    id: await fact(page, "Client ID").innerText(),
    secret: (await secret.count()) ? await secret.innerText() : undefined,
    files,
    // A file name may come twice, for two libraries: the first one is the one shown.
    code: (name) => files.find((file) => file.name === name).code,
  };
}

/** A redirect URI where nothing listens yet. */
async function callback(path = "/callback") {
  return `http://127.0.0.1:${await findFreePort()}${path}`;
}

const KINDS = [
  { kind: /^Single-page app/, id: "spa", redirect: "https://spa.example/callback", secret: false, files: 2 },
  { kind: /^Python web app/, id: "python", redirect: "https://py.example/callback", secret: true, files: 4 },
  { kind: /^Command line or notebook/, id: "cli", redirect: "http://127.0.0.1:5000/cb", secret: false, files: 3 },
  { kind: /^Server-side web app/, id: "web", redirect: "https://web.example/callback", secret: true, files: 4 },
  { kind: /^Native or mobile app/, id: "native", redirect: "com.example.app:/callback", secret: false, files: 2 },
  { kind: /^Native or mobile app/, id: "desktop", redirect: "http://127.0.0.1/callback", secret: false, files: 3 },
  { kind: /^Device or remote terminal/, id: "device", redirect: undefined, secret: false, files: 2 },
  { kind: /^Machine-to-machine/, id: "machine", redirect: undefined, secret: true, files: 4 },
];

for (const scripts of [true, false]) {
  test(`every kind ends with what an application needs, ${scripts ? "with" : "without"} JavaScript`, async ({ person, server }) => {
    const page = await person({ javaScriptEnabled: scripts });
    await enterConsole(page);
    for (const { kind, id, redirect, secret, files } of KINDS) {
      const name = `${id} ${scripts ? "with" : "without"}`;
      const made = await create(page, kind, { name, redirect, scripts });
      expect(made.id, "made of the name").toBe(name.replace(" ", "-"));
      expect(made.secret).toEqual(secret ? expect.stringMatching(/^[\w-]{43,}$/) : undefined);
      expect(made.files).toHaveLength(files);
      for (const { name: file, code } of made.files) {
        await parse(file, code);
        expect(code).toContain(server.url);
        expect(code).toContain(made.id);
        if (redirect) expect(code).toContain(redirect);
        if (redirect && file !== "sign_in.py") expect(code, "it signs out, too").toMatch(/sign_?out|logout/i);
        expect(code, "nothing is left to fill in").not.toContain("{{");
        if (secret) expect(code, "the secret is not in the code").not.toContain(made.secret);
      }
      const environment = page.locator("section", { has: page.getByRole("heading", { name: "Environment variables" }) });
      await expect(environment).toContainText(`OIDC_ISSUER=${server.url}\nOIDC_CLIENT_ID=${made.id}`);
      if (secret) await expect(environment).toContainText(`OIDC_CLIENT_SECRET=${made.secret}`);
      await expect(fact(page, "Token")).toHaveText(`${server.url}/token`);
      await expect(page.locator("details.snippet[open]")).toHaveCount(1);

      await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
      await page.reload();
      await expect(page.locator("details.snippet[open]"), "the sample stays").toHaveCount(1);
      if (secret) {
        expect(await page.content(), "the secret was shown once").not.toContain(made.secret);
        await page.getByRole("link", { name: "Credentials" }).click();
        await expect(page.getByRole("heading", { name: "Add a secret" })).toBeVisible();
        expect(await page.content()).not.toContain(made.secret);
      }
    }
  });
}

test("mistakes are shown beside their fields, and nothing that was typed is lost", async ({ page, expectAnswer }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/clients/wizard?app=spa");
  await page.getByLabel("Client name").fill("Wrong at first");
  await page.getByLabel("Client ID").fill("not an id");
  await page.getByLabel("Redirect URIs").fill("https://good.example/cb\njavascript:alert(1)");
  await page.getByRole("checkbox", { name: "email", exact: true }).uncheck();
  await page.getByRole("checkbox", { name: "Refresh tokens" }).uncheck();
  await page.getByText("JavaScript: oauth4webapi").click();
  expectAnswer(422, "/admin/ui/clients/wizard");
  await page.getByRole("button", { name: "Create client" }).click();

  await expect(page.getByRole("alert")).toContainText("Nothing was created yet");
  await hydrated(page);
  for (const [label, value] of [
    ["Client name", "Wrong at first"],
    ["Client ID", "not an id"],
    ["Redirect URIs", "https://good.example/cb\njavascript:alert(1)"],
  ]) {
    await expect(page.getByLabel(label)).toHaveValue(value);
  }
  for (const label of ["Client ID", "Redirect URIs"]) {
    await expect(page.getByLabel(label)).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel(label)).toHaveAccessibleDescription(/.+/);
  }
  await expect(page.getByRole("checkbox", { name: "email", exact: true })).not.toBeChecked();
  await expect(page.getByRole("checkbox", { name: "Refresh tokens" })).not.toBeChecked();
  await expect(page.getByRole("radio", { name: "JavaScript: oauth4webapi" })).toBeChecked();

  await page.getByLabel("Client ID").fill("right-now");
  await page.getByLabel("Redirect URIs").fill("https://good.example/cb");
  await page.getByRole("button", { name: "Create client" }).click();
  await expect(fact(page, "Client ID")).toHaveText("right-now");
  await expect(page.locator("details.snippet[open] summary")).toHaveText("JavaScript: oauth4webapi");
});

test("what is shown can be copied", async ({ person }) => {
  const page = await person({ permissions: ["clipboard-read", "clipboard-write"] });
  await enterConsole(page);
  const { id, secret, code } = await create(page, /^Machine-to-machine/, { name: "To be copied" });
  await hydrated(page);
  const copy = async (what) => {
    await page.getByRole("button", { name: `Copy ${what}`, exact: true }).first().click();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  expect(await copy("client ID")).toBe(id);
  expect(await copy("client secret")).toBe(secret);
  expect(await copy("token")).toBe(await fact(page, "Token").innerText());
  expect(await copy("the environment variables")).toContain(`OIDC_CLIENT_SECRET=${secret}\n`);
  expect(await copy("get_token.sh")).toBe(code("get_token.sh"));
});

test("a tip says what a field is for, and leads to the guide", async ({ page, person }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/clients/wizard?app=native");
  await page.getByRole("button", { name: "About Redirect URIs" }).click();
  const tip = page.locator("[popover]:popover-open");
  await expect(tip).toContainText("Where a browser may be sent with the answer.");
  const guide = await person();
  const address = await tip.getByRole("link").getAttribute("href");
  await guide.goto(address);
  await expect(guide.locator(new URL(address, page.url()).hash)).toBeInViewport();
  await page.keyboard.press("Escape");
  await expect(tip).toHaveCount(0);
});

test("the code for a service gets a token", async ({ page, server }) => {
  await enterConsole(page);
  const { id, secret, code } = await create(page, /^Machine-to-machine/, { name: "Nightly" });
  for (const file of ["get_token.sh", "get_token.py", "get_token.mjs"]) {
    const printed = await (await start(file, code(file), { OIDC_CLIENT_SECRET: secret })).end();
    const token = /[\w-]{43,}/.exec(printed)[0];
    const answer = await fetch(`${server.url}/introspect`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      body: new URLSearchParams({ token }),
    });
    expect(await answer.json()).toMatchObject({ active: true, client_id: id });
    const wrong = await start(file, code(file), { OIDC_CLIENT_SECRET: "wrong" });
    await expect(wrong.end(), "says that it got none").rejects.toThrow(/ends with [1-9]/);
  }
});

for (const { kind, file, ready } of [
  { kind: "Server-side web app", file: "app.mjs", ready: /Open http/ },
  { kind: "Python web app", file: "app.py", ready: /Running on http/ },
]) {
  test(`the code for a ${kind} signs people in: ${file}`, async ({ page, person, expectAnswer }) => {
    await enterConsole(page);
    const redirect = await callback("/oauth2/callback");
    const { secret, code } = await create(page, new RegExp(`^${kind}`), { name: `Runs ${file}`, redirect });
    const program = await start(file, code(file), { OIDC_CLIENT_SECRET: secret });
    try {
      await program.says(ready);
      const home = new URL("/", redirect).href;
      const alice = await person();
      expectAnswer(400, "/oauth2/callback");
      await alice.goto(home);
      await signIn(alice, "alice");
      await alice.getByRole("button", { name: "Decline" }).click();
      await expect(alice.locator("body")).toContainText("the user declined");
      await alice.goto(home);
      await alice.getByRole("button", { name: "Allow" }).click();
      await expect(alice.locator("body")).toContainText('"email":"alice@example.com"');
      const stranger = await fetch(`${redirect}?code=theirs&state=theirs`);
      expect(stranger.status, "another browser did not begin this").toBe(400);
      const elsewhere = await fetch(home.replace("127.0.0.1", "localhost"), { redirect: "manual" });
      expect(elsewhere.headers.get("location"), "it goes on under the name that cookies are for").toBe(home);
      await alice.goto(new URL("/logout", redirect).href);
      const question = alice.getByRole("button", { name: "Sign out" });
      await expect(question.or(alice.getByText("You are signed out."))).toBeVisible();
      if (await question.isVisible()) await question.click();
      await expect(alice.locator("body")).toContainText("You are signed out.");
      await alice.goto("/");
      await expect(alice.getByRole("link", { name: "Sign in" }), "at the server, too").toBeVisible();
    } finally {
      await program.stop();
    }
  });
}

for (const [name, at] of [
  ["a port of its own", () => callback("/oauth2/callback")],
  ["any free port", () => "http://127.0.0.1/callback"],
]) {
  test(`the code for the command line signs people in, on ${name}`, async ({ page, person }) => {
    await enterConsole(page);
    const redirect = await at();
    const { code } = await create(page, /^Command line or notebook/, { name: `Notebook with ${name}`, redirect });
    const program = await start("sign_in.py", code("sign_in.py"), { BROWSER: "true" });
    try {
      const [, address] = await program.says(/does not: (\S+)\n/);
      const alice = await person();
      await alice.goto(address);
      await signIn(alice, "alice");
      await alice.getByRole("button", { name: "Allow" }).click();
      await expect(alice.locator("body")).toContainText("You can close this window.");
      expect(await program.end()).toContain('"email": "alice@example.com"');
    } finally {
      await program.stop();
    }
  });
}

for (const file of ["sign_in.py", "sign_in.mjs"]) {
  test(`the code for a device signs people in: ${file}`, async ({ page, person }) => {
    await enterConsole(page);
    const { code } = await create(page, /^Device or remote terminal/, { name: `Television with ${file}` });
    const program = await start(file, code(file));
    try {
      const [, address] = await program.says(/or open (\S+)\n/);
      const alice = await person({ javaScriptEnabled: false });
      await alice.goto(address);
      await signIn(alice, "alice");
      await alice.getByRole("button", { name: "Continue" }).click();
      await alice.getByRole("button", { name: "Allow" }).click();
      await expect(alice.getByRole("heading", { name: "Your device is connected" })).toBeVisible();
      expect((await program.end()).replaceAll(": ", ":")).toContain('"email":"alice@example.com"');
    } finally {
      await program.stop();
    }
  });
}

/** Serves a page that calls the code of a single-page app, which finds its library under the name it imports. */
async function serveApp(code) {
  const library = (path) => new URL(`../node_modules/${path}`, import.meta.url);
  const imports = {
    "oidc-client-ts": "oidc-client-ts/dist/esm/oidc-client-ts.js",
    "jwt-decode": "jwt-decode/build/esm/index.js",
    oauth4webapi: "oauth4webapi/build/index.js",
  };
  const map = Object.fromEntries(Object.entries(imports).map(([name, path]) => [name, `/modules/${path}`]));
  const html = `<!DOCTYPE html><html lang="en"><title>App</title><link rel="icon" href="data:,">
    <script type="importmap">${JSON.stringify({ imports: map })}</script><button disabled>Sign in</button><pre></pre>
    <script type="module">
      import { finishSignIn, signIn } from "/auth.js";
      const button = document.querySelector("button");
      button.onclick = () => signIn();
      // A click before the library is there would be lost.
      button.disabled = false;
      if (location.pathname === "/callback") {
        const done = await finishSignIn();
        document.querySelector("pre").textContent = JSON.stringify(done.profile ?? done.claims);
      }
    </script>`;
  const listener = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://app.invalid");
    const script = pathname === "/auth.js" ? code()
      : pathname.startsWith("/modules/") ? await readFile(library(pathname.slice("/modules/".length)))
      : undefined;
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
    response.end(script ?? html);
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  return listener;
}

for (const [at, library] of ["oidc-client-ts", "oauth4webapi"].entries()) {
  test(`the code for a single-page app signs people in: ${library}`, async ({ page, person }) => {
    await enterConsole(page);
    let code;
    const listener = await serveApp(() => code);
    const origin = `http://127.0.0.1:${listener.address().port}`;
    try {
      const made = await create(page, /^Single-page app/, { name: `With ${library}`, redirect: `${origin}/callback` });
      code = made.files[at].code;
      expect(code).toContain(`from "${library}"`);
      const alice = await person();
      await alice.goto(origin);
      await alice.getByRole("button", { name: "Sign in" }).click();
      await signIn(alice, "alice");
      await alice.getByRole("button", { name: "Allow" }).click();
      await expect(alice.locator("pre")).toContainText('"sub":');
    } finally {
      listener.closeAllConnections();
      listener.close();
    }
  });
}
