// Who is signed in where, and ending that, in two browsers.

import { enterConsole, expect, open, ownServer, signIn, test } from "./fixtures.mjs";

ownServer({
  prepare: async (server) => {
    await server.admin.createUser("alice");
    await server.admin.createUser("bob");
    await server.admin.createClient({ client_id: "shop", client_name: "The shop", redirect_uris: ["https://shop.example/cb"] });
  },
});

/** Opens the login page as somebody. */
async function enter(page, name) {
  await page.goto("/login");
  await signIn(page, name);
  await page.waitForURL("/");
}

test("the sessions that are ticked end, and no others", async ({ page, person }) => {
  const [alice, bob] = [await person(), await person()];
  await enter(alice, "alice");
  await enter(bob, "bob");

  await enterConsole(page);
  await open(page, "/admin/ui/sessions");
  await expect(page.getByRole("checkbox", { name: /^Chrome on Linux of (alice|bob)$/ })).toHaveCount(2);
  await page.getByRole("checkbox", { name: "of alice" }).check();
  await page.getByRole("button", { name: "End those ticked" }).click();
  await expect(page.getByText("1 session ends.")).toBeVisible();
  await page.getByRole("button", { name: "End sessions" }).click();
  await expect(page.getByText("1 session ended.")).toBeVisible();
  await expect(page.getByRole("link", { name: "bob", exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "alice", exact: true })).toHaveCount(0);

  await alice.goto("/account");
  await expect(alice).toHaveURL(/\/login/);
  await bob.goto("/account");
  await expect(bob).toHaveURL(/\/account/);
});

test("a policy is chosen in its row, and decides what a user is asked", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/consents");
  await page.getByLabel("Consent policy of The shop").selectOption("Skip");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.getByRole("link", { name: "What would a user be asked?" }).click();
  await page.getByLabel("Client ID", { exact: true }).fill("shop");
  await page.getByLabel("User", { exact: true }).fill("alice");
  await page.getByLabel("Scopes", { exact: true }).fill("openid");
  await page.getByRole("button", { name: "Say what happens" }).click();
  await expect(page.getByText("The policy of the client is to ask nobody.")).toBeVisible();
});
