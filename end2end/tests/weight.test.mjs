// The weight of a page of the console for a browser that was never here: everything that comes over the wire.

import { enterConsole, expect, hydrated, ownServer, test } from "./fixtures.mjs";

/** Bytes of a first load: the page, the style sheet, the script and the WASM, with their headers, as they are transferred. */
const MOST = 150 * 1024;

ownServer({
  prepare: async ({ admin }) => {
    for (let n = 0; n < 30; n += 1) await admin.createUser(`user-${n}`);
    for (let n = 0; n < 30; n += 1) {
      await admin.createClient({ client_id: `client-${n}`, client_name: `Client ${n}`, redirect_uris: ["https://shop.example/cb"] });
    }
  },
});

const PAGES = [
  "/admin/ui",
  "/admin/ui/activity",
  "/admin/ui/clients",
  "/admin/ui/clients/wizard",
  "/admin/ui/clients/new?kind=web",
  "/admin/ui/clients/client-1",
  "/admin/ui/clients/client-1/quickstart",
  "/admin/ui/clients/nobody",
  "/admin/ui/clients/client-1/settings",
  "/admin/ui/clients/client-1/policy",
  "/admin/ui/clients/client-1/credentials",
  "/admin/ui/agents",
  "/admin/ui/trusts",
  "/admin/ui/trusts/new",
  "/admin/ui/scopes",
  "/admin/ui/resources",
  "/admin/ui/resources/new",
  "/admin/ui/users",
  "/admin/ui/users/new",
  "/admin/ui/agents/registration",
  "/admin/ui/keys",
  "/admin/ui/api",
  "/admin/ui/api?call=createClient",
];

/** The bytes that a browser without a cache transfers for a page, by file. */
async function weigh(page, address) {
  const answers = [];
  page.on("response", (response) => answers.push(response));
  // It would not end, and is no load of the page.
  await page.route("**/activity/live?*", (route) => route.fulfill({ status: 204 }));
  await page.goto(address);
  await hydrated(page);
  await page.waitForLoadState("networkidle");
  const parts = {};
  for (const response of answers) {
    const { responseHeadersSize, responseBodySize } = await response.request().sizes();
    parts[new URL(response.url()).pathname.split("/").at(-1)] = responseHeadersSize + responseBodySize;
  }
  return parts;
}

test("the first load of each console page", async ({ page, person, context, expectAnswer }) => {
  expectAnswer(404, "/admin/ui/clients/nobody");
  await enterConsole(page);
  const storageState = await context.storageState();
  for (const address of PAGES) {
    const newcomer = await person({ storageState });
    const parts = await weigh(newcomer, address);
    await newcomer.context().close();
    const total = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
    expect(Object.keys(parts).length, "the page, its style, its script and its WASM").toBeGreaterThanOrEqual(4);
    expect(total, `${address}: ${JSON.stringify(parts)}`).toBeLessThanOrEqual(MOST);
  }
});
