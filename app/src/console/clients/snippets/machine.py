import os

import requests

ISSUER = "{{issuer}}"
CLIENT_ID = "{{client_id}}"

server = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10).json()
answer = requests.post(
    server["token_endpoint"],
    data={"grant_type": "client_credentials"},
    auth=(CLIENT_ID, os.environ["OIDC_CLIENT_SECRET"]),
    timeout=10,
)
answer.raise_for_status()
tokens = answer.json()
# Send it as `Authorization: Bearer …` and keep it until it expires.
print(tokens["access_token"], "for", tokens["expires_in"], "seconds")
