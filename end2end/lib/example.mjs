// The example programs of the crate `signet`, as `cargo build --examples` leaves them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Starts the example `name` with `env`; resolves to `{ stop }` once something answers at `url`. */
export async function startExample(name, url, env) {
  const binary = fileURLToPath(new URL(`../../target/debug/examples/${name}`, import.meta.url));
  const child = spawn(binary, { env: { ...process.env, ...env }, stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  for (let tries = 0; tries < 3000; tries += 1) {
    if (child.exitCode !== null) break;
    if (await fetch(url).catch(() => null)) return { stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`${name} does not start`);
}
