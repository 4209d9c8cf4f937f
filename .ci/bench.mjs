// Measures release builds: see .ci/bench.
import { spawn, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const CONNECTIONS = 64;
const ADMIN_TOKEN = 'bench-0123456789abcdef0123456789abcdef';
const SECRET = '0123456789abcdef0123456789abcdef';
const PASSWORD = 'correct horse battery staple';
const VERIFIER = 'v'.repeat(43);
const CALLBACK = 'https://app.example/cb';
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

const { values: options } = parseArgs({
  options: {
    'before-with': { type: 'string', multiple: true, default: [] },
    before: { type: 'string' },
    cases: { type: 'string', default: '' },
    flood: { type: 'string' },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '3' },
  },
});
const settings = Object.fromEntries(options['before-with'].map((setting) => setting.split(/=(.*)/, 2)));
const seconds = Number(options.seconds);
const directory = mkdtempSync(join(tmpdir(), 'signet-bench-'));

const basic = (id) => ({ Authorization: `Basic ${Buffer.from(`${id}:${SECRET}`).toString('base64')}` });
const encode = (fields) => new URLSearchParams(fields).toString();

// A server on one core, with an empty SQLite database.
class Server {
  constructor(name, binary, port, settings = {}) {
    Object.assign(this, { name, port, base: `http://127.0.0.1:${port}` });
    this.connect();
    const cwd = mkdtempSync(join(directory, 'server-'));
    const env = { ...process.env, ADMIN_TOKEN, LISTEN_ADDR: `127.0.0.1:${port}`, RUST_LOG: 'error', RATE_LIMITS: 'off', ...settings };
    this.process = spawn('taskset', ['-c', '0', binary], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  }

  // The server ends connections that are idle for long.
  connect() {
    this.agent?.destroy();
    this.agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  }

  send(method, path, headers = {}, body = undefined) {
    return new Promise((done, fail) => {
      const sent = request(this.base + path, { method, headers, agent: this.agent }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
      });
      sent.on('error', fail);
      sent.end(body);
    });
  }

  async good(...args) {
    const answer = await this.send(...args);
    if (answer.status >= 400) throw new Error(`${this.name}: ${args[0]} ${args[1]}: ${answer.status} ${answer.body.slice(0, 300)}`);
    return answer;
  }

