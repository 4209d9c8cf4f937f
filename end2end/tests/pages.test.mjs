// Every page, wide and narrow, light and dark: nothing runs out of the window, nothing shuts anybody out (axe), and a
// screenshot in test-results/pages for people to look at.

import AxeBuilder from "@axe-core/playwright";

import { enterConsole, expect, hydrated, open, ownServer, signIn, test } from "./fixtures.mjs";

const CALLBACK = "https://shop.example/callback";
const LOOKS = [
  { width: 1440, height: 900, colorScheme: "light" },
  { width: 1440, height: 900, colorScheme: "dark" },
  { width: 390, height: 844, colorScheme: "light" },
  { width: 390, height: 844, colorScheme: "dark" },
];

// The longest file by far: its tests share the workers, each of which has a server.
test.describe.configure({ mode: "parallel" });
test.use({ trace: "off" });

let alice;

ownServer({
  prepare: async ({ admin }) => {
    alice = await admin.createUser("alice", { email: "alice.adams-and-a-rather-long-name@mail.department.example.com" });
    await admin.createClient({ client_id: "shop", client_name: "The shop", redirect_uris: [CALLBACK], client_uri: "https://shop.example" });
    await admin.createClient({ client_id: "app", redirect_uris: [CALLBACK], token_endpoint_auth_method: "none" });
    await admin.createClient({
      client_id: "a-client-id-that-is-as-long-as-people-make-them-when-nobody-stops-them",
      client_name: "Die Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
      redirect_uris: [`${CALLBACK}/${"long/".repeat(30)}`, "http://127.0.0.1/cb"],
    });
  },
});

const authorize = (more = {}) =>
  `/authorize?${new URLSearchParams({ response_type: "code", client_id: "shop", redirect_uri: CALLBACK, scope: "openid profile email offline_access", state: "s", ...more })}`;

/** Pages that need nobody. */
const PUBLIC = {
  home: "/",
  login: "/login",
  "login-for-client": authorize(),
  "admin-login": "/admin/login",
  docs: "/docs",
  "docs-configuration": "/docs/configuration",
};

/** Pages of somebody who is signed in. */
const PERSONAL = {
  "home-signed-in": "/",
  "login-signed-in": "/login",
  consent: authorize(),
  "select-account": authorize({ prompt: "select_account" }),
  logout: "/end_session",
};

const CONSOLE = {
  dashboard: "/admin/ui",
  "dashboard-month": "/admin/ui?within=30d",
  clients: "/admin/ui/clients",
  "clients-none": "/admin/ui/clients?q=nothing-is-called-this",
  "clients-new": "/admin/ui/clients?since=1",
  "client-wizard": "/admin/ui/clients/wizard",
  "client-wizard-python": "/admin/ui/clients/wizard?app=python",
  "client-wizard-native": "/admin/ui/clients/wizard?app=native",
  "client-new-web": "/admin/ui/clients/new?kind=web",
  "client-new-machine": "/admin/ui/clients/new?kind=machine",
  "client-overview": "/admin/ui/clients/shop",
  "client-quickstart": "/admin/ui/clients/shop/quickstart",
  "client-settings": "/admin/ui/clients/shop/settings",
  "client-policy": "/admin/ui/clients/shop/policy",
  "client-credentials": "/admin/ui/clients/shop/credentials",
  "client-credentials-public": "/admin/ui/clients/app/credentials",
  "client-grants-empty": "/admin/ui/clients/app/grants",
  "client-consents-empty": "/admin/ui/clients/app/consents",
  "client-logout": "/admin/ui/clients/shop/logout",
  "client-history": "/admin/ui/clients/shop/history",
  "client-danger": "/admin/ui/clients/shop/danger",
  "client-long": "/admin/ui/clients/a-client-id-that-is-as-long-as-people-make-them-when-nobody-stops-them",
  "client-long-settings":
    "/admin/ui/clients/a-client-id-that-is-as-long-as-people-make-them-when-nobody-stops-them/settings",
  "activity": "/admin/ui/activity",
  "activity-empty": "/admin/ui/activity?client=nobody",
  "trusts-empty": "/admin/ui/trusts",
  "trust-choose": "/admin/ui/trusts/new",
  "trust-new-provider": "/admin/ui/trusts/new?kind=identity_provider",
  "trust-new-workload": "/admin/ui/trusts/new?kind=workload_issuer",
  "trust-new-server": "/admin/ui/trusts/new?kind=authorization_server",
  scopes: "/admin/ui/scopes",
  "scope-new": "/admin/ui/scopes/new",
  "scope-edit": "/admin/ui/scopes/edit?name=profile",
  consents: "/admin/ui/consents?sort=-policy",
  "consent-check": () => `/admin/ui/consents/check?client=shop&user=${alice.id}&scope=openid+email`,
  sessions: "/admin/ui/sessions",
  "sessions-none": "/admin/ui/sessions?q=nobody-is-called-this",
  "scope-history": "/admin/ui/scopes/history?name=profile",
  users: "/admin/ui/users",
  "user-new": "/admin/ui/users/new",
  "user-profile": () => `/admin/ui/users/${alice.id}`,
  "user-security": () => `/admin/ui/users/${alice.id}/security`,
  "user-sessions": () => `/admin/ui/users/${alice.id}/sessions`,
  "user-grants": () => `/admin/ui/users/${alice.id}/grants`,
  "user-danger": () => `/admin/ui/users/${alice.id}/danger`,
  keys: "/admin/ui/keys",
  "key-history": "/admin/ui/keys/history",
  bin: "/admin/ui/bin",
  api: "/admin/ui/api",
  "api-operation": "/admin/ui/api?call=createClient#createClient",
};

