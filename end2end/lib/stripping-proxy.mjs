// A proxy that takes the path of the issuer off, as nginx does with `proxy_pass http://signet/;`.

import { once } from "node:events";
import { createServer, request } from "node:http";

/** Listens on `port` and passes what is below `path` on to `target`. Resolves to `{ stop }`. */
export async function startStrippingProxy(port, path, target) {
  const listener = createServer((incoming, answer) => {
    // The well-known addresses lie outside the path (RFC 8414 section 3.1), and are passed on as they are.
    const inside = incoming.url.startsWith(path) ? incoming.url.slice(path.length) || "/" : incoming.url;
    const options = { method: incoming.method, headers: incoming.headers };
    const outgoing = request(new URL(inside, target), options, (from) => {
      answer.writeHead(from.statusCode, from.rawHeaders);
      from.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.pipe(outgoing);
  }).listen(port, "127.0.0.1");
  await once(listener, "listening");
  return {
    stop() {
      listener.closeAllConnections();
      listener.close();
    },
  };
}
