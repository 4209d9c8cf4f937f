// What scripts add to the console, and what keyboards can do without.

import { enterConsole, expect, fact, hydrated, open, ownServer, PASSWORD, test } from "./fixtures.mjs";

const SHOP = "/admin/ui/clients/shop";

/** Goes on by the keyboard until the control has the focus: past what lies between, but not through the whole page. */
async function tabTo(page, control) {
  const isThere = () => control.evaluate((it) => it === document.activeElement);
  for (let presses = 0; presses < 5 && !(await isThere()); presses += 1) await page.keyboard.press("Tab");
  await expect(control).toBeFocused();
}

ownServer({
  prepare: async ({ admin }) => {
    await admin.createUser("alice");
    await admin.createClient({ client_id: "shop", client_name: "The shop", redirect_uris: ["https://shop.example/cb"] });
    await admin.createClient({ client_id: "forum", client_name: "A forum", redirect_uris: ["https://forum.example/cb"] });
  },
});

test("the scripts are loaded once and then kept", async ({ page }) => {
  const loaded = [];
  page.on("response", async (response) => {
    const [, kind] = new URL(response.url()).pathname.match(/\.(js|wasm|css)$/) ?? [];
    // What comes out of the browser's cache has no size.
    if (kind && (await response.request().sizes()).responseBodySize > 0) loaded.push(kind);
  });
  await enterConsole(page);
  await hydrated(page);
  await expect.poll(() => loaded.toSorted()).toEqual(["css", "js", "wasm"]);
  await open(page, "/admin/ui/keys");
  await open(page, "/admin/ui/users");
  expect(loaded.toSorted()).toEqual(["css", "js", "wasm"]);
});

test("copying", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await enterConsole(page);
  await open(page, SHOP);
  await page.getByRole("button", { name: "Copy client ID" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(1);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("shop");
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(0);
});

test("redirect URIs are judged one by one while someone types", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/clients/new?kind=web");
  const area = page.getByLabel("Redirect URIs");
  const verdict = (uri) => page.locator(".verdicts li", { has: page.locator(`code:text-is("${uri}")`) });
  await area.pressSequentially("https://a.example/cb\nhttp://b.example/cb\nhttps://c.example/#x\nnon");
  await expect(verdict("https://a.example/cb")).toHaveClass("good");
  await expect(verdict("http://b.example/cb")).toHaveClass("warn");
  await expect(verdict("https://c.example/#x")).toHaveClass("bad");
  await expect(verdict("https://c.example/#x")).toContainText(/fragment/i);
  await expect(verdict("non")).toHaveClass("bad");
  await area.fill("https://a.example/cb");
  await expect(page.locator(".verdicts li")).toHaveCount(1);
});

test("redirect URIs are judged by the kind that is chosen", async ({ page }) => {
  await enterConsole(page);
  await open(page, `${SHOP}/settings`);
  const verdict = page.locator(".verdicts li", { has: page.locator('code:text-is("com.example.shop:/cb")') });
  await page.getByLabel("Redirect URIs").fill("com.example.shop:/cb");
  await expect(verdict).toHaveClass("bad");
  await page.getByLabel("Kind").selectOption("native");
  await expect(verdict).toHaveClass("good");
  await page.getByRole("button", { name: "Discard" }).click();
});

test("a field says what is wrong when it is left, and stops when it is right", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/users/new");
  const email = page.getByLabel("Email");
  const error = page.locator("#field-email-error");
  await email.pressSequentially("alice");
  await expect(error).toHaveCount(0);
  await email.blur();
  await expect(error).toBeVisible();
  await expect(email).toHaveAttribute("aria-invalid", "true");
  await email.pressSequentially("@example.com");
  await expect(error).toHaveCount(0);
  await expect(email).not.toHaveAttribute("aria-invalid");
});

test("what the server refuses stays as it was typed, with the reason beside it", async ({ page, expectAnswer }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/clients/new?kind=web");
  await page.getByLabel("Client name").fill("Another shop");
  await page.getByLabel("Client ID").fill("shop");
  await page.getByLabel("Redirect URIs").fill("https://another.example/cb");
  await page.getByLabel("phone", { exact: true }).check();
  expectAnswer(422, "/admin/ui/clients/new");
  await page.getByRole("button", { name: "Create client" }).click();
  await expect(page.getByRole("alert")).toContainText("Nothing was created yet");
  await hydrated(page);
  await expect(page.getByLabel("Client ID")).toHaveValue("shop");
  await expect(page.getByLabel("Client ID")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("#field-client_id-error")).toBeVisible();
  await expect(page.getByLabel("Client name")).toHaveValue("Another shop");
  await expect(page.getByLabel("Redirect URIs")).toHaveValue("https://another.example/cb");
  await expect(page.getByLabel("phone", { exact: true })).toBeChecked();
  await expect(page.getByText("You have unsaved changes."), "though nothing was typed since").toBeVisible();
  await page.getByLabel("Client ID").fill("another-shop");
  await page.getByRole("button", { name: "Create client" }).click();
  await expect(fact(page, "Client ID")).toHaveText("another-shop");
});

