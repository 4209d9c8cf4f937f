// Takes the pictures of docs/admin-guide.md and docs/agents.md: the pages of a console with a little in it, and what a person sees
// whom an agent asks, into docs/images.
//
//   npm --prefix end2end run screenshots     after the console changed; needs the debug build and the site (make screenshots)

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

import { Admin, PASSWORD } from "./lib/admin.mjs";
import { startServer } from "./lib/server.mjs";

const ADMIN_TOKEN = "screenshots-0123456789abcdef0123456789abcdef";
const CALLBACK = "https://shop.example.com/callback";
const DIRECTORY = new URL("../docs/images/", import.meta.url);

const server = await startServer({ ADMIN_TOKEN });
const admin = new Admin(server.url, ADMIN_TOKEN);
await admin.createUser("alice");
await admin.createUser("bob", { claims: { name: "Bob Brown", email_verified: false } });
await admin.createClient({ client_id: "shop", client_name: "The shop", redirect_uris: [CALLBACK], client_uri: "https://shop.example.com" });
await admin.createClient({
  client_id: "notes",
  client_name: "Notes",
  redirect_uris: ["http://localhost:3000/callback"],
  token_endpoint_auth_method: "none",
});
await admin.createScope("reports:read", "Read the nightly reports");
await admin.createClient({
  client_id: "reports",
  client_name: "Nightly reports",
  redirect_uris: [],
  scope: "reports:read",
  grant_types: ["client_credentials"],
});
await admin.createResource({
  identifier: "https://mcp.example.com/mcp",
  name: "Notes",
  scopes: [{ name: "notes:read", description: "Read your notes" }, { name: "notes:write", description: "Write notes" }],
});

/** Claude asks for alice. Its document is fetched, or where that cannot be, the copy counts that is built in. */
const AGENT = `/authorize?${new URLSearchParams({
  response_type: "code",
  client_id: "https://claude.ai/oauth/mcp-oauth-client-metadata",
  redirect_uri: "https://claude.ai/api/mcp/auth_callback",
  scope: "notes:read notes:write",
  resource: "https://mcp.example.com/mcp",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
})}`;

/** Name of the picture, address, and what to do there before it is taken. */
const PICTURES = [
  ["dashboard", "/admin/ui"],
  ["clients", "/admin/ui/clients"],
  ["client-wizard", "/admin/ui/clients/wizard"],
  ["client-settings", "/admin/ui/clients/shop/settings"],
  ["client-policy", "/admin/ui/clients/shop/policy"],
  ["client-credentials", "/admin/ui/clients/shop/credentials"],
  ["users", "/admin/ui/users"],
  ["keys", "/admin/ui/keys"],
  ["activity", "/admin/ui/activity"],
  ["sessions", "/admin/ui/sessions"],
  ["consents", "/admin/ui/consents"],
  ["history", "/admin/ui/clients/shop/history"],
  ["bin", "/admin/ui/bin"],
];

/** A request of the shop that is refused: its redirect URI is another one than is registered. */
const REFUSED = `/authorize?${new URLSearchParams({
  response_type: "code",
  client_id: "shop",
  redirect_uri: "https://shop.example.com/callback/",
  scope: "openid",
})}`;

const browser = await chromium.launch({
  executablePath: process.env.SIGNET_CHROMIUM || undefined,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
try {
  await mkdir(DIRECTORY, { recursive: true });
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: { width: 1024, height: 560 },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  const person = await (await browser.newContext({ baseURL: server.url })).newPage();
  await signIn(person);
  const refused = await person.goto(REFUSED);
  await admin.update("clients/shop", { client_uri: "https://shop.example.com/about", policy: { consent_policy: "always" } });
  await admin.createClient({ client_id: "old", client_name: "Old shop", redirect_uris: [CALLBACK] });
  await admin.delete("clients/old");
  const page = await context.newPage();
  await page.goto("/admin/login");
  await page.getByLabel("Admin token").fill(ADMIN_TOKEN);
  await page.getByRole("button", { name: "Open the console" }).click();
  await page.waitForURL("/admin/ui");
  const explanation = ["explain", `/admin/ui/explain/${refused.headers()["x-request-id"]}`];
  for (const [name, address] of [...PICTURES, explanation]) {
    await page.goto(address);
    await page.waitForSelector("html[data-hydrated]", { state: "attached" });
    await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, DIRECTORY)), animations: "disabled" });
    console.log(`docs/images/${name}.png`);
  }
  await signIn(page);
  await page.getByRole("button", { name: "Allow" }).waitFor();
  await page.locator("main").screenshot({ path: fileURLToPath(new URL("consent-agent.png", DIRECTORY)), animations: "disabled" });
  console.log("docs/images/consent-agent.png");
} finally {
  await browser.close();
  await server.stop();
}

/** Alice signs in where Claude asks for her. */
async function signIn(page) {
  await page.goto(AGENT);
  await page.getByLabel("Username").fill("alice");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Allow" }).waitFor();
}
