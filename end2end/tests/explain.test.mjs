// Each kind of failed sign-in, as an administrator mends it: from the dashboard in three clicks to the field, and the second try succeeds.

import { createHash, randomBytes } from "node:crypto";

import { enterConsole, expect, fact, hydrated, open, ownServer, PASSWORD, signIn, test } from "./fixtures.mjs";

const SECRET = "a-secret-of-the-shop-that-is-long-enough";

ownServer({
  prepare: async (server) => {
    for (const name of ["alice", "bob"]) await server.admin.createUser(name);
    await server.admin.createScope("orders", "Read your orders");
  },
});

/** A client of its own for a test, and where it sends people back to. */
async function newClient(server, site, client_id, members = {}) {
  await server.admin.createClient({
    client_id,
    client_name: client_id,
    kind: "web",
    redirect_uris: [site.callback],
    client_secret: SECRET,
    policy: { consent_policy: "skip" },
    ...members,
  });
}

/** The address of a request of a client. */
function request(client_id, site, members = {}) {
  const usual = { response_type: "code", client_id, scope: "openid", redirect_uri: site.callback, state: "s" };
  return `/authorize?${new URLSearchParams({ ...usual, ...members })}`;
}

/** Signs alice in on the way of a request; the address that she comes back to. */
async function arrive(page, address, site) {
  await page.goto(address);
  if (await page.getByLabel("Password").isVisible()) await signIn(page, "alice");
  await page.waitForURL(`${site.origin}/**`);
  return new URL(page.url()).searchParams;
}

/** The answer to a client that brings a code. */
async function exchange(page, client_id, code, site, secret = SECRET) {
  const authorization = `Basic ${Buffer.from(`${client_id}:${secret}`).toString("base64")}`;
  const form = { grant_type: "authorization_code", code, redirect_uri: site.callback };
  return page.request.post("/token", { form, headers: { authorization } });
}

/** From the dashboard to the newest refusal of a kind, and by its remedy to the field. */
async function followRemedy(page, kind, remedy) {
  await enterConsole(page);
  await page.getByRole("navigation").getByRole("link", { name: "Activity" }).click();
  await page.getByRole("row").filter({ hasText: "Refused" }).first().getByRole("link", { name: kind }).click();
  const block = page.getByRole("region", { name: "Explanation" });
  await expect(block).toBeVisible();
  if (!remedy) return block;
  await block.getByRole("link", { name: remedy }).click();
  await hydrated(page);
  return block;
}

async function save(page) {
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.").first()).toBeVisible();
}

test("a redirect URI that is off by a slash", async ({ page, person, server, site, expectAnswer }) => {
  await newClient(server, site, "slash");
  expectAnswer(400, "/authorize");
  const address = request("slash", site, { redirect_uri: `${site.callback}/` });
  await page.goto(address);
  const admin = await person();
  const block = await followRemedy(admin, "Authorization", "Add it to Redirect URIs under Settings of slash");
  await expect(block).toHaveCount(0);
  await expect(admin.getByText("not saved yet")).toBeVisible();
  await save(admin);
  expect((await arrive(page, address, site)).get("code")).toBeTruthy();
});

test("a wrong client secret", async ({ page, person, server, site }) => {
  await newClient(server, site, "secret");
  const code = (await arrive(page, request("secret", site), site)).get("code");
  expect((await exchange(page, "secret", code, site, "wrong")).status()).toBe(401);
  const admin = await person();
  await followRemedy(admin, "Token", "Open the secrets of secret");
  await admin.getByLabel("Secret name").fill("second");
  await admin.getByRole("button", { name: "Add secret" }).click();
  const secret = await fact(admin, "New secret").innerText();
  const again = (await arrive(page, request("secret", site), site)).get("code");
  expect((await exchange(page, "secret", again, site, secret)).status()).toBe(200);
});

test("a scope that the client may not ask for", async ({ page, person, server, site }) => {
  await newClient(server, site, "scope");
  const address = request("scope", site, { scope: "orders" });
  const refused = await arrive(page, address, site);
  expect(refused.get("error")).toBe("invalid_scope");
  expect(refused.get("error_uri")).toContain("/explain/");
  const admin = await person();
  await followRemedy(admin, "Authorization", "Add it to Scopes under Settings of scope");
  await expect(admin.getByLabel("orders")).toBeChecked();
  await save(admin);
  expect((await arrive(page, address, site)).get("code")).toBeTruthy();
});

test("PKCE that is missing", async ({ page, person, server, site }) => {
  await newClient(server, site, "pkce", { policy: { consent_policy: "skip", require_pkce: true } });
  expect((await arrive(page, request("pkce", site), site)).get("error")).toBe("invalid_request");
  const admin = await person();
  await followRemedy(admin, "Authorization", "Open PKCE under Login & consent of pkce");
  await expect(admin).toHaveURL(/#field-require_pkce$/);
  await admin.locator("#field-require_pkce").getByText("Not required", { exact: true }).click();
  await save(admin);
  expect((await arrive(page, request("pkce", site), site)).get("code")).toBeTruthy();
  // Or the application does what it is told.
  const verifier = randomBytes(32).toString("base64url");
  const code_challenge = createHash("sha256").update(verifier).digest("base64url");
  const bound = request("pkce", site, { code_challenge, code_challenge_method: "S256" });
  expect((await arrive(page, bound, site)).get("code")).toBeTruthy();
});

test("a person who is disabled", async ({ page, person, expectAnswer }) => {
  const admin = await person();
  await enterConsole(admin);
  await open(admin, "/admin/ui/users");
  await admin.getByRole("link", { name: "bob" }).click();
  await hydrated(admin);
  await admin.getByLabel("Enabled").uncheck();
  await save(admin);
  expectAnswer(401, "/login");
  await page.goto("/login");
  await signIn(page, "bob");
  await expect(page.getByRole("alert")).toBeVisible();
  await followRemedy(admin, "Sign-in", "Open the account");
  await admin.getByLabel("Enabled").check();
  await save(admin);
  await signIn(page, "bob", PASSWORD);
  await expect(page.getByText("bob")).toBeVisible();
});

test("a code that has expired", async ({ page, person, server, site }) => {
  test.setTimeout(180_000);
  await newClient(server, site, "late");
  const code = (await arrive(page, request("late", site), site)).get("code");
  await new Promise((resolve) => setTimeout(resolve, 61_000));
  expect((await exchange(page, "late", code, site)).status()).toBe(400);
  const admin = await person();
  const block = await followRemedy(admin, "Token");
  await expect(block).toContainText("The code has expired.");
  await expect(block).toContainText("Exchange the code at once.");
  const again = (await arrive(page, request("late", site), site)).get("code");
  expect((await exchange(page, "late", again, site)).status()).toBe(200);
});

test("while a client is in development, its developer sees why on the error page", async ({ page, person, server, site, expectAnswer }) => {
  await newClient(server, site, "draft");
  const address = request("draft", site, { redirect_uri: `${site.callback}x` });
  expectAnswer(400, "/authorize");
  await page.goto(address);
  await expect(page.getByRole("region", { name: "Explanation" })).toHaveCount(0);
  const admin = await person();
  await enterConsole(admin);
  await open(admin, "/admin/ui/clients/draft/quickstart");
  await admin.getByRole("button", { name: "Development mode for a day" }).click();
  await expect(admin.getByText("It is on, and ends by itself")).toBeVisible();
  expectAnswer(400, "/authorize");
  await page.goto(address);
  await expect(page.getByRole("region", { name: "Explanation" })).toContainText(site.callback);
});
