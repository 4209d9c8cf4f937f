#!/usr/bin/env python3
"""Measures how long the lists of the console take with many rows, on SQLite or PostgreSQL: users, clients, and an event for each user, a
session and a grant for every tenth.

    .ci/lists.py target/release/signet --clients 10000 --users 1000000 --rounds 100
    .ci/databases .ci/lists.py target/release/signet --postgres

Prints a line for each list: every sort, filter and search, the first page and deep ones. `--keep DIR` keeps the SQLite file, and uses
it the next time.
"""

import argparse
import contextlib
import html
import http.client
import json
import os
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from servers import clean_up, clean_up_when_interrupted, free_port, is_healthy, scratch_directory, start, wait_until

TOKEN = "lists-0123456789abcdef0123456789abcdef"
DAY = 86_400
GOAL = 50
FIRST = "Alice Bob Carol Dave Erin Frank Grace Heidi Ivan Judy Mallory Niaj Olivia Peggy Rupert Sybil Trent Victor Walter Zoe".split()
LAST = "Adams Baker Clark Davis Evans Fischer Garcia Huber Ito Jones Klein Lopez Meyer Novak Owens Peters Quinn Rossi Smith Weber".split()
KINDS = ["web", "spa", "machine"]
# Made by the server, then made many of: the documents of clients are what it writes.
MODELS = {
    "web": {"redirect_uris": ["https://model.example/cb"]},
    "spa": {"redirect_uris": ["https://model.example/cb"], "token_endpoint_auth_method": "none"},
    "machine": {"kind": "machine", "grant_types": ["client_credentials"], "scope": ""},
}


def order_key(text):
    """As `oauth::order::order_key` writes it, for names in ASCII."""
    number = lambda found: (lambda digits: "9" * (len(digits) // 9) + str(len(digits) % 9) + digits)(found[0].lstrip("0"))
    return re.sub(r"\d+", number, text.strip().lower())


def terms(*texts):
    """As `idp::search` writes them."""
    found = set()
    for text in map(str.lower, texts):
        last = text.rfind("@") + 1 if "@" in text else len(text)
        begins = [at for at in range(len(text)) if text[at].isalnum() and (at == 0 or not text[at - 1].isalnum()) and at <= last]
        found.update(text[at:][:64] for at in [0, *begins][:17])
    return found


class Sqlite:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        for pragma in ["journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY"]:
            self.db.execute(f"PRAGMA {pragma}")

    def models(self):
        return {kind: self.db.execute("SELECT document FROM client WHERE client_id = ?", [kind]).fetchone()[0] for kind in KINDS}

    def write(self, table, columns, rows, order=""):
        # Through a table of its own, so that the rows come in the order of the key.
        marks = ", ".join("?" * len(columns))
        self.db.execute(f"CREATE TEMP TABLE loaded ({', '.join(columns)})")
        self.db.executemany(f"INSERT INTO loaded VALUES ({marks})", rows)
        self.db.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM loaded {order}")
        self.db.execute("DROP TABLE loaded")

    @staticmethod
    def uuid(number):
        return number.to_bytes(16, "big")

    @staticmethod
    def flag(value):
        return int(value)

    @staticmethod
    def blob(value):
        return value

    def close(self):
        self.db.commit()
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.close()


class Postgres:
    def __init__(self, url):
        self.url = url
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql"))
        self.psql = [str(found[-1]) if found else "psql", "-qAt", "-v", "ON_ERROR_STOP=1", url]

    def run(self, sql):
        return subprocess.run([*self.psql, "-c", sql], check=True, capture_output=True, text=True).stdout

    def models(self):
        return {kind: self.run(f"SELECT document FROM client WHERE client_id = '{kind}'").strip() for kind in KINDS}

    def write(self, table, columns, rows, order=""):
        copy = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with subprocess.Popen([*self.psql, "-c", copy], stdin=subprocess.PIPE, text=True) as psql:
            for row in rows:
                cells = ("\\N" if cell is None else str(cell).replace("\\", "\\\\") for cell in row)
                psql.stdin.write("\t".join(cells) + "\n")
        assert psql.returncode == 0, table

    @staticmethod
    def uuid(number):
        text = f"{number:032x}"
        return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])

    @staticmethod
    def flag(value):
        return "t" if value else "f"

    @staticmethod
    def blob(value):
        return f"\\x{value.hex()}"

    def close(self):
        # As autovacuum does by itself after a while.
        self.run("VACUUM ANALYZE")


