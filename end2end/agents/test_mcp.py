"""The MCP SDK for Python, untouched, against the world that python.test.mjs opens."""

import asyncio
import json
import os
import unittest
import uuid
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.auth.extensions.identity_assertion import IdentityAssertionOAuthProvider
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata

MCP_SERVER = os.environ["MCP_SERVER"]
REDIRECT_URI = "http://localhost:57470/callback"
PASSWORD = os.environ["ALICE_PASSWORD"]


class Storage:
    """What a host keeps about one MCP server, in memory."""

    def __init__(self, client_info=None, tokens=None):
        self.client_info, self.tokens = client_info, tokens

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client_info

    async def set_client_info(self, client_info):
        self.client_info = client_info


async def browse(address):
    """What alice does in her browser: opens the address, signs in, allows. Where she is sent back to."""
    forms = {"/login": {"username": "alice", "password": PASSWORD}, "/authorize": {"confirm": "yes"}}
    async with httpx2.AsyncClient(timeout=300) as browser:
        for _ in range(10):
            answer = await browser.get(address)
            if answer.status_code == 200:
                answer = await browser.post(address, data=forms[urlsplit(address).path])
            assert "location" in answer.headers, f"{answer.status_code} {answer.text}"
            address = urljoin(address, answer.headers["location"])
            if address.startswith(REDIRECT_URI):
                return address
    raise AssertionError(f"too many redirects, the last to {address}")


class Agent:
    def __init__(self, storage, metadata, client_metadata_url=None):
        self.storage, self.logins, self.callback = storage, 0, None
        metadata = OAuthClientMetadata(client_name="Python agent", redirect_uris=[REDIRECT_URI], **metadata)
        self.auth = OAuthClientProvider(
            MCP_SERVER, metadata, storage, self.redirect, self.answer, client_metadata_url=client_metadata_url
        )

    async def redirect(self, address):
        self.logins += 1
        self.callback = await browse(address)

    async def answer(self):
        answer = parse_qs(urlsplit(self.callback).query)
        return AuthorizationCodeResult(
            code=answer["code"][0], state=answer.get("state", [None])[0], iss=answer.get("iss", [None])[0]
        )

    async def call(self, tool, **arguments):
        async with httpx2.AsyncClient(auth=self.auth, timeout=300) as http:
            async with Client(streamable_http_client(MCP_SERVER, http_client=http)) as client:
                result = await client.call_tool(tool, arguments)
                return result.content[0].text


def expire(tokens):
    """The tokens, with an access token whose time is over."""
    return tokens.model_copy(update={"access_token": "expired", "expires_in": -1})


class Identities(unittest.IsolatedAsyncioTestCase):
    """Login, step-up, refresh and eight refreshes at once, for every way to a client ID."""

    async def connect(self, make):
        agent = make(Storage())
        await agent.call("list_notes")
        self.assertEqual(agent.logins, 1)
        self.assertTrue(agent.storage.tokens.refresh_token)

        text = str(uuid.uuid4())
        await agent.call("add_note", text=text)
        self.assertEqual(agent.logins, 2, "the person is asked for more")
        self.assertIn(text, await agent.call("list_notes"))

        # Eight workers that know the server, with copies of one store. The access token has expired.
        for _ in range(3):
            known, found = agent.storage, agent.auth.context
            workers = [make(Storage(known.client_info, expire(known.tokens))) for _ in range(8)]
            for worker in workers:
                await worker.auth._initialize()
                context = worker.auth.context
                context.token_expiry_time = 1
                context.oauth_metadata, context.auth_server_url = found.oauth_metadata, found.auth_server_url
                context.protected_resource_metadata = found.protected_resource_metadata
            notes = await asyncio.gather(*(worker.call("list_notes") for worker in workers))
            self.assertTrue(all(text in note for note in notes))
            self.assertEqual([worker.logins for worker in workers], [0] * 8, "nobody is signed out")
            refreshed = {worker.storage.tokens.refresh_token for worker in workers}
            self.assertEqual(len(refreshed), 1, "they run together again")
            self.assertNotEqual(refreshed, {known.tokens.refresh_token})
            agent = workers[0]

    async def test_client_document(self):
        metadata = {"token_endpoint_auth_method": "none"}
        await self.connect(lambda storage: Agent(storage, metadata, os.environ["CLIENT_DOCUMENT"]))

    async def test_registration(self):
        await self.connect(lambda storage: Agent(storage, {"token_endpoint_auth_method": "none"}))

    async def test_registration_with_a_secret(self):
        await self.connect(lambda storage: Agent(storage, {"token_endpoint_auth_method": "client_secret_basic"}))

    async def test_registered_by_an_administrator(self):
        information = json.loads(os.environ["REGISTERED"])

        def make(storage):
            storage.client_info = storage.client_info or OAuthClientInformationFull.model_validate(information)
            return Agent(storage, {"token_endpoint_auth_method": "none"})

        await self.connect(make)


class Enterprise(unittest.IsolatedAsyncioTestCase):
    """The company's identity provider says that the agent may act for an employee (SEP-990)."""

    async def test_an_assertion_takes_the_place_of_a_login(self):
        company = json.loads(os.environ["ENTERPRISE"])

        async def assertion(audience, resource):
            here = company["there"]
            fields = {
                "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                "requested_token_type": "urn:ietf:params:oauth:token-type:id-jag",
                "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
                "subject_token": company["id_token"],
                "audience": audience,
                "resource": resource,
            }
            async with httpx2.AsyncClient(auth=(here["client_id"], here["client_secret"]), timeout=300) as http:
                answer = await http.post(f"{company['issuer']}/token", data=fields)
                self.assertEqual(answer.status_code, 200, answer.text)
                return answer.json()["access_token"]

        for method in ["client_secret_post", "client_secret_basic"]:
            storage = Storage()
            auth = IdentityAssertionOAuthProvider(
                server_url=MCP_SERVER,
                storage=storage,
                issuer=json.loads(os.environ["REGISTERED"])["issuer"],
                assertion_provider=assertion,
                token_endpoint_auth_method=method,
                **{name: company["here"][name] for name in ["client_id", "client_secret"]},
            )
            async with httpx2.AsyncClient(auth=auth, timeout=300) as http:
                async with Client(streamable_http_client(MCP_SERVER, http_client=http)) as client:
                    self.assertIsNotNone((await client.call_tool("list_notes", {})).content[0].text)
            self.assertIsNone(storage.tokens.refresh_token)


if __name__ == "__main__":
    unittest.main(verbosity=2)
