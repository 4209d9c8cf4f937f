"""Signs in through the browser. Needs nothing but Python."""

import base64
import hashlib
import json
import secrets
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

ISSUER = "{{issuer}}"
CLIENT_ID = "{{client_id}}"
REDIRECT_URI = "{{redirect_uri}}"
SCOPE = "{{scope}}"


def call(address, form=None, headers=None):
    """Sends a GET, or a POST where there is a form; the JSON of the answer."""
    body = urlencode(form).encode() if form else None
    with urlopen(Request(address, body, headers or {}), timeout=10) as answer:
        return json.load(answer)


def listen():
    """Listens at the redirect URI, on a free port if it names none; the listener, and the URI with its port."""
    expected = urlsplit(REDIRECT_URI)

    class Callback(BaseHTTPRequestHandler):
        def do_GET(self):
            address, found = urlsplit(self.path), self.server.found
            if address.path == (expected.path or "/"):
                found.update((name, values[0]) for name, values in parse_qs(address.query).items())
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(b"You can close this window." if found else b"")

        def log_message(self, *_):
            pass

    listener = HTTPServer(("127.0.0.1", expected.port or 0), Callback)
    listener.found = {}
    return listener, expected._replace(netloc=f"{expected.hostname}:{listener.server_port}").geturl()


def wait_for_callback(listener):
    """The parameters that arrive at the redirect URI."""
    with listener:
        while not listener.found:
            listener.handle_request()
    return listener.found


def sign_in():
    """The tokens of whoever signs in."""
    server = call(f"{ISSUER}/.well-known/openid-configuration")
    listener, redirect_uri = listen()
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = urlencode({
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": SCOPE,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    })
    address = f"{server['authorization_endpoint']}?{query}"
    print("Open this, if your browser does not:", address, flush=True)
    webbrowser.open(address)
    answer = wait_for_callback(listener)
    if answer.get("state") != state or answer.get("iss") != ISSUER:
        raise SystemExit("This answer belongs to another request.")
    if "error" in answer:
        raise SystemExit(f"{answer['error']}: {answer.get('error_description', '')}")
    tokens = call(server["token_endpoint"], {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_uri,
        "code": answer["code"],
        "code_verifier": verifier,
    })
    return server, tokens


if __name__ == "__main__":
    server, tokens = sign_in()
    who = call(server["userinfo_endpoint"], headers={"Authorization": f"Bearer {tokens['access_token']}"})
    print(json.dumps(who))
