// What an administrator sees of what happens: the list as it grows, files of it, and figures that lead to it.

import { readFile } from "node:fs/promises";

import { enterConsole, expect, open, ownServer, signIn, test } from "./fixtures.mjs";

const REGISTERED = "https://shop.example/cb";

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

test("a wrong password, at the user whom it was about", async ({ page, expectAnswer }) => {
  expectAnswer(401, "/login");
  await page.goto("/login");
  await signIn(page, "alice", "wrong");
  await enterConsole(page);
  await open(page, "/admin/ui/users");
  await page.getByRole("link", { name: "alice" }).click();
  await page.getByRole("link", { name: "Activity" }).last().click();
  await expect(page.getByText("password_wrong")).toBeVisible();
  await page.getByRole("button", { name: "OK", exact: true }).click();
  await expect(page.getByText("password_wrong")).toHaveCount(0);
});

test("new events come on top while somebody looks, and not while it is paused", async ({ page, person, expectAnswer }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/activity?kind=sign_in&client=shop");
  const live = page.getByRole("button", { name: "Live" });
  await expect(live).toHaveAttribute("aria-pressed", "true");
  const stranger = await person();
  const fail = async () => {
    expectAnswer(401, "/login");
    await stranger.goto(request(REGISTERED));
    await signIn(stranger, "alice", "wrong");
    await expect(stranger.getByRole("alert")).toBeVisible();
  };
  const lines = page.getByText("password_wrong");
  // Where nothing was, the list begins.
  await fail();
  await expect(lines).toHaveCount(1);
  await fail();
  await expect(lines).toHaveCount(2);
  await expect(page.getByRole("status").filter({ hasText: "1 new" })).toBeVisible();
  await expect(page.getByText("1 line, and 1 since")).toBeVisible();
  await live.click();
  await expect(live).toHaveAttribute("aria-pressed", "false");
  await fail();
  const watcher = await person({ storageState: await page.context().storageState() });
  await open(watcher, "/admin/ui/activity?kind=sign_in&client=shop");
  await expect(watcher.getByText("password_wrong")).toHaveCount(3);
  await expect(lines).toHaveCount(2);
  await live.click();
  await expect(lines).toHaveCount(3);
});

test("a stream that was dropped is taken up again", async ({ page }) => {
  await enterConsole(page);
  // No stream: it is over at once.
  await page.route("**/activity/live?*", (route) => route.fulfill({ status: 204 }));
  await open(page, "/admin/ui/activity");
  const live = page.getByRole("button", { name: "Live" });
  await expect(live).toHaveAttribute("aria-pressed", "false");
  await expect(page.getByText("Reload the page to go on.")).toBeVisible();
  await page.unroute("**/activity/live?*");
  await live.click();
  await expect(live).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByText("Reload the page to go on.")).toBeHidden();
});

test("a list is taken along as a file", async ({ page }) => {
  await enterConsole(page);
  await open(page, "/admin/ui/activity?kind=change");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^signet-activity-\d{4}-\d\d-\d\d\.csv$/);
  const lines = (await readFile(await file.path(), "utf8")).trim().split("\r\n").length - 1;
  await expect(page.getByText(`${lines} taken.`)).toBeVisible();
});

test("from a figure of the dashboard to the events that it counts", async ({ page, expectAnswer }) => {
  expectAnswer(400, "/authorize");
  await page.goto(request("https://shop.example/elsewhere"));
  await enterConsole(page);
  await open(page, "/admin/ui?within=7d");
  const row = page.getByRole("row").filter({ hasText: "redirect_uri_unregistered" });
  const number = await row.getByRole("link").innerText();
  await row.getByRole("link").click();
  await expect(page.getByText(new RegExp(`^${number} lines?\\b`))).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "redirect_uri_unregistered" })).toHaveCount(Number(number));
});
