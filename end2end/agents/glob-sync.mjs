// Node 20 has no `fs.globSync`, which the conformance suite imports but does not use here. Newer versions are left alone.

import fs from "node:fs";
import { register } from "node:module";

if (!fs.globSync) {
  const source = "export * from 'node:fs'; export { default } from 'node:fs'; export const globSync = undefined;";
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  const hooks = `export const resolve = (specifier, context, next) =>
    specifier === "fs" ? { url: ${JSON.stringify(url)}, shortCircuit: true } : next(specifier, context);`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
