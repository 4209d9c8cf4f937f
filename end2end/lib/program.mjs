// Programs that somebody copied from a page, in a directory of their own where they find the packages of these tests.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const PACKAGES = fileURLToPath(new URL("../node_modules", import.meta.url));

/** What runs a file, by its ending. */
const INTERPRETERS = { mjs: process.execPath, py: process.env.SIGNET_PYTHON || "python3", sh: "bash" };

/** What reads a program without running it, by the ending of its file. */
const PARSERS = {
  js: ["node", "--input-type=module", "--check", "-"],
  mjs: ["node", "--input-type=module", "--check", "-"],
  py: [INTERPRETERS.py, "-c", "import sys; compile(sys.stdin.read(), 'stdin', 'exec')"],
  sh: ["bash", "-n"],
};

/** Rejects if `code` is not well formed, in so far as the language of `file` has a parser here. */
export async function parse(file, code) {
  const parser = PARSERS[file.split(".").pop()];
  if (!parser) return;
  const child = spawn(parser[0], parser.slice(1), { stdio: ["pipe", "ignore", "pipe"] });
  child.stdin.end(code);
  const [problem, [status]] = await Promise.all([text(child.stderr), once(child, "close")]);
  if (status !== 0) throw new Error(`${file} is not well formed: ${problem}`);
}

/**
 * Writes `code` to `file` and starts it with `env` beside the environment of the tests. The result has `says(pattern)`, which
 * resolves to the match once the program has printed that; `end()`, which resolves to all it printed, and rejects if it
 * failed or takes longer than five minutes; and `stop()`.
 */
export async function start(file, code, env = {}) {
  const directory = await mkdtemp(join(tmpdir(), "signet-program-"));
  await writeFile(join(directory, file), code);
  await symlink(PACKAGES, join(directory, "node_modules"));
  const child = spawn(INTERPRETERS[file.split(".").pop()], [file], {
    cwd: directory,
    env: { ...process.env, PYTHONUNBUFFERED: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const ended = once(child, "close");
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (printed += data));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  const says = async (pattern) => {
    for (let tries = 0; tries < 6000; tries += 1) {
      const match = pattern.exec(printed);
      if (match) return match;
      if (child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${file} does not say ${pattern}:\n${printed}`);
  };
  const end = async () => {
    const timer = setTimeout(() => child.kill("SIGKILL"), 300_000);
    const [code, signal] = await ended;
    clearTimeout(timer);
    await rm(directory, { recursive: true, force: true });
    if (code !== 0) throw new Error(`${file} ends with ${code ?? signal}:\n${printed}`);
    return printed;
  };
  return { says, end, stop };
}
