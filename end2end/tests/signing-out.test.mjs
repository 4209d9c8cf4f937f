// Signing out, as the pages of applications see it: frames that sign out, and frames that ask.

import { expect, ownServer, signIn, test } from "./fixtures.mjs";

ownServer({
  settings: { SESSION_MANAGEMENT: "true" },
  prepare: (server) => server.admin.createUser("alice"),
});

async function createClient(server, site, more = {}) {
  await server.admin.createClient({
    client_id: `shop-${new URL(site.origin).port}`,
    redirect_uris: [site.callback],
    token_endpoint_auth_method: "none",
    policy: { consent_policy: "skip", post_logout_redirect_uris: [`${site.origin}/bye`] },
    ...more,
  });
  return `shop-${new URL(site.origin).port}`;
}

/** Signs in to the client; the parameters of the answer. */
async function authorize(page, site, clientId, more = {}) {
  const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  const asked = { response_type: "code", client_id: clientId, redirect_uri: site.callback, scope: "openid", code_challenge: challenge };
  await page.goto(`/authorize?${new URLSearchParams({ ...asked, code_challenge_method: "S256", ...more })}`);
  if (new URL(page.url()).pathname === "/login") {
    await signIn(page, "alice");
    await page.waitForURL(`${site.callback}?*`);
  }
  return new URL(page.url()).searchParams;
}

/** What a page of the application hears from `check_session_iframe`. */
async function ask(page, site, server, message) {
  await page.goto(`${site.origin}/watching`);
  return page.evaluate(
    ([address, message]) =>
      new Promise((resolve) => {
        const frame = document.createElement("iframe");
        addEventListener("message", (event) => event.source === frame.contentWindow && resolve(event.data));
        frame.addEventListener("load", () => frame.contentWindow.postMessage(message, new URL(address).origin));
        frame.src = address;
        document.body.append(frame);
      }),
    [`${server.url}/check_session`, message],
  );
}

test("oidcc-session-management-rp-initiated-logout", async ({ page, server, site }) => {
  const clientId = await createClient(server, site);
  const state = (await authorize(page, site, clientId)).get("session_state");
  expect(state).toMatch(/^[\w-]{43}\.[\w-]+$/);
  expect(await ask(page, site, server, `${clientId} ${state}`)).toBe("unchanged");
  const silent = await authorize(page, site, clientId, { prompt: "none" });
  expect(silent.has("error")).toBe(false);
  expect(await ask(page, site, server, `${clientId} ${silent.get("session_state")}`)).toBe("unchanged");
  expect(await ask(page, site, server, `other ${state}`)).toBe("changed");
  for (const wrong of ["", clientId, `${clientId} ${state} x`, `${clientId} nosalt`, { a: 1 }]) {
    expect(await ask(page, site, server, wrong)).toBe("error");
  }
  await page.goto("/logout");
  await expect(page.getByRole("heading", { name: "You are signed out" })).toBeVisible();
  expect(await ask(page, site, server, `${clientId} ${state}`)).toBe("changed");
  expect((await authorize(page, site, clientId, { prompt: "none" })).get("error")).toBe("login_required");
  await authorize(page, site, clientId);
  expect(await ask(page, site, server, `${clientId} ${state}`)).toBe("changed");
});

for (const script of [true, false]) {
  test(`oidcc-frontchannel-rp-initiated-logout, ${script ? "with" : "without"} script`, async ({ person, server, site }) => {
    const page = await person({ javaScriptEnabled: script });
    const clientId = await createClient(server, site, {
      frontchannel_logout_uri: `${site.origin}/frontchannel`,
      frontchannel_logout_session_required: true,
    });
    await authorize(page, site, clientId);
    const told = page.waitForRequest((request) => request.url().startsWith(`${site.origin}/frontchannel`));
    const query = new URLSearchParams({ client_id: clientId, post_logout_redirect_uri: `${site.origin}/bye`, state: "s" });
    await page.goto(`/logout?${query}`);
    const request = await told;
    expect(new URL(request.url()).searchParams.get("iss")).toBe(server.url);
    expect(new URL(request.url()).searchParams.get("sid")).toBeTruthy();
    await page.waitForURL(`${site.origin}/bye?state=s`);
  });
}
