// Creates what a test needs through the admin API.

export const PASSWORD = "correct horse battery";

export class Admin {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /** A user with a few claims, who signs in with `PASSWORD`. Resolves to the user as the API describes it. */
  createUser(username, members = {}) {
    const claims = { name: "Alice Adams", email_verified: true };
    return this.#post("users", { username, password: PASSWORD, email: `${username}@example.com`, claims, ...members });
  }

  /** Resolves to `{ client_id, client_secret? }`. */
  createClient(members) {
    const grants = ["authorization_code", "refresh_token"];
    return this.#post("clients", { scope: "openid profile email offline_access", grant_types: grants, ...members });
  }

  createScope(name, description, claims = []) {
    return this.#post("scopes", { name, description, claims });
  }

  createResource(members) {
    return this.#post("resources", members);
  }

  createTrust(members) {
    return this.#post("trusts", members);
  }

  async update(what, members) {
    await this.#send("PATCH", what, members);
  }

  async delete(what) {
    await this.#send("DELETE", what);
  }

  async #post(what, body) {
    return (await this.#send("POST", what, body)).json();
  }

  async #send(method, what, body) {
    const answer = await fetch(`${this.url}/admin/${what}`, {
      method,
      headers: { "X-Admin-Token": this.token, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${what}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}
