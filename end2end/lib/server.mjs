// A Signet of one's own: the debug build on a free loopback port, with an empty database.

import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

/**
 * Starts a server; `env` is its configuration (ADMIN_TOKEN, ...), `path` that of its issuer. Resolves to `{ url, stop }`, where
 * `url` is the issuer.
 */
export async function startServer(env = {}, path = "") {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}${path}`;
  const process_ = spawn(fileURLToPath(new URL("../serve", import.meta.url)), [String(port)], {
    env: { ...process.env, LOG_FORMAT: "text", ISSUER: url, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [process_.stdout, process_.stderr]) {
    stream.on("data", (data) => (log = (log + data).slice(-10_000)));
  }
  const stop = async () => {
    if (process_.exitCode === null) {
      process_.kill("SIGTERM");
      await once(process_, "exit");
    }
  };
  for (let tries = 0; tries < 3000; tries += 1) {
    if (process_.exitCode !== null) break;
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`the server does not start:\n${log}`);
}

/** Below those that the kernel gives to clients: one of theirs may be taken again before a server listens on it. */
export async function findFreePort() {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const listener = createServer().listen(port, "127.0.0.1");
    const isFree = await once(listener, "listening").then(() => true, () => false);
    if (!isFree) continue;
    listener.close();
    await once(listener, "close");
    return port;
  }
}
