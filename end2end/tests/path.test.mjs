// An issuer with a path, behind a proxy that keeps it and behind one that takes it off: everything happens below it.

import * as client from "openid-client";

import { verifyIdToken } from "../lib/id-token.mjs";
import { findFreePort, startServer } from "../lib/server.mjs";
import { startStrippingProxy } from "../lib/stripping-proxy.mjs";
import { ADMIN_TOKEN, expect, fact, hydrated, PASSWORD, signIn, test } from "./fixtures.mjs";

const PATH = "/auth";

/** Starts a server whose issuer has the path. Resolves to `{ url, stop }`. */
async function start(isStripped) {
  if (!isStripped) return startServer({ ADMIN_TOKEN }, PATH);
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}${PATH}`;
  const behind = await startServer({ ADMIN_TOKEN, ISSUER: url, PROXY_STRIPS_PATH: "true" });
  const proxy = await startStrippingProxy(port, PATH, behind.url);
  return {
    url,
    async stop() {
      proxy.stop();
      await behind.stop();
    },
  };
}

for (const isStripped of [false, true]) {
  test(`an issuer with a path, which the proxy ${isStripped ? "takes off" : "keeps"}`, async ({ page, context, site }) => {
    const server = await start(isStripped);
    const at = (address) => `${server.url}${address}`;
    const outside = [];
    context.on("request", (request) => {
      const url = request.url();
      const isInside = url === server.url || [`${server.url}/`, `${server.url}?`, site.origin].some((home) => url.startsWith(home));
      if (!isInside && !url.startsWith("data:")) outside.push(url);
    });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    try {
      const made = await test.step("the console", () => useConsole(page, at, site));
      await test.step("a person and an application", () => signInTo(page, server, made, site));
      await test.step("the documentation", () => readDocs(page, at));
      expect(outside).toEqual([]);
    } finally {
      await server.stop();
    }
  });
}

/** Opens the console and makes a user and a client there, with its islands. Resolves to the client. */
async function useConsole(page, at, site) {
  await page.goto(at("/admin/ui"));
  await expect(page).toHaveURL(/\/auth\/admin\/login/);
  await page.getByLabel("Admin token").fill(ADMIN_TOKEN);
  await page.getByRole("button", { name: "Open the console" }).click();
  await page.waitForURL(at("/admin/ui"));
  await hydrated(page);

  await page.getByRole("link", { name: "Users", exact: true }).first().click();
  await hydrated(page);
  await page.getByRole("link", { name: "New user" }).first().click();
  await hydrated(page);
  await page.getByLabel("Username").fill("alice");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Email").fill("alice");
  await page.getByLabel("Email").blur();
  await expect(page.locator("#field-email-error")).toBeVisible();
  await page.getByLabel("Email").fill("alice@example.com");
  await page.getByRole("button", { name: "Create user" }).click();
  await page.waitForURL(/\/auth\/admin\/ui\/users\/[0-9a-f-]{36}/);

  await page.getByRole("link", { name: "Clients", exact: true }).first().click();
  await hydrated(page);
  await page.getByRole("link", { name: "New client" }).first().click();
  await page.getByRole("link", { name: /^Server-side web app/ }).click();
  await hydrated(page);
  await page.getByLabel("Client name").fill("The shop");
  await page.getByLabel("Redirect URIs").fill(site.callback);
  await page.getByRole("button", { name: "Create client" }).click();
  await page.waitForURL(/\/quickstart\b/);
  await hydrated(page);
  const [id, secret] = [await fact(page, "Client ID").innerText(), await fact(page, "Client secret").innerText()];
  await expect(fact(page, "Token")).toHaveText(at("/token"));
  await page.getByRole("button", { name: "Copy client ID" }).first().click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(id);

  await page.keyboard.press("Control+k");
  await page.keyboard.type("the sho");
  await expect(page.getByRole("option", { selected: true })).toContainText("The shop");
  await page.keyboard.press("Enter");
  await page.waitForURL(at(`/admin/ui/clients/${id}`));
  await page.goto(at(`/admin/ui/clients/${id}/settings`));
  await hydrated(page);
  await page.getByLabel("Client name").fill("The big shop");
  await expect(page.getByText("You have unsaved changes.")).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: /saved/i })).toBeVisible();
  return { id, secret };
}

/** Signs alice in to the client, whose library knows the issuer and nothing else; and out again. */
async function signInTo(page, server, { id, secret }, site) {
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
  // The library asks at the address of OpenID Connect, or, with `oauth2`, at that of RFC 8414.
  for (const algorithm of ["oidc", "oauth2"]) {
    const config = await client.discovery(new URL(server.url), id, undefined, client.ClientSecretBasic(secret), { execute, algorithm });
    expect(config.serverMetadata().issuer).toBe(server.url);
  }
  const config = await client.discovery(new URL(server.url), id, undefined, client.ClientSecretBasic(secret), { execute });
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const parameters = { redirect_uri: site.callback, scope: "openid email", state: expectedState, nonce: expectedNonce };
  await page.goto(client.buildAuthorizationUrl(config, parameters).href);
  await signIn(page, "alice");
  await page.getByRole("button", { name: "Allow" }).click();
  await page.waitForURL(`${site.callback}?**`);
  const tokens = await client.authorizationCodeGrant(config, new URL(page.url()), { expectedState, expectedNonce });
  await verifyIdToken(tokens, { issuer: server.url, clientId: id, nonce: expectedNonce });

  await page.goto(`${server.url}/account`);
  await expect(page.getByText("The big shop")).toBeVisible();
  await page.goto(server.url);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "You are signed out" })).toBeVisible();
}

async function readDocs(page, at) {
  await page.goto(at("/docs"));
  await page.getByRole("link", { name: /configuration/i }).first().click();
  await expect(page).toHaveURL(/\/auth\/docs\/configuration/);
}