def fill(database, users, clients):
    """Users of a year, a third of whom never signed in; clients of a year, a fifth of which were never used; some consents."""
    now, chance = int(time.time()), random.Random(7)
    ids = [(now - (users - number) * 365 * DAY // users) * 1000 << 80 | 0x7000_8000_0000_0000_0000 | number for number in range(users)]
    names = [(chance.choice(FIRST), chance.choice(LAST)) for _ in range(users)]

    def accounts():
        for number, (id, (first, last)) in enumerate(zip(ids, names)):
            username, email = f"{first.lower()}{number}", f"{first}.{last}{number}@mail{number % 50}.example".lower()
            signed_in = None if chance.random() < 0.33 else now - int(chance.expovariate(1 / (60 * DAY)))
            created, claims = now - (users - number) * 365 * DAY // users, json.dumps({"name": f"{first} {last}"})
            keys = order_key(username), order_key(email)
            enabled = database.flag(chance.random() > 0.03)
            yield (database.uuid(id), username, username, email, email, claims, enabled, 1, created, created, signed_in, *keys)

    def account_terms():
        for number, (id, (first, last)) in enumerate(zip(ids, names)):
            texts = f"{first}{number}", f"{first}.{last}{number}@mail{number % 50}.example", f"{first} {last}"
            for term in terms(*texts):
                yield term, database.uuid(id)

    models = {kind: json.loads(document) for kind, document in database.models().items()}
    described = []
    for number in range(clients):
        kind, id = chance.choice(KINDS), f"app-{number}"
        name = f"{chance.choice(LAST)} {chance.choice(['shop', 'desk', 'portal', 'API'])} {number}"
        uris = [f"https://{name.split()[0].lower()}{number}.example/callback"] if kind != "machine" else []
        document = {**models[kind], "client_id": id, "client_name": name, "enabled": chance.random() > 0.05}
        if "redirect_uris" in document:
            document["redirect_uris"] = uris
        described.append((id, name, kind, document, uris))

    def client_rows():
        for id, name, kind, document, _ in described:
            used = None if chance.random() < 0.2 else now - int(chance.expovariate(1 / (30 * DAY)))
            created = now - chance.randrange(365 * DAY)
            row = id, name, kind, database.flag(document["enabled"]), json.dumps(document, separators=(",", ":"))
            yield (*row, 1, created, created, used, 0, order_key(name), order_key(id), chance.choice(["", "", "always", "once", "skip"]))

    account = "id username username_key email email_key claims enabled version created_at updated_at last_sign_in_at name_order email_order"
    client = "client_id client_name kind enabled document version created_at updated_at last_used_at stamp name_order id_order consent_policy"
    database.write("account", account.split(), accounts())
    database.write("account_term", ["term", "owner"], account_terms(), "ORDER BY 1, 2")
    database.write("client", client.split(), client_rows())
    found = ((term, id) for id, name, _, _, uris in described for term in terms(id, name, *uris))
    database.write("client_term", ["term", "owner"], found, "ORDER BY 1, 2")
    pairs = {(chance.randrange(users), chance.randrange(clients)) for _ in range(min(users, 100_000))}
    consents = ((database.uuid(ids[user]), f"app-{number}", "openid", now) for user, number in sorted(pairs))
    database.write("consent", ["account_id", "client_id", "scope", "granted_at"], consents)
    fill_records(database, ids, chance)
    database.close()


def fill_records(database, ids, chance):
    """Events of 90 days, three of a hundred refused; sessions, grants, and changes of one client. Half of all is about that client, and a
    little of all about the oldest user."""
    now, users, one = int(time.time()), len(ids), ids[0]
    uuid_at = lambda at, number: database.uuid(at * 1000 << 80 | 0x7000_8000_0000_0000_0000 | number)
    client = lambda: "web" if chance.random() < 0.5 else f"app-{chance.randrange(100)}"
    person = lambda number: one if number % 500 == 0 else chance.choice(ids)

    def events():
        for number in range(users):
            at = now - (users - number) * 90 * DAY // users
            kind, outcome, error = chance.choice(["sign_in", "authorization", "token", "userinfo"]), "ok", None
            if chance.random() < 0.03:
                outcome, error = "refused", chance.choice(["invalid_grant", "invalid_client", "redirect_uri_unregistered"])
            about = database.uuid(person(number)), client(), f"192.0.2.{chance.randrange(250)}"
            yield (uuid_at(at, number), at, kind, outcome, error, f"{number:020x}", *about, 1, "{}")

    def sessions():
        for number in range(users // 10):
            at, seen = now - (users // 10 - number) * 30 * DAY // users, now - chance.randrange(DAY)
            owner = database.uuid(person(number))
            yield (database.blob(number.to_bytes(32, "big")), f"sid-{number:020x}", owner, at, now + 30 * DAY, "Firefox", seen, "192.0.2.7", database.flag(False))

    def grants():
        for number in range(users // 10):
            at = now - (users // 10 - number) * 30 * DAY // users
            rest = "openid profile", database.flag(True), 0, at, now + 30 * DAY
            yield (uuid_at(at, number), client(), database.uuid(person(number)), *rest)

    def changes():
        for number in range(min(users, 5_000)):
            at = now - (users - number) * DAY // users
            before, after = ({"client_name": f"Name {number + step}"} for step in [0, 1])
            yield (uuid_at(at, number), at, "admin", "client.update", "client", "web", json.dumps(before), json.dumps(after))

    event = "id at kind outcome error request_id account_id client_id address count facts"
    session = "digest sid account_id created_at expires_at user_agent seen_at address tells_clients"
    database.write("event", event.split(), events())
    database.write("session", session.split(), sessions())
    database.write("grants", "id client_id account_id scope offline generation created_at expires_at".split(), grants())
    database.write("audit_event", "id at actor action target_kind target_id before after".split(), changes())


class Server:
    def __init__(self, binary, directory, url):
        self.port = free_port()
        base = f"http://127.0.0.1:{self.port}"
        env = {"ADMIN_TOKEN": TOKEN, "LISTEN_ADDR": f"127.0.0.1:{self.port}", "DATABASE_URL": url, "RUST_LOG": "error"}
        self.process = start([os.path.abspath(binary)], None, cwd=directory, env=env)
        assert wait_until(lambda: is_healthy(base), self.process), "the server does not start"

    def send(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def enter(self):
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"}
        status, headers, _ = self.send("POST", "/admin/login", urllib.parse.urlencode({"token": TOKEN}), form)
        assert status == 303, status
        return {"Cookie": headers["Set-Cookie"].split(";")[0]}


def queries(one):
    """List, and the queries of it."""
    columns = {"users": "name email status signed_in created", "clients": "name id kind status used created"}
    filters = {
        "users": "status=active status=disabled signed_in=24h signed_in=7d signed_in=30d signed_in=90d signed_in=never status=disabled&signed_in=24h",
        "clients": "kind=spa kind=native status=disabled used=24h used=30d used=never policy=once policy=default kind=web&status=active&used=90d&policy=skip",
    }
    searches = {
        "users": "ali alice1234 alice+ad adams bob.smith77 @mail7 mail7.example zzqq smith 123456",
        "clients": "app-1 app-77 smith smith+sh desk https://adams7 example zzqq",
    }
    for name in ["users", "clients"]:
        sorts = [f"sort={sign}{column}" for column in columns[name].split() for sign in ["", "-"]]
        yield f"/admin/ui/{name}", [*sorts, "limit=200", "since=1", f"since={int(time.time()) - 7 * DAY}"]
        for narrowed in filters[name].split():
            yield f"/admin/ui/{name}", [narrowed, *[f"{narrowed}&{sort}" for sort in sorts]]
        for text in searches[name].split():
            text = text.replace("@", "%40").replace(":", "%3A").replace("/", "%2F")
            more = [f"&{sort}" for sort in sorts[:3]] + ["&status=disabled"]
            yield f"/admin/ui/{name}", [f"q={text}{more}" for more in ["", *more]]
    yield from records(one)
    yield "/admin/ui/consents", ["", "sort=-name", "sort=policy", "sort=-consents", "q=smith"]
    yield "/admin/users", ["limit=200", "limit=200&sort=-email", "limit=200&signed_in=7d&sort=name", "q=smith&limit=200"]
    yield "/admin/clients", ["limit=200", "limit=200&sort=-used", "limit=200&policy=once", "q=smith&limit=200"]


def records(one):
    """The lists of what happened, and of who may act for whom."""
    spans = ["", "within=24h", "within=30d"]
    narrowed = "outcome=ok outcome=refused kind=token kind=sign_in&outcome=refused error=invalid_grant client=web client=app-7 address=192.0.2.7 request_id=0000000000000000abcd"
    yield "/admin/ui/activity", [*spans, *narrowed.split(), *[f"{query}&within=24h" for query in narrowed.split()], f"user={one}"]
    yield "/admin/ui", spans
    yield "/admin/ui/sessions", ["", "sort=started", "sort=-started", "sort=seen"]
    for about in ["clients/web", f"users/{one}"]:
        yield f"/admin/ui/{about}/activity", ["", "outcome=refused", "within=24h"]
        yield f"/admin/ui/{about}/grants", ["", "sort=since"]
        yield f"/admin/ui/{about}/history", [""]
        yield f"/admin/ui/{about}/consents", [""]
    yield f"/admin/ui/users/{one}/sessions", [""]


def measure(server, headers, rounds, address):
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        status, answer, body = server.send("GET", address, headers=headers)
        times.append((time.perf_counter() - begin) * 1000)
        assert status == 200, (address, status, answer["Location"], body[:300])
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def places(server, headers, address):
    """The first page, the last one that has a number, and the one behind that."""
    yield "first", address
    if not address.startswith("/admin/ui") or "consents" in address:
        return
    if not re.search("/ui/(users|clients)$", address.split("?")[0]):
        status, _, body = server.send("GET", address, headers=headers)
        ways = re.findall(r'href="([^"]*[?&;]after=[^"]*)"', body)
        if status == 200 and ways:
            yield "behind it", html.unescape(ways[-1])
        return
    join = "&" if "?" in address else "?"
    status, _, body = server.send("GET", f"{address}{join}page=400", headers=headers)
    if status != 200:
        return
    yield "page 400", f"{address}{join}page=400"
    ways = re.findall(r'href="([^"]*[?&;]after=[^"]*)"', body)
    if ways:
        yield "behind it", html.unescape(ways[-1])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("binary")
    options.add_argument("--clients", type=int, default=10_000)
    options.add_argument("--users", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--postgres", action="store_true")
    options.add_argument("--keep", type=pathlib.Path)
    options.add_argument("--only", default="", help="measure addresses that hold this alone")
    options = options.parse_args()
    clean_up_when_interrupted()
    directory = options.keep or scratch_directory("signet-lists.")
    directory.mkdir(exist_ok=True)
    url = "sqlite:signet.db"
    if options.postgres:
        root = os.environ["SIGNET_TEST_POSTGRES_URL"]
        name = f"lists_{int(time.time())}"
        Postgres(root).run(f"CREATE DATABASE {name}")
        url = f"{root.rsplit('/', 1)[0]}/{name}"
    if options.postgres or not (directory / "signet.db").exists():
        server = Server(options.binary, directory, url)
        for kind, model in MODELS.items():
            body, headers = json.dumps({"client_id": kind, **model}), {"X-Admin-Token": TOKEN, "Content-Type": "application/json"}
            status, _, answer = server.send("POST", "/admin/clients", body, headers)
            assert status == 201, answer
        server.stop()
        begin = time.monotonic()
        database = Postgres(url) if options.postgres else Sqlite(directory / "signet.db")
        fill(database, options.users, options.clients)
        print(f"filled in {time.monotonic() - begin:.0f} s\n", flush=True)
    server = Server(options.binary, directory, url)
    headers = {**server.enter(), "X-Admin-Token": TOKEN}
    what = "PostgreSQL" if options.postgres else "SQLite"
    print(f"{what}, {options.users:,} users, {options.clients:,} clients, {options.rounds} rounds: median, 99 of 100, ms\n", flush=True)
    worst = []
    # The one who was created first has the most.
    one = json.loads(server.send("GET", "/admin/users?sort=created&limit=1", headers=headers)[2])[0]["id"]
    for path, group in queries(one):
        for query in group:
            address = f"{path}?{query}" if query else path
            if options.only not in address:
                continue
            for place, at in places(server, headers, address):
                median, slow = measure(server, headers, options.rounds, at)
                worst.append((slow, median, address, place))
                print(f"| `{address}` {place} | {median:.1f} | {slow:.1f} |{' above the goal' if slow > GOAL else ''}", flush=True)
    worst.sort(reverse=True)
    above = sum(slow > GOAL for slow, *_ in worst)
    print(f"\n{above} of {len(worst)} above {GOAL} ms. The slowest:")
    for slow, median, address, place in worst[:15]:
        print(f"| `{address}` {place} | {median:.1f} | {slow:.1f} |")
    server.stop()
    clean_up()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
