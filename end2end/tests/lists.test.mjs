// The lists of clients and users by keyboard, and without scripts.

import { enterConsole, expect, open, ownServer, test } from "./fixtures.mjs";

ownServer({
  prepare: async ({ admin }) => {
    for (let n = 1; n <= 30; n += 1) {
      await admin.createUser(`user-${n}`);
      await admin.createClient({ client_id: `app-${n}`, client_name: `Client ${n}`, redirect_uris: ["https://shop.example/cb"] });
    }
  },
});

const focused = (page) => page.evaluate(() => document.activeElement.textContent);

test("rows are walked, chosen and opened by keys", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/clients");
  await page.keyboard.press("j");
  expect(await focused(page)).toBe("Client 1");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  expect(await focused(page)).toBe("Client 2");
  await page.keyboard.press("x");
  await expect(page.getByRole("checkbox", { name: "Choose Client 2", exact: true })).toBeChecked();
  expect(await focused(page), "choosing moves nobody").toBe("Client 2");
  await page.keyboard.press("Enter");
  await page.waitForURL("/admin/ui/clients/app-2");
});

test("walking passes over rows in which there is only something to take away", async ({ page, server }) => {
  await server.admin.createClient({ client_id: "gone", client_name: "Gone", redirect_uris: ["https://shop.example/cb"] });
  await enterConsole(page);
  await open(page, "/admin/ui/clients/gone/danger");
  await page.getByLabel("Type gone to confirm").fill("gone");
  await page.getByRole("button", { name: "Delete client" }).click();
  await expect(page.getByText("Deleted.")).toBeVisible();
  for (const list of ["/admin/ui/keys", "/admin/ui/bin"]) {
    await open(page, list);
    await expect(page.locator("main tbody tr").first()).toBeVisible();
    await page.keyboard.press("j");
    expect(await page.evaluate(() => document.activeElement.localName), list).toBe("body");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`${list}$`));
  }
});

test("a slash goes to the filter of the activity, and where there is none to the search for everything", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/activity");
  await page.keyboard.press("/");
  await expect(page.getByRole("textbox", { name: "Client ID" })).toBeFocused();
  await open(page, "/admin/ui/keys");
  await page.keyboard.press("/");
  await expect(page.getByRole("combobox", { name: "Search" })).toBeVisible();
});

test("a slash searches, and letters in a field are letters", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/users");
  await page.keyboard.press("/");
  const field = page.getByRole("searchbox", { name: "Filter" });
  await expect(field).toBeFocused();
  await page.keyboard.type("jkx?/");
  await expect(field).toHaveValue("jkx?/");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeHidden();
  await page.keyboard.press("/");
  await field.fill("user-30");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=user-30/);
  await expect(page.getByText("1–1 of 1")).toBeVisible();
});

test("the keys are listed, and can be turned off", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/clients");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  await expect(help).toBeVisible();
  await expect(help).toContainText("Ctrl");
  await page.keyboard.press("j");
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await page.getByRole("button", { name: "Account: admin" }).click();
  await page.getByRole("button", { name: "Keyboard" }).click();
  await help.getByRole("checkbox").uncheck();
  await help.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("?");
  await expect(help).toBeHidden();
  await open(page, "/admin/ui/users");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeHidden();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Search" })).toBeVisible();
});

test("one box chooses the page", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/users?limit=50");
  const all = page.getByRole("checkbox", { name: "Choose all rows of this page" });
  await expect(page.getByText("None ticked on this page:")).toBeVisible();
  await all.check();
  await expect(page.getByText("30 ticked on this page:")).toBeVisible();
  await expect(page.getByRole("button", { name: "Disable", exact: true }), "below a long list").toBeInViewport();
  await page.getByRole("checkbox", { name: "Choose user-7", exact: true }).uncheck();
  await expect(page.getByText("29 ticked on this page:")).toBeVisible();
  await all.check();
  await page.getByRole("button", { name: "Disable", exact: true }).click();
  await expect(page.getByText("30 users.")).toBeVisible();
  await page.getByRole("link", { name: "Back" }).click();
  await expect(page).toHaveURL(/limit=50/);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a list is filtered, sorted and walked, and rows are done something to", async ({ page }) => {
    await enterConsole(page);
    await page.goto("/admin/ui/clients");
    const rows = page.locator("tbody tr");
    await page.getByRole("button", { name: "Created" }).click();
    await expect(page.getByRole("columnheader", { name: "Created" })).toHaveAttribute("aria-sort", "descending");
    await page.getByRole("button", { name: "Client", exact: true }).click();
    await page.getByLabel("Status").selectOption("Active");
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page).toHaveURL(/status=active/);
    await expect(rows.first()).toContainText("Client 1");
    await page.getByRole("link", { name: "Next" }).click();
    await expect(rows).toHaveCount(5);
    await expect(rows.last()).toContainText("Client 30");
    await page.getByRole("checkbox", { name: "Choose Client 29" }).check();
    await page.getByRole("checkbox", { name: "Choose Client 30" }).check();
    await page.getByRole("button", { name: "Disable", exact: true }).click();
    await expect(page.getByText("2 clients.")).toBeVisible();
    await page.getByRole("button", { name: "Disable clients" }).click();
    await expect(page.getByText("2 disabled.")).toBeVisible();
    await expect(rows).toHaveCount(3);
    await page.getByRole("link", { name: "Previous" }).click();
    await expect(rows).toHaveCount(25);
    await expect(page.getByRole("button", { name: "Keyboard" })).toBeHidden();
  });

  test("the key Enter and every button send what was typed", async ({ page }) => {
    await enterConsole(page);
    await page.goto("/admin/ui/activity?within=24h");
    await page.getByLabel("Client ID").fill("app-1");
    await page.getByLabel("Client ID").press("Enter");
    await expect(page).toHaveURL("/admin/ui/activity?within=24h&client=app-1");
    await page.getByLabel("User", { exact: true }).fill("user-1");
    await page.getByLabel("From").fill("2026-01-01T00:00");
    await page.getByRole("button", { name: "Refused", exact: true }).click();
    await expect(page).toHaveURL(/client=app-1&user=user-1&since=2026-01-01T00%3A00&outcome=refused$/);
    await page.getByRole("button", { name: "Any time" }).click();
    await expect(page).toHaveURL("/admin/ui/activity?outcome=refused&client=app-1&user=user-1");
  });
});
