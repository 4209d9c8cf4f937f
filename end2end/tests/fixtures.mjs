// What every browser test has: a server of its file's own, and browsers in which nothing goes wrong unnoticed.

import { createServer } from "node:http";
import { once } from "node:events";
import { test as base, expect } from "@playwright/test";

import { Admin, PASSWORD } from "../lib/admin.mjs";
import { startServer } from "../lib/server.mjs";

export { expect, PASSWORD };

export const ADMIN_TOKEN = "end2end-0123456789abcdef0123456789abcdef";

let server;

/** Starts a server with these settings before the tests of a file: set up with `ADMIN_TOKEN`, unless it should be `fresh`. */
export function ownServer({ fresh = false, settings = {}, prepare } = {}) {
  base.beforeAll(async () => {
    server = await startServer(fresh ? settings : { ADMIN_TOKEN, ...settings });
    server.admin = new Admin(server.url, ADMIN_TOKEN);
    await prepare?.(server);
  });
  base.afterAll(() => server?.stop());
}

export const test = base.extend({
  server: async ({}, use) => use(server),

  // Before the tests of a file, when its hooks ask, there is no server yet.
  baseURL: async ({}, use) => use(server?.url),

  /** `expectAnswer(422, "/admin/ui/clients/new")`: this refusal belongs to the test. It must come, and any other fails it. */
  expectAnswer: async ({ watch }, use) => use((status, path) => watch.expected.push(`${status} ${path}`)),

  /** Watches every browser of the test. */
  watch: [
    async ({}, use) => {
      const watch = { problems: [], expected: [] };
      await use(watch);
      expect(watch.problems, "what went wrong in the browser").toEqual([]);
      expect(watch.expected, "refusals that did not come").toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, watch }, use) => {
    await observe(context, watch);
    await use(context);
  },

  /** `const page = await person()`: somebody else's browser; options as of `browser.newContext`. */
  person: async ({ browser, watch, baseURL }, use) => {
    const contexts = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL, ...options });
      contexts.push(context);
      await observe(context, watch);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  /** A client's site on another port: a page at every address. */
  site: async ({}, use) => {
    const listener = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end('<!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><title>Client</title><h1>Back</h1>');
    }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const origin = `http://127.0.0.1:${listener.address().port}`;
    await use({ origin, callback: `${origin}/callback` });
    listener.closeAllConnections();
    listener.close();
  },
});

/** Answers are looked at one by one; a preload that waits for its use says only that the machine is slow. */
const BENIGN = /^Failed to load resource|was preloaded using link preload but not used within a few seconds/;

/** Notes whatever a browser complains about: scripts, hydration, the Content-Security-Policy, answers, connections. */
async function observe(context, { problems, expected }) {
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  context.on("console", (message) => {
    if (!["error", "warning"].includes(message.type()) || BENIGN.test(message.text())) return;
    problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => problems.push(`uncaught: ${error.error().stack}`));
  context.on("response", (response) => {
    if (response.status() < 400) return;
    const line = `${response.status()} ${new URL(response.url()).pathname}`;
    const at = expected.indexOf(line);
    if (at >= 0) expected.splice(at, 1);
    else problems.push(`answer: ${line}`);
  });
  context.on("requestfailed", (request) => {
    const { errorText } = request.failure();
    // Aborted: somebody went on before the page was complete. csp: the console says it too, unless scripts are off.
    if (!["net::ERR_ABORTED", "csp"].includes(errorText)) problems.push(`request: ${errorText} ${request.url()}`);
  });
}

/** Waits until the islands of a console page work. */
export async function hydrated(page) {
  await page.waitForSelector("html[data-hydrated]", { state: "attached" });
}

/** Opens a page of the console, with its islands. */
export async function open(page, address) {
  await page.goto(address);
  await hydrated(page);
}

/** Opens the console with the admin token. */
export async function enterConsole(page, token = ADMIN_TOKEN) {
  await page.goto("/admin/login");
  await page.getByLabel("Admin token").fill(token);
  await page.getByRole("button", { name: "Open the console" }).click();
  await page.waitForURL("/admin/ui");
}

/** Signs in on the login page that is open. */
export async function signIn(page, username, password = PASSWORD) {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The fact with that term: the text beside "Client ID". */
export function fact(page, term) {
  return page.locator("dl.facts > div", { has: page.locator(`dt:text-is("${term}")`) }).locator("code");
}
