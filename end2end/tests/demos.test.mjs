// The todo demo in a browser, with a server and a client of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { findFreePort } from "../lib/server.mjs";
import { expect, ownServer, signIn, test } from "./fixtures.mjs";

let demo, home;

ownServer({
  prepare: async ({ url, admin }) => {
    const port = await findFreePort();
    home = `http://localhost:${port}/`;
    await admin.createUser("alice");
    await admin.createUser("bob");
    await admin.createClient({
      client_id: "todo",
      token_endpoint_auth_method: "none",
      redirect_uris: [`${home}callback`],
      policy: { post_logout_redirect_uris: [home] },
    });
    const program = fileURLToPath(new URL("../../target/debug/examples/todo_demo", import.meta.url));
    demo = spawn(program, [], {
      env: { ISSUER: url, CLIENT_ID: "todo", LISTEN_ADDR: `127.0.0.1:${port}` },
      stdio: ["ignore", "inherit", "pipe"],
    });
    // It says where it answers once it does.
    await Promise.race([once(demo.stderr, "data"), once(demo, "exit").then(() => Promise.reject(new Error("no demo")))]);
  },
});
test.afterAll(() => demo?.kill());

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
