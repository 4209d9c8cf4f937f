#!/usr/bin/env python3
"""Measures how long the console's pages of figures and events take with many events, on SQLite.

    .ci/figures.py target/release/signet --events 1000000 --rounds 200
"""

import argparse
import http.client
import os
import random
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse

TOKEN = "figures-0123456789abcdef0123456789abcdef"
MONTH = 30 * 86_400
# Kind, outcome, code, weight: a busy server on which much is refused.
KINDS = [
    ("sign_in", "ok", None, 30),
    ("sign_in", "refused", "wrong_credentials", 15),
    ("authorization", "ok", None, 20),
    ("authorization", "refused", "redirect_uri_unregistered", 5),
    ("authorization", "refused", "invalid_scope", 5),
    ("token", "ok", None, 15),
    ("token", "refused", "invalid_client", 5),
    ("token", "refused", "invalid_grant", 4),
    ("limit", "refused", "too_soon", 1),
]
PAGES = [
    "/admin/ui?within=24h",
    "/admin/ui?within=7d",
    "/admin/ui?within=30d",
    "/admin/ui/activity",
    "/admin/ui/activity?within=30d&outcome=refused",
    "/admin/ui/activity?error=too_soon",
    "/admin/ui/activity?client=client-7&outcome=refused",
]


def fill(path, events, clients):
    """Writes events over the last 30 days, and as many clients, which are summed up at the next start."""
    now = int(time.time())
    chance = random.Random(7)
    picks = chance.choices(KINDS, [kind[-1] for kind in KINDS], k=events)

    def rows():
        for number, (kind, outcome, error, _) in enumerate(picks):
            at = now - MONTH + number * MONTH // events
            key = (at * 1000).to_bytes(6, "big") + bytes.fromhex("70008000") + number.to_bytes(6, "big")
            client = f"client-{chance.randrange(clients)}"
            count = 40 if (kind, outcome) == ("token", "ok") else 1
            yield (key, at, kind, outcome, error, f"{number:016x}", client, "203.0.113.7", "Mozilla/5.0 (X11)", count, "{}")

    database = sqlite3.connect(path)
    database.executemany(
        "INSERT INTO client (client_id, client_name, kind, enabled, document, version, created_at, updated_at, stamp)"
        " SELECT ?, ?, kind, enabled, document, version, created_at, updated_at, stamp FROM client WHERE client_id = 'model'",
        [(f"client-{number}", f"Client {number}") for number in range(clients)],
    )
    database.executemany(
        "INSERT INTO event (id, at, kind, outcome, error, request_id, client_id, address, agent, count, facts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows(),
    )
    database.execute("DELETE FROM seaql_migrations WHERE version = 'm20261127_000200_event_sums'")
    database.commit()
    database.close()


class Server:
    def __init__(self, binary, directory):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.binary, self.directory = os.path.abspath(binary), directory

    def __enter__(self):
        env = {"ADMIN_TOKEN": TOKEN, "LISTEN_ADDR": f"127.0.0.1:{self.port}", "DATABASE_URL": "sqlite:signet.db", "RUST_LOG": "error"}
        self.process = subprocess.Popen([self.binary], cwd=self.directory, env=env, stdout=subprocess.DEVNULL)
        while True:
            assert self.process.poll() is None, "the server ended"
            try:
                if self.send("GET", "/health")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def send(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


    def export(self):
        """The bytes of all events as CSV, and the most that the server holds in memory meanwhile, in MB, without what it maps of files."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/admin/events?format=csv", headers={"X-Admin-Token": TOKEN})
        answer, size, memory = connection.getresponse(), 0, 0
        while part := answer.read(1_000_000):
            size += len(part)
            with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
                memory = max(memory, next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) // 1024)
        return size, memory


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("binary")
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--rounds", type=int, default=200)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        with Server(options.binary, directory) as server:
            body = '{"client_id": "model", "kind": "machine", "grant_types": ["client_credentials"], "scope": ""}'
            headers = {"X-Admin-Token": TOKEN, "Content-Type": "application/json"}
            assert server.send("POST", "/admin/clients", body, headers)[0] == 201
        fill(os.path.join(directory, "signet.db"), options.events, options.clients)
        with Server(options.binary, directory) as server:
            form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{server.port}"}
            status, headers, _ = server.send("POST", "/admin/login", urllib.parse.urlencode({"token": TOKEN}), form)
            assert status == 303, status
            cookie = {"Cookie": headers["Set-Cookie"].split(";")[0]}
            print(f"{options.events:,} events: median, 99 of 100, ms\n")
            for page in PAGES:
                times = []
                for _ in range(options.rounds):
                    begin = time.perf_counter()
                    status, _, _ = server.send("GET", page, headers=cookie)
                    times.append((time.perf_counter() - begin) * 1000)
                    assert status == 200, (page, status)
                times.sort()
                print(f"| `{page}` | {times[len(times) // 2]:.1f} | {times[len(times) * 99 // 100]:.1f} |")
            begin = time.perf_counter()
            size, memory = server.export()
            print(f"\nCSV of all: {size / 1e6:.0f} MB in {time.perf_counter() - begin:.1f} s; memory of the server at most {memory} MB")


if __name__ == "__main__":
    main()