  async prepare() {
    for (let tries = 0; ; tries += 1) {
      if (await this.send('GET', '/health').then((answer) => answer.status === 200, () => false)) break;
      if (tries > 600 || this.process.exitCode !== null) throw new Error(`${this.name}: the server does not start`);
      await new Promise((next) => setTimeout(next, 50));
    }
    const create = (path, object) =>
      this.good('POST', path, { 'X-Admin-Token': ADMIN_TOKEN, 'Content-Type': 'application/json' }, JSON.stringify(object));
    const machine = (client_id, token_format, alg) =>
      create('/admin/clients', {
        client_id, kind: 'machine', grant_types: 'client_credentials', scope: '', client_secret: SECRET,
        id_token_signed_response_alg: alg, policy: { token_format },
      });
    await machine('opaque', 'opaque', 'RS256');
    await machine('rs256', 'jwt', 'RS256');
    await machine('es256', 'jwt', 'ES256');
    await create('/admin/clients', {
      client_id: 'web', kind: 'web', client_secret: SECRET, redirect_uris: CALLBACK, grant_types: 'authorization_code refresh_token',
      scope: 'openid offline_access', policy: { consent_policy: 'skip', token_format: 'opaque' },
    });
    await create('/admin/users', { username: 'alice', password: PASSWORD });
    const signedIn = await this.good('POST', '/login', { ...FORM, Origin: this.base }, encode({ username: 'alice', password: PASSWORD }));
    this.cookie = (signedIn.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');
    const answer = await this.good('POST', '/token', { ...FORM, ...basic('opaque') }, 'grant_type=client_credentials');
    this.opaque = JSON.parse(answer.body).access_token;
    const tokens = await this.exchange(await this.code());
    this.access = tokens.access_token;
  }

  async code() {
    const challenge = createHash('sha256').update(VERIFIER).digest('base64url');
    const query = encode({
      response_type: 'code', client_id: 'web', redirect_uri: CALLBACK, scope: 'openid offline_access', state: 's',
      code_challenge: challenge, code_challenge_method: 'S256',
    });
    const answer = await this.good('GET', `/authorize?${query}`, { Cookie: this.cookie });
    const code = new URL(answer.headers.location, this.base).searchParams.get('code');
    if (!code) throw new Error(`${this.name}: no code, but ${answer.headers.location}`);
    return code;
  }

  async exchange(code) {
    const body = encode({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER });
    return JSON.parse((await this.good('POST', '/token', { ...FORM, ...basic('web') }, body)).body);
  }

  async refresh(refresh_token) {
    const body = encode({ grant_type: 'refresh_token', refresh_token });
    return JSON.parse((await this.good('POST', '/token', { ...FORM, ...basic('web') }, body)).body);
  }

  // Fixed requests, by wrk.
  wrk(path, headers = {}, body = undefined) {
    const script = join(directory, 'request.lua');
    const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}\n`);
    if (body !== undefined) lines.push(`wrk.method = "POST"\nwrk.body = ${JSON.stringify(body)}\n`);
    writeFileSync(script, lines.join(''));
    const output = execFileSync('taskset', ['-c', '1', 'wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, this.base + path]).toString();
    if (output.includes('Non-2xx')) throw new Error(output);
    return Number(/Requests\/sec:\s*([\d.]+)/.exec(output)[1]);
  }

  // One program after the other registers itself, each of another name (RFC 7591): how many of which status.
  async flood(count) {
    const statuses = {};
    let sent = 0;
    await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
      while (sent < count) {
        sent += 1;
        const body = JSON.stringify({ client_name: `Program ${sent}`, redirect_uris: ['http://127.0.0.1/cb'], token_endpoint_auth_method: 'none' });
        const { status } = await this.send('POST', '/register', { 'Content-Type': 'application/json' }, body);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }));
    return statuses;
  }

  // Milliseconds of a refresh, one after the other, until `over`: median, of one in a hundred the best, and how many.
  async latency(over) {
    const times = [];
    let tokens = await this.exchange(await this.code());
    while (!over()) {
      const begin = performance.now();
      tokens = await this.refresh(tokens.refresh_token);
      times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    const at = (part) => times[Math.floor(times.length * part)].toFixed(1);
    return `${at(0.5)} | ${at(0.99)} | ${times.length}`;
  }

  memory() {
    const rollup = readFileSync(`/proc/${this.process.pid}/smaps_rollup`).toString();
    return (Number(/^Pss:\s+(\d+)/m.exec(rollup)[1]) / 1024).toFixed(0);
  }

  stop() {
    this.process.kill();
  }
}

// Requests that follow from each other: `step` again and again by 64 workers; per second.
async function repeat(workers) {
  const begin = performance.now();
  let count = 0;
  const over = () => performance.now() - begin > seconds * 1000;
  await Promise.all(workers.map(async (step) => {
    while (!over() && (await step()) !== false) count += 1;
  }));
  return (count * 1000) / (performance.now() - begin);
}

const token = (id, fields) => (server) => server.wrk('/token', { ...FORM, ...basic(id) }, encode(fields));

const CASES = {
  discovery: (server) => server.wrk('/.well-known/openid-configuration'),
  'client_credentials, opaque, durable': token('opaque', { grant_type: 'client_credentials' }),
  'client_credentials, JWT RS256': token('rs256', { grant_type: 'client_credentials' }),
  'client_credentials, JWT ES256': token('es256', { grant_type: 'client_credentials' }),
  'introspection, opaque': (server) => server.wrk('/introspect', { ...FORM, ...basic('opaque') }, encode({ token: server.opaque })),
  userinfo: (server) => server.wrk('/userinfo', { Authorization: `Bearer ${server.access}` }),
  'authorization, nobody asked': (server) => repeat(Array.from({ length: CONNECTIONS }, () => () => server.code())),
  'code exchange, with ID token RS256': async (server) => {
    const codes = [];
    await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
      for (let made = 0; made < 40 * seconds; made += 1) codes.push(await server.code());
    }));
    return repeat(Array.from({ length: CONNECTIONS }, () => async () => {
      const code = codes.pop();
      return code === undefined ? false : server.exchange(code);
    }));
  },
  'refresh, with ID token RS256': async (server) => {
    const worker = async () => {
      let tokens = await server.exchange(await server.code());
      return async () => { tokens = await server.refresh(tokens.refresh_token); };
    };
    return repeat(await Promise.all(Array.from({ length: CONNECTIONS }, worker)));
  },
};

const sign = () => {
  const output = execFileSync('taskset', ['-c', '0', 'openssl', 'speed', '-seconds', '2', 'rsa2048'], { stdio: ['ignore', 'pipe', 'ignore'] });
  return Number(/^rsa .*/m.exec(output.toString())[0].split(/\s+/)[5]);
};

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const servers = [];

async function compare() {
  const signs = sign();
  const before = options.before ? ' before | now to before, medians | of each round |' : '';
  console.log(`| Case | per second | × RS256 sign |${before}\n|---|---|---|${options.before ? '---|---|---|' : ''}`);
  console.log(`| RS256 sign, OpenSSL | ${signs.toFixed(0)} | 1.00 |${options.before ? ' | | |' : ''}`);
  for (const [name, measure] of Object.entries(CASES).filter(([name]) => name.includes(options.cases))) {
    const rates = new Map(servers.map((server) => [server.name, []]));
    for (let round = 0; round < Number(options.rounds); round += 1) {
      // Whoever is first in one round is second in the next.
      for (const server of round % 2 ? [...servers].reverse() : servers) {
        server.connect();
        rates.get(server.name).push(await measure(server));
      }
    }
    const now = median(rates.get('now'));
    let line = `| ${name} | ${now.toFixed(0)} | ${(now / signs).toFixed(2)} |`;
    if (options.before) {
      const then = median(rates.get('before'));
      const rounds = rates.get('now').map((rate, round) => rate / rates.get('before')[round]);
      line += ` ${then.toFixed(0)} | ${(now / then).toFixed(3)} | ${Math.min(...rounds).toFixed(2)} to ${Math.max(...rounds).toFixed(2)} |`;
    }
    console.log(line);
  }
}

async function drown(server, count) {
  const resource = { identifier: 'https://mcp.example/mcp', name: 'Notes', scopes: [{ name: 'read', description: 'Read notes' }] };
  await server.good('POST', '/admin/resources', { 'X-Admin-Token': ADMIN_TOKEN, 'Content-Type': 'application/json' }, JSON.stringify(resource));
  console.log('| A refresh | median, ms | 99 of 100, ms | refreshes | memory (PSS), MB |\n|---|---|---|---|---|');
  const show = (when, latency) => console.log(`| ${when} | ${latency} | ${server.memory()} |`);
  const alone = () => {
    const begin = performance.now();
    return server.latency(() => performance.now() - begin > seconds * 1000);
  };
  show('before', await alone());
  let statuses;
  const begin = performance.now();
  const [latency] = await Promise.all([
    server.latency(() => statuses !== undefined),
    server.flood(count).then((found) => { statuses = found; }),
  ]);
  const took = (performance.now() - begin) / 1000;
  show(`during ${count} registrations, ${(count / took).toFixed(0)} a second`, latency);
  show('after', await alone());
  console.log(`\nAnswers: ${Object.entries(statuses).map(([status, times]) => `${times} of ${status}`).join(', ')}.`);
}

try {
  const binary = resolve('target/release/signet');
  for (const path of [binary, options.before]) if (path && !existsSync(path)) throw new Error(`there is no ${path}`);
  servers.push(new Server('now', binary, 18126));
  if (options.before) servers.push(new Server('before', resolve(options.before), 18127, settings));
  for (const server of servers) await server.prepare();
  if (options.flood) await drown(servers[0], Number(options.flood));
  else await compare();
} finally {
  for (const server of servers) server.stop();
  await Promise.all(servers.map((server) => server.process.exitCode ?? new Promise((done) => server.process.on('exit', done))));
  rmSync(directory, { recursive: true, force: true });
}
