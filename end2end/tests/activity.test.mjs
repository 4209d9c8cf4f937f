// From what went wrong for somebody to the field that mends it, as an administrator goes.

import { enterConsole, expect, fact, hydrated, open, ownServer, signIn, test } from "./fixtures.mjs";

const REGISTERED = "https://shop.example/cb";
const SENT = "https://shop.example/cb/";

ownServer({
  prepare: async (server) => {
    await server.admin.createUser("alice");
    await server.admin.createClient({ client_id: "shop", client_name: "The shop", kind: "web", redirect_uris: [REGISTERED] });
  },
});

/** The address of a request of the shop. */
function request(redirect_uri) {
  return `/authorize?${new URLSearchParams({ response_type: "code", client_id: "shop", scope: "openid", redirect_uri })}`;
}

test("a redirect URI that is off by a slash", async ({ page, expectAnswer }) => {
  expectAnswer(400, "/authorize");
  await page.goto(request(SENT));
  const id = await fact(page, "request ID").innerText();

  await enterConsole(page);
  await open(page, "/admin/ui/activity");
  await page.getByLabel("Request ID").fill(id);
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: "Authorization" }).click();
  await expect(page.getByRole("cell", { name: SENT })).toBeVisible();
  await page.getByRole("link", { name: "shop", exact: true }).click();
  await page.getByRole("link", { name: "Settings" }).click();
  await hydrated(page);
  await page.getByLabel("Redirect URIs").fill(`${REGISTERED}\n${SENT}`);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved", { exact: false }).first()).toBeVisible();

  await page.goto(request(SENT));
  await expect(page.getByLabel("Username or email")).toBeVisible();
});

test("a wrong password, at the user whom it was about", async ({ page, expectAnswer }) => {
  expectAnswer(401, "/login");
  await page.goto("/login");
  await signIn(page, "alice", "wrong");
  await enterConsole(page);
  await open(page, "/admin/ui/users");
  await page.getByRole("link", { name: "alice" }).click();
  await page.getByRole("link", { name: "Activity" }).last().click();
  await expect(page.getByText("password_wrong")).toBeVisible();
  await page.getByRole("link", { name: "OK", exact: true }).click();
  await expect(page.getByText("password_wrong")).toHaveCount(0);
});
