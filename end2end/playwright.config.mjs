import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// The browser of the distribution; where there is none, the one that Playwright installed.
const chromium = process.env.SIGNET_CHROMIUM || "/usr/bin/chromium";

export default defineConfig({
  testDir: "tests",
  // Each file starts a server of its own, so files run beside each other; the tests of one file run in order.
  workers: 2,
  retries: 0,
  maxFailures: process.env.CI ? 5 : 0,
  forbidOnly: true,
  // Bounds for what hangs. A test on a machine that does three other things may take its time.
  timeout: 600_000,
  expect: { timeout: 120_000 },
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: existsSync(chromium) ? chromium : undefined,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    actionTimeout: 120_000,
    navigationTimeout: 120_000,
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
});
