"""Signs in on a device without a browser. Needs nothing but Python."""

import json
import time
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

ISSUER = "{{issuer}}"
CLIENT_ID = "{{client_id}}"
SCOPE = "{{scope}}"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def call(address, form=None, headers=None):
    """Sends a GET, or a POST where there is a form; the JSON of the answer, whether it is an error or not."""
    body = urlencode(form).encode() if form else None
    try:
        with urlopen(Request(address, body, headers or {}), timeout=10) as answer:
            return json.load(answer)
    except HTTPError as error:
        return json.load(error)


def sign_in(server):
    """The tokens of whoever signs in."""
    device = call(server["device_authorization_endpoint"], {"client_id": CLIENT_ID, "scope": SCOPE})
    if "error" in device:
        raise SystemExit(f"{device['error']}: {device.get('error_description', '')}")
    # For a picture to scan: {ISSUER}/device/qr?user_code={user_code}
    print("Open", device["verification_uri"], "and type", device["user_code"], flush=True)
    print("or open", device["verification_uri_complete"], flush=True)
    interval = device["interval"]
    while True:
        time.sleep(interval)
        tokens = call(server["token_endpoint"], {
            "grant_type": DEVICE_CODE,
            "client_id": CLIENT_ID,
            "device_code": device["device_code"],
        })
        match tokens.get("error"):
            case None:
                return tokens
            case "slow_down":
                interval += 5
            case "authorization_pending" | "temporarily_unavailable":
                pass
            case error:
                raise SystemExit(f"{error}: {tokens.get('error_description', '')}")


if __name__ == "__main__":
    server = call(f"{ISSUER}/.well-known/openid-configuration")
    tokens = sign_in(server)
    who = call(server["userinfo_endpoint"], headers={"Authorization": f"Bearer {tokens['access_token']}"})
    print(json.dumps(who))