test("changes that are not saved are not lost by accident", async ({ page }) => {
  await enterConsole(page);
  await open(page, `${SHOP}/settings`);
  const name = page.getByLabel("Client name");
  const note = page.getByText("You have unsaved changes.");
  await expect(note).toHaveCount(0);
  await name.pressSequentially("!");
  await expect(note).toBeVisible();
  await name.fill("The shop");
  await expect(note, "as it was").toHaveCount(0);
  await name.fill("The big shop");

  let asked = 0;
  const answers = [(dialog) => dialog.dismiss(), (dialog) => dialog.accept()];
  page.on("dialog", (dialog) => answers[asked++](dialog));
  await page.getByRole("link", { name: "Users" }).first().click();
  await expect.poll(() => asked).toBe(1);
  await expect(page).toHaveURL(`${SHOP}/settings`);
  await expect(name).toHaveValue("The big shop");

  await page.getByRole("button", { name: "Discard" }).click();
  await expect(name).toHaveValue("The shop");
  await hydrated(page);
  await page.getByLabel("Website").fill("https://shop.example");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: /saved/i })).toBeVisible();
  await hydrated(page);
  await expect(page, "said once").toHaveURL(`${SHOP}/settings`);
  expect(asked).toBe(1);
  await expect(page.getByLabel("Website")).toHaveValue("https://shop.example");
});

test("two administrators edit one client: the second is told", async ({ page, person, expectAnswer }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/clients/forum/settings");
  const other = await person();
  await enterConsole(other);
  await open(other, "/admin/ui/clients/forum/settings");
  await other.getByLabel("Client name").fill("The forum");
  await other.getByRole("button", { name: "Save", exact: true }).click();
  await expect(other.getByRole("status").filter({ hasText: /saved/i })).toBeVisible();
  await page.getByLabel("Client name").fill("My forum");
  expectAnswer(409, "/admin/ui/clients/forum/settings");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("Client name")).toHaveValue("My forum");
});

test("the palette finds a client by its name and opens it", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui");
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search or jump to" });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("the sho");
  await expect(palette.getByRole("option").filter({ hasText: "The shop" })).toBeVisible();
  await expect(palette.getByRole("option", { selected: true })).toContainText("The shop");
  await page.keyboard.press("Enter");
  await page.waitForURL(SHOP);

  await hydrated(page);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("nothing is called this");
  await expect(page.getByText("Nothing found.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
});

test("the theme stays as chosen", async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  await enterConsole(page);
  await open(page, "/admin/ui");
  const light = await background();
  await page.getByRole("button", { name: "Dark theme" }).click();
  const html = page.locator("html");
  await expect(html).toHaveAttribute("data-theme", "dark");
  expect(await background()).not.toBe(light);
  const [answer] = await Promise.all([page.waitForResponse("/admin/ui/keys"), open(page, "/admin/ui/keys")]);
  expect(await answer.text(), "the server says it, so that nothing flashes").toContain('data-theme="dark"');
  await expect(page.getByRole("button", { name: "Dark theme" })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("button", { name: "System theme" }).click();
  await page.reload();
  await expect(html).not.toHaveAttribute("data-theme");
  expect(await background()).toBe(light);
});

test("signing in by keyboard", async ({ page, server, site }) => {
  await server.admin.createClient({ client_id: "keys-only", client_name: "Keys only", redirect_uris: [site.callback] });
  const parameters = { response_type: "code", client_id: "keys-only", redirect_uri: site.callback, scope: "openid" };
  await page.goto(`/authorize?${new URLSearchParams(parameters)}`);
  await expect(page.getByLabel("Username"), "the cursor waits there").toBeFocused();
  await page.keyboard.type("alice");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Keys only" })).toBeVisible();
  const allow = page.getByRole("button", { name: "Allow" });
  await tabTo(page, allow);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${site.callback}?code=**`);
});

test("creating a user by keyboard", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/users/new");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByLabel("Username"));
  await page.keyboard.type("carol");
  await tabTo(page, page.getByLabel("Password"));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/admin\/ui\/users\/[0-9a-f-]{36}/);
  await expect(page.getByRole("heading", { name: "carol" })).toBeVisible();
});
