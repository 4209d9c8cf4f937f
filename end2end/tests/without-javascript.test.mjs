// Everything works without scripts: people's pages have none anyway, the console does not need its own.

import { verifyIdToken } from "../lib/id-token.mjs";
import { enterConsole, expect, fact, ownServer, PASSWORD, signIn, test } from "./fixtures.mjs";

test.use({ javaScriptEnabled: false });

ownServer({ prepare: ({ admin }) => admin.createUser("alice") });

function authorize(clientId, redirectUri, more = {}) {
  const parameters = { response_type: "code", client_id: clientId, redirect_uri: redirectUri, scope: "openid email", ...more };
  return `/authorize?${new URLSearchParams(parameters)}`;
}

test("login and consent", async ({ page, server, site }) => {
  const { client_id: clientId, client_secret: secret } = await server.admin.createClient({
    client_id: "shop",
    client_name: "The shop",
    redirect_uris: [site.callback],
  });
  await page.goto(authorize(clientId, site.callback, { state: "s", nonce: "n" }));
  await signIn(page, "alice");
  await expect(page.getByRole("heading", { name: "The shop" })).toBeVisible();
  await page.getByRole("button", { name: "Decline" }).click();
  await page.waitForURL(`${site.callback}?**`);
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({ error: "access_denied", state: "s", iss: server.url });

  await page.goto(authorize(clientId, site.callback, { state: "s", nonce: "n" }));
  await page.getByRole("button", { name: "Allow" }).click();
  await page.waitForURL(`${site.callback}?**`);
  const code = new URL(page.url()).searchParams.get("code");
  const answer = await fetch(`${server.url}/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: site.callback }),
  });
  expect(answer.status).toBe(200);
  await verifyIdToken(await answer.json(), { issuer: server.url, clientId, nonce: "n" });
});

for (const width of [390, 1440]) {
  test(`a device, at ${width} px`, async ({ page, server, expectAnswer }) => {
    await page.setViewportSize({ width, height: 900 });
    const clientId = `tv-${width}`;
    const grantType = "urn:ietf:params:oauth:grant-type:device_code";
    await server.admin.createClient({
      client_id: clientId,
      client_name: "The television",
      token_endpoint_auth_method: "none",
      grant_types: [grantType],
      redirect_uris: [],
    });
    const call = (path, body) =>
      fetch(`${server.url}${path}`, { method: "POST", body: new URLSearchParams({ client_id: clientId, ...body }) });
    const begin = async () => (await call("/device_authorization", { scope: "openid email" })).json();
    const poll = (device) => call("/token", { grant_type: grantType, device_code: device.device_code });
    const fits = () =>
      expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);

    const device = await begin();
    await page.goto("/device");
    await signIn(page, "alice");
    expectAnswer(422, "/device");
    await page.getByLabel("Code").fill("BBBB-BBBB");
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert")).toContainText("No device waits with this code.");
    await fits();
    await page.getByLabel("Code").fill(device.user_code.toLowerCase().replace("-", ""));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "The television" })).toBeVisible();
    await expect(page.locator(".user-code")).toHaveText(device.user_code);
    await expect(page.getByRole("alert")).toContainText("Go on only if you started this yourself");
    await fits();
    expect((await poll(device)).status).toBe(400);
    await page.getByRole("button", { name: "Allow" }).click();
    await expect(page.getByRole("heading", { name: "Your device is connected" })).toBeVisible();
    expect((await poll(device)).status).toBe(200);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Your device is connected" })).toBeVisible();

    const declined = await begin();
    await page.goto(declined.verification_uri_complete);
    await expect(page.getByLabel("Code")).toHaveValue(declined.user_code);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Decline" }).click();
    await expect(page.getByRole("heading", { name: "Declined" })).toBeVisible();
    expect(await (await poll(declined)).json()).toMatchObject({ error: "access_denied" });
  });
}

test("an answer by form_post waits for a button", async ({ page, server, site }) => {
  await server.admin.createClient({ client_id: "poster", redirect_uris: [site.callback], require_consent: false });
  await page.goto(authorize("poster", site.callback, { response_mode: "form_post", state: "s" }));
  await signIn(page, "alice");
  const sent = page.waitForRequest(site.callback);
  await page.getByRole("button", { name: "Continue" }).click();
  const fields = new URLSearchParams((await sent).postData());
  expect(fields.get("code")).toBeTruthy();
  expect(fields.get("state")).toBe("s");
  await expect(page.getByRole("heading", { name: "Back" })).toBeVisible();
});

test("a wrong password", async ({ page, expectAnswer }) => {
  expectAnswer(401, "/login");
  await page.goto("/login");
  await signIn(page, "alice", "wrong");
  await expect(page.getByRole("alert")).toContainText("The username or password is not right.");
  await expect(page.getByLabel("Username")).toHaveValue("alice");
  await signIn(page, "alice");
  await expect(page.getByText("Signed in as alice")).toBeVisible();
});

test("an unknown client is named, and nobody is sent anywhere", async ({ page, expectAnswer }) => {
  expectAnswer(400, "/authorize");
  await page.goto(authorize("nobody", "https://evil.example/cb"));
  await expect(page.getByText("nobody", { exact: true })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/authorize");
});

test("creating a client in the console, with mistakes", async ({ page, expectAnswer }) => {
  await enterConsole(page);
  await page.goto("/admin/ui/clients");
  await page.getByRole("link", { name: "New client" }).first().click();
  await page.getByRole("link", { name: /^Server-side web app/ }).click();
  await page.getByLabel("Client name").fill("Typed by hand");
  await page.getByLabel("Client ID").fill("by hand");
  await page.getByLabel("Redirect URIs").fill("https://a.example/cb\nnonsense");
  expectAnswer(422, "/admin/ui/clients/wizard");
  await page.getByRole("button", { name: "Create client" }).click();

  await expect(page.getByRole("alert")).toContainText("Nothing was created yet");
  await expect(page.getByLabel("Client name")).toHaveValue("Typed by hand");
  await expect(page.getByLabel("Client ID")).toHaveValue("by hand");
  await expect(page.getByLabel("Client ID")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Redirect URIs")).toHaveValue("https://a.example/cb\nnonsense");
  await expect(page.getByLabel("Redirect URIs")).toHaveAttribute("aria-invalid", "true");

  await page.getByLabel("Client ID").fill("by-hand");
  await page.getByLabel("Redirect URIs").fill("https://a.example/cb");
  await page.getByRole("button", { name: "Create client" }).click();
  await expect(fact(page, "Client ID")).toHaveText("by-hand");
  await expect(fact(page, "Client secret")).toHaveText(/^[\w-]{43,}$/);
  await page.reload();
  await expect(page.locator("main")).toContainText("was shown once and is not shown again");
  await expect(fact(page, "Client secret")).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Typed by hand" })).toBeVisible();
});

test("creating a user, who signs in", async ({ page, person }) => {
  await enterConsole(page);
  await page.goto("/admin/ui/users/new");
  await page.getByLabel("Username").fill("bob");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create user" }).click();
  await page.waitForURL(/\/admin\/ui\/users\/[0-9a-f-]{36}/);
  const bob = await person({ javaScriptEnabled: false });
  await bob.goto("/login");
  await signIn(bob, "bob");
  await expect(bob.getByText("Signed in as bob")).toBeVisible();
});

test("the console is closed without the token", async ({ page, expectAnswer }) => {
  await page.goto("/admin/ui/users");
  await expect(page).toHaveURL(/\/admin\/login\?next=/);
  expectAnswer(401, "/admin/login");
  await page.getByLabel("Admin token").fill("not the token");
  await page.getByRole("button", { name: "Open the console" }).click();
  await expect(page.getByRole("alert")).toContainText("This is not the admin token.");
});
