// The demos in a browser, with a server and clients of their own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { findFreePort } from "../lib/server.mjs";
import { expect, ownServer, signIn, test } from "./fixtures.mjs";

const demos = [];
let home, camera;

/** Starts a demo with a client of its own, and resolves to where it answers. */
async function startDemo(name, { url, admin }, client = {}) {
  const port = await findFreePort();
  const address = `http://localhost:${port}/`;
  await admin.createClient({
    client_id: name,
    token_endpoint_auth_method: "none",
    redirect_uris: [`${address}callback`],
    policy: { post_logout_redirect_uris: [address] },
    ...client,
  });
  const program = fileURLToPath(new URL(`../../target/debug/examples/${name}_demo`, import.meta.url));
  const demo = spawn(program, [], {
    env: { ISSUER: url, CLIENT_ID: name, LISTEN_ADDR: `127.0.0.1:${port}` },
    stdio: ["ignore", "inherit", "pipe"],
  });
  demos.push(demo);
  // It says where it answers once it does.
  await Promise.race([once(demo.stderr, "data"), once(demo, "exit").then(() => Promise.reject(new Error("no demo")))]);
  return address;
}

ownServer({
  prepare: async (server) => {
    await server.admin.createUser("alice");
    await server.admin.createUser("bob");
    home = await startDemo("todo", server);
    const scopes = ["camera:view", "camera:control", "camera:record"];
    for (const scope of scopes) await server.admin.createScope(scope, `What ${scope} is for`);
    // The recordings are not for this client.
    camera = await startDemo("camera", server, { scope: "openid profile camera:view camera:control" });
  },
});
test.afterAll(() => demos.forEach((demo) => demo.kill()));

test("the todo demo signs in by a window, refreshes and logs out", async ({ page }) => {
  await page.goto(home);
  const [window] = await Promise.all([page.waitForEvent("popup"), page.getByRole("link", { name: "Sign in" }).click()]);
  await signIn(window, "alice");
  const closed = window.waitForEvent("close");
  await window.getByRole("button", { name: "Allow" }).click();
  await closed;
  await expect(page.getByText("Signed in as alice")).toBeVisible();

  await page.getByLabel("What is to do").fill("<b>Buy milk</b>");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(page.getByText("<b>Buy milk</b>")).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("button", { name: "Not done" })).toBeVisible();

  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("Nothing to do.")).toBeVisible();

  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(page.getByText("Signed in as alice")).toBeVisible();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL((url) => url.href.startsWith(home));
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();

  const [again] = await Promise.all([page.waitForEvent("popup"), page.getByRole("link", { name: "Sign in" }).click()]);
  await expect(again.getByLabel("Password"), "the session at the server has ended too").toBeVisible();
});

test("without scripts the todo demo signs in in place, and says so when somebody declines", async ({ person, expectAnswer }) => {
  const page = await person({ javaScriptEnabled: false });
  expectAnswer(400, "/callback");
  await page.goto(home);
  await page.getByRole("link", { name: "Sign in" }).click();
  await signIn(page, "bob");
  await page.getByRole("button", { name: "Decline" }).click();
  await expect(page.getByRole("heading", { name: "You said no" })).toBeVisible();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(page.getByText("Signed in as bob")).toBeVisible();
});

test("an answer to a login that was not begun here is refused", async ({ page, expectAnswer }) => {
  expectAnswer(400, "/callback");
  await page.goto(`${home}callback?code=stolen&state=another`);
  await expect(page.getByRole("heading", { name: "This login was not begun here" })).toBeVisible();
});

test("the camera shows what the scopes allow, and asks for more when it is wanted", async ({ page }) => {
  const picture = page.getByAltText("The living room, now");

  await page.goto(camera);
  await page.getByRole("link", { name: "Sign in" }).click();
  await signIn(page, "alice");
  await expect(page.getByText("What camera:view is for")).toBeVisible();
  await expect(page.getByText("What camera:control is for")).toBeHidden();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(picture).toHaveJSProperty("complete", true);
  expect(await picture.evaluate((image) => image.naturalWidth)).toBeGreaterThan(0);
  await expect(page.getByRole("button", { name: "left" })).toBeHidden();
  const answer = await page.request.post(`${camera}turn`, { form: { way: "left" } });
  expect([answer.status(), await answer.text()]).toEqual([403, "This needs the scope camera:control.\n"]);

  await page.getByRole("link", { name: "Ask for the controls" }).click();
  await page.getByRole("button", { name: "Decline" }).click();
  await expect(picture, "all is as it was").toBeVisible();
  await expect(page.getByRole("button", { name: "left" })).toBeHidden();

  await page.getByRole("link", { name: "Ask for the controls" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  const before = await picture.getAttribute("src");
  await page.getByRole("button", { name: "left" }).click();
  await expect(picture).not.toHaveAttribute("src", before);

  await page.getByRole("link", { name: "Ask for the recordings" }).click();
  await expect(page.getByRole("heading", { name: "The server does not know these scopes" })).toBeVisible();
  await expect(page.getByText("/admin/clients/camera/policy")).toBeVisible();
  await page.getByRole("link", { name: "Back to the start" }).click();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL((url) => url.href.startsWith(camera));
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
});