/** Chromium now and then refuses to take a picture and takes it a moment later. A picture that is missing fails no test. */
async function take(page, options) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await page.screenshot(options);
    } catch (error) {
      if (!error.message.includes("Unable to capture screenshot")) throw error;
      if (attempt === 3) return test.info().annotations.push({ type: "no picture", description: options.path });
      await page.waitForTimeout(500);
    }
  }
}

for (const look of LOOKS) {
  const name = `${look.width}-${look.colorScheme}`;

  test.describe(name, () => {
    test.use({ viewport: { width: look.width, height: look.height }, colorScheme: look.colorScheme });
    const photograph = (page, title, fullPage = false) =>
      take(page, { path: `test-results/pages/${title}-${name}.png`, fullPage, animations: "disabled" });

    const examine = async (page, title) => {
      await photograph(page, title, true);
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect.soft(content, `${title} is wider than the window`).toBeLessThanOrEqual(window);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const grave = violations
        .filter(({ impact }) => ["serious", "critical"].includes(impact))
        .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`));
      expect.soft(grave, `${title}: axe`).toEqual([]);
    };

    test("pages of people", async ({ page, expectAnswer }) => {
      for (const [title, address] of Object.entries(PUBLIC)) {
        await page.goto(address);
        await examine(page, title);
      }
      await page.goto("/login");
      expectAnswer(401, "/login");
      await signIn(page, "alice", "wrong");
      await examine(page, "login-refused");
      expectAnswer(400, "/authorize");
      await page.goto(authorize({ redirect_uri: "https://evil.example/cb" }));
      await examine(page, "error");
      expectAnswer(404, "/nowhere");
      await page.goto("/nowhere");
      await examine(page, "not-found");

      await page.goto("/login");
      await signIn(page, "alice");
      await page.waitForURL("/");
      for (const [title, address] of Object.entries(PERSONAL)) {
        await page.goto(address);
        await examine(page, title);
      }
      await page.getByRole("button", { name: "Sign out" }).click();
      await examine(page, "signed-out");
    });

    test("pages of the console", async ({ page, expectAnswer }) => {
      await enterConsole(page);
      for (const [title, address] of Object.entries(CONSOLE)) {
        await open(page, typeof address === "function" ? address() : address);
        await examine(page, title);
      }
      expectAnswer(404, "/admin/ui/nowhere");
      await open(page, "/admin/ui/nowhere");
      await examine(page, "console-not-found");
    });

    test("states of the console", async ({ page, expectAnswer }) => {
      await enterConsole(page);
      await open(page, "/admin/ui/clients/new?kind=web");
      await page.getByLabel("Client ID").fill("not good");
      await page.getByLabel("Redirect URIs").fill("https://a.example/cb\nhttp://b.example/cb\nnonsense");
      expectAnswer(422, "/admin/ui/clients/new");
      await page.getByRole("button", { name: "Create client" }).click();
      await page.getByRole("alert").waitFor();
      await hydrated(page);
      await examine(page, "client-refused");

      await page.getByLabel("Client name").fill("Shown once");
      await page.getByLabel("Client ID").fill(`shown-once-${name}`);
      await page.getByLabel("Redirect URIs").fill(CALLBACK);
      await page.getByRole("button", { name: "Create client" }).click();
      await page.waitForURL(/\/quickstart\b/);
      await hydrated(page);
      await examine(page, "client-created");

      await open(page, "/admin/ui/clients/shop/settings");
      await page.getByLabel("Client name").fill("Not saved yet");
      await examine(page, "client-unsaved");
      await photograph(page, "client-unsaved");
      await page.getByRole("button", { name: "Discard" }).click();
      await hydrated(page);

      await page.keyboard.press("Control+k");
      await page.keyboard.type("s");
      await page.getByRole("option").filter({ hasText: "The shop" }).waitFor();
      await examine(page, "palette");
      await page.keyboard.type("-nothing-is-called-this");
      await page.getByText("Nothing found.").waitFor();
      await examine(page, "palette-none");
      await page.keyboard.press("Escape");

      await page.getByRole("button", { name: "Account: admin" }).click();
      await photograph(page, "account-menu");
      await page.keyboard.press("Escape");
      if (look.width < 600) {
        await page.getByRole("button", { name: "Menu" }).click();
        await expect(page.getByRole("link", { name: "Signing keys" })).toBeVisible();
        await photograph(page, "menu");
      }
    });
  });
}
