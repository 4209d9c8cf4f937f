"""Authlib (PyPI) as the relying party."""

import os
import sys
import unittest
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

ISSUER = os.environ["SIGNET_URL"]
REDIRECT_URI = "http://127.0.0.1:3000/callback"
USERNAME = "alice-of-authlib"
PASSWORD = "correct horse battery"
# Seconds: an end to waiting for what hangs, on a machine of any speed.
TIMEOUT = 300


def create(what, body):
    """Creates a user or client through the admin API."""
    headers = {"X-Admin-Token": os.environ["SIGNET_ADMIN_TOKEN"]}
    answer = requests.post(f"{ISSUER}/admin/{what}", json=body, headers=headers, timeout=TIMEOUT)
    assert answer.status_code == 201, answer.text
    return answer.json()


def sign_in_and_allow(address):
    """What alice does in her browser: opens the address, signs in, allows. Where she is sent back to."""
    forms = {"/login": {"username": USERNAME, "password": PASSWORD}, "/authorize": {"confirm": "yes"}}
    browser = requests.Session()
    for _ in range(10):
        answer = browser.get(address, allow_redirects=False, timeout=TIMEOUT)
        if answer.status_code == 200:
            # Every form posts to the address of its page.
            form = forms[urlsplit(address).path]
            answer = browser.post(address, data=form, allow_redirects=False, timeout=TIMEOUT)
        assert answer.is_redirect, f"{answer.status_code} {answer.text}"
        address = urljoin(address, answer.headers["Location"])
        if address.startswith(REDIRECT_URI):
            return address
    raise AssertionError(f"too many redirects, the last to {address}")


class RelyingParty(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        user = {"username": USERNAME, "password": PASSWORD, "email": "alice@authlib.example"}
        cls.subject = create("users", user)["id"]
        cls.metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=TIMEOUT).json()
        assert cls.metadata["issuer"] == ISSUER

    def register(self, method, alg="RS256"):
        client_id = f"authlib-{method}-{alg}"
        client = {
            "client_id": client_id,
            "redirect_uris": [REDIRECT_URI],
            "token_endpoint_auth_method": method,
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid email offline_access",
            "id_token_signed_response_alg": alg,
        }
        session = OAuth2Session(
            client_id,
            create("clients", client).get("client_secret"),
            token_endpoint_auth_method=method,
            scope="openid email offline_access",
            redirect_uri=REDIRECT_URI,
            code_challenge_method="S256",
        )
        self.addCleanup(session.close)
        return session

    def verify(self, session, token, alg, nonce):
        """Signature, issuer, audience, expiry, nonce and at_hash. The claims."""
        keys = KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=TIMEOUT).json())
        decoded = jwt.decode(token["id_token"], keys, algorithms=[alg])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": session.client_id}},
            {"nonce": nonce, "client_id": session.client_id, "access_token": token["access_token"]},
        )
        claims.validate()
        # The library passes over these where they are missing.
        self.assertIn("at_hash", claims)
        self.assertEqual(claims["nonce"], nonce)
        return claims

    def sign_in(self, method, alg="RS256"):
        session = self.register(method, alg)
        verifier, nonce = generate_token(48), generate_token(20)
        address, state = session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        callback = sign_in_and_allow(address)
        self.assertEqual(parse_qs(urlsplit(callback).query)["iss"], [ISSUER])
        endpoint = self.metadata["token_endpoint"]
        token = session.fetch_token(endpoint, authorization_response=callback, state=state, code_verifier=verifier)
        claims = self.verify(session, token, alg, nonce)
        self.assertEqual(claims["sub"], self.subject)

        userinfo = session.get(self.metadata["userinfo_endpoint"]).json()
        self.assertEqual((userinfo["sub"], userinfo["email"]), (self.subject, "alice@authlib.example"))

        refreshed = session.refresh_token(endpoint, refresh_token=token["refresh_token"])
        self.assertNotEqual(refreshed["access_token"], token["access_token"])
        self.assertEqual(session.get(self.metadata["userinfo_endpoint"]).status_code, 200)
        # A worker that still has the old refresh token gets the same next one, and nobody is signed out.
        again = session.refresh_token(endpoint, refresh_token=token["refresh_token"])
        self.assertEqual(again["refresh_token"], refreshed["refresh_token"])
        self.assertEqual(session.get(self.metadata["userinfo_endpoint"]).status_code, 200)
        session.revoke_token(self.metadata["revocation_endpoint"], token=again["refresh_token"])
        for revoked in (token, refreshed):
            with self.assertRaisesRegex(OAuthError, "invalid_grant"):
                session.refresh_token(endpoint, refresh_token=revoked["refresh_token"])
        self.assertEqual(session.get(self.metadata["userinfo_endpoint"]).status_code, 401)

    def test_client_secret_basic(self):
        self.sign_in("client_secret_basic")

    def test_client_secret_post(self):
        self.sign_in("client_secret_post")

    def test_public_client(self):
        self.sign_in("none")

    def test_es256(self):
        self.sign_in("client_secret_basic", "ES256")

    def test_eddsa(self):
        self.sign_in("none", "EdDSA")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
