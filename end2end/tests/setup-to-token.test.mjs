// The main job, in browsers only: from an empty server to verified ID tokens.

import * as client from "openid-client";

import { verifyIdToken } from "../lib/id-token.mjs";
import { enterConsole, expect, fact, hydrated, open, ownServer, PASSWORD, signIn, test } from "./fixtures.mjs";

ownServer({ fresh: true });

test("from setup to a verified ID token", async ({ page, person, server, site }) => {
  let subject, web, spa;

  await test.step("set the server up", async () => {
    await page.goto("/");
    await page.getByRole("link", { name: "Set up this server" }).click();
    await page.getByRole("button", { name: "Set up" }).click();
    await page.waitForURL(/\/admin\/ui\?/);
    await hydrated(page);
    await expect(page.getByRole("button", { name: "Copy admin token" })).toBeVisible();
    const token = await fact(page, "Admin token").innerText();
    expect(token.length).toBeGreaterThanOrEqual(43);
    await page.reload();
    expect(await page.content(), "it was shown once").not.toContain(token);
    await enterConsole(await person(), token);
    await page.goto("/setup");
    await expect(page, "the setup is done once").toHaveURL(/\/admin\/login/);
  });

  await test.step("create a user", async () => {
    await open(page, "/admin/ui/users");
    await page.getByRole("link", { name: "New user" }).first().click();
    await hydrated(page);
    await page.getByLabel("Username").fill("alice");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByLabel("Email").fill("alice@example.com");
    await page.getByRole("button", { name: "Create user" }).click();
    await page.waitForURL(/\/admin\/ui\/users\/[0-9a-f-]{36}/);
    subject = new URL(page.url()).pathname.split("/").pop();
  });

  await test.step("create a web client and an SPA", async () => {
    web = await createClient(page, /^Server-side web app/, "Alice’s <shop> & more", site.callback);
    expect(web.secret.length).toBeGreaterThanOrEqual(43);
    spa = await createClient(page, /^Single-page app/, "Single page", site.callback);
    expect(spa.secret).toBeUndefined();
  });

  const alice = await person();

  await test.step("alice signs in to the web client, whose server redeems the code", async () => {
    const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
    const basic = client.ClientSecretBasic(web.secret);
    const config = await client.discovery(new URL(server.url), web.id, undefined, basic, { execute });
    const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: site.callback,
      scope: "openid profile email",
      state: expectedState,
      nonce: expectedNonce,
    });
    await alice.goto(address.href);
    await expect(alice.getByText("to continue to Alice’s <shop> & more")).toBeVisible();
    await signIn(alice, "alice");
    await expect(alice.getByRole("heading", { name: "Alice’s <shop> & more" })).toBeVisible();
    await expect(alice.getByText("Signed in as alice")).toBeVisible();
    await alice.getByRole("button", { name: "Allow" }).click();
    await alice.waitForURL(`${site.callback}?**`);
    const tokens = await client.authorizationCodeGrant(config, new URL(alice.url()), { expectedState, expectedNonce });
    const claims = await verifyIdToken(tokens, { issuer: server.url, clientId: web.id, nonce: expectedNonce });
    expect(claims.sub).toBe(subject);
    const userinfo = await client.fetchUserInfo(config, tokens.access_token, subject);
    expect(userinfo).toMatchObject({ sub: subject, email: "alice@example.com" });
  });

  await test.step("alice is signed in: the SPA only asks for consent, and redeems the code in her browser", async () => {
    const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
    const address = new URL("/authorize", server.url);
    address.search = new URLSearchParams({
      response_type: "code",
      client_id: spa.id,
      redirect_uri: site.callback,
      scope: "openid email offline_access",
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    await alice.goto(address.href);
    await expect(alice.getByRole("heading", { name: "Single page" })).toBeVisible();
    await alice.getByRole("button", { name: "Allow" }).click();
    await alice.waitForURL(`${site.callback}?**`);
    const answer = new URL(alice.url()).searchParams;
    expect(answer.get("state")).toBe(state);
    expect(answer.get("iss")).toBe(server.url);
    const body = {
      grant_type: "authorization_code",
      client_id: spa.id,
      code: answer.get("code"),
      redirect_uri: site.callback,
      code_verifier: verifier,
    };
    const { tokens, userinfo } = await alice.evaluate(redeem, { issuer: server.url, body });
    const claims = await verifyIdToken(tokens, { issuer: server.url, clientId: spa.id, nonce });
    expect(claims.sub).toBe(subject);
    expect(userinfo).toMatchObject({ sub: subject, email: "alice@example.com" });
    expect(tokens.refresh_token).toBeTruthy();

    await alice.goto(address.href);
    await alice.waitForURL(`${site.callback}?**`);
    expect(new URL(alice.url()).searchParams.get("code"), "what she allowed is not asked again").toBeTruthy();
  });

  await test.step("alice signs out", async () => {
    await alice.goto("/");
    await expect(alice.getByText("Signed in as alice")).toBeVisible();
    await alice.getByRole("button", { name: "Sign out" }).click();
    await expect(alice.getByRole("heading", { name: "You are signed out" })).toBeVisible();
  });
});

/** Creates a client in the console; resolves to its ID and, if it has one, its secret. */
async function createClient(page, kind, name, redirectUri) {
  await open(page, "/admin/ui/clients");
  await page.getByRole("link", { name: "New client" }).first().click();
  await page.getByRole("link", { name: kind }).click();
  await hydrated(page);
  await page.getByLabel("Client name").fill(name);
  await page.getByLabel("Redirect URIs").fill(redirectUri);
  await page.getByRole("button", { name: "Create client" }).click();
  await page.waitForURL(/\/quickstart\b/);
  await hydrated(page);
  const secret = fact(page, "Client secret");
  const id = await fact(page, "Client ID").innerText();
  return { id, secret: (await secret.count()) > 0 ? await secret.innerText() : undefined };
}

/** Runs in the client's page, on another origin than the server: finds the endpoints, gets tokens and userinfo. */
async function redeem({ issuer, body }) {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const tokens = await (
    await fetch(metadata.token_endpoint, { method: "POST", body: new URLSearchParams(body) })
  ).json();
  const headers = { Authorization: `Bearer ${tokens.access_token}` };
  const userinfo = await (await fetch(metadata.userinfo_endpoint, { headers })).json();
  return { tokens, userinfo };
}
