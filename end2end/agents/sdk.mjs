// The two generations of the MCP SDK behind one face. Neither is changed: what is here is what an MCP host writes.

import * as v2 from "@modelcontextprotocol/client";
import { auth as authV1 } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

export const SDKS = {
  "SDK v2": { Client: v2.Client, Transport: v2.StreamableHTTPClientTransport, auth: v2.auth },
  "SDK v1": { Client: ClientV1, Transport: TransportV1, auth: authV1 },
};

/** What a host keeps about one MCP server (an `OAuthClientProvider`), in memory. */
export class Host {
  /** The address that the person's browser was sent to. */
  address;
  #information;
  #tokens;
  #verifier;
  #discovery;

  /**
   * `client` has `metadata`, and `url`, `information` or neither, depending on how it comes by its ID; and `authentication`, the
   * SDK's way to sign for an ID, if it has a key.
   */
  constructor(client, tokens) {
    this.clientMetadata = client.metadata;
    this.clientMetadataUrl = client.url;
    this.#information = client.information;
    this.#tokens = tokens;
    if (client.authentication) {
      this.addClientAuthentication = (...request) => client.authentication(this.#information.client_id)(...request);
    }
  }

  get redirectUrl() {
    return this.clientMetadata.redirect_uris[0];
  }

  state() {
    return crypto.randomUUID();
  }

  clientInformation() {
    return this.#information;
  }

  saveClientInformation(information) {
    this.#information = information;
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens) {
    this.#tokens = tokens;
  }

  redirectToAuthorization(address) {
    this.address = address;
  }

  saveCodeVerifier(verifier) {
    this.#verifier = verifier;
  }

  codeVerifier() {
    return this.#verifier;
  }

  saveDiscoveryState(state) {
    this.#discovery = state;
  }

  discoveryState() {
    return this.#discovery;
  }

  invalidateCredentials(what) {
    if (["all", "client"].includes(what)) this.#information = undefined;
    if (["all", "tokens"].includes(what)) this.#tokens = undefined;
    if (["all", "verifier"].includes(what)) this.#verifier = undefined;
    if (["all", "discovery"].includes(what)) this.#discovery = undefined;
  }
}

/** An agent: one of the SDKs, the host's store, and the browser of the person it acts for. */
export class Agent {
  constructor(sdk, mcpServer, host, browse) {
    Object.assign(this, { sdk, mcpServer, host, browse });
  }

  /** Calls a tool. If that takes a login, or more scope, the person is asked, and the call made again. */
  async call(name, args = {}) {
    for (let logins = 0; ; logins += 1) {
      const transport = new this.sdk.Transport(new URL(this.mcpServer), { authProvider: this.host });
      const client = new this.sdk.Client({ name: "agent", version: "1.0.0" });
      this.host.address = undefined;
      try {
        await client.connect(transport);
        const result = await client.callTool({ name, arguments: args });
        return result.content[0].text;
      } catch (error) {
        // Version 1 refreshes when more scope is needed, which gives no more; there the host begins anew.
        if (error.code === 403 && logins < 2) await this.#ask("notes:read notes:write");
        if (!this.host.address || logins === 2) throw error;
        await this.#login(transport);
      } finally {
        await client.close();
      }
    }
  }

  /** Asks for a login that gives `scope`. */
  async #ask(scope) {
    this.host.invalidateCredentials("tokens");
    await this.sdk.auth(this.host, { serverUrl: this.mcpServer, scope });
  }

  /** The person signs in and allows; the SDK exchanges the code. */
  async #login(transport) {
    const callback = await this.browse(this.host.address, this.host.redirectUrl);
    const state = callback.searchParams.get("state");
    if (state !== this.host.address.searchParams.get("state")) throw new Error(`the answer to another question: ${callback}`);
    await transport.finishAuth(callback.searchParams.get("code"), callback.searchParams.get("iss") ?? undefined);
  }

  /** Refreshes the tokens, as the SDK does when they have expired; resolves to the new ones. */
  async refresh() {
    const result = await this.sdk.auth(this.host, { serverUrl: this.mcpServer });
    if (result !== "AUTHORIZED") throw new Error(`the agent was sent to ${this.host.address}`);
    return this.host.tokens();
  }
}
