// A person with nothing but HTTP: keeps cookies, fills in forms, runs no script. Like curl, it says nothing of itself.

import { PASSWORD } from "./admin.mjs";

export class Visitor {
  #cookies = new Map();

  /** Opens an authorization request as `username` and allows it. Resolves to the URL of the callback. */
  async signInAndAllow(address, username, redirectUri) {
    const forms = { "/login": { username, password: PASSWORD }, "/authorize": { confirm: "yes" } };
    return this.follow(address, redirectUri, forms);
  }

  /**
   * Follows redirects from `address` until one leads to `end`, and resolves to that URL. A page on the way gets the form
   * that `forms` has for its path: every form of Signet posts to the address of its page.
   */
  async follow(address, end, forms = {}) {
    for (let steps = 0; steps < 10; steps += 1) {
      let answer = await this.#send(address);
      const form = forms[new URL(address).pathname];
      if (answer.status === 200 && form) {
        answer = await this.#send(address, { method: "POST", body: new URLSearchParams(form) });
      }
      const location = answer.headers.get("location");
      if (!location) throw new Error(`${address} answers ${answer.status}: ${await answer.text()}`);
      address = new URL(location, address);
      if (address.href.startsWith(end)) return address;
    }
    throw new Error(`too many redirects, the last to ${address}`);
  }

  async #send(address, options = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(address, { redirect: "manual", ...options, headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (value) this.#cookies.set(name, value);
      else this.#cookies.delete(name);
    }
    return answer;
  }
}
