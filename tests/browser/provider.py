"""The provider of the tests: a program that people sign in at, and its pages."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from tests.support.waiting import eventually

PORT = 19090
ISSUER = f"http://provider.localhost:{PORT}"
"""A name of this machine to a browser, whatever DNS says. In the network of the stack it is this
container."""
HOST = "provider.localhost"
NAME = "Example"


def settings(number: int) -> dict[str, str]:
    """Those of the chat of this number among those that the provider knows."""
    return {
        "OIDC_ISSUER": ISSUER,
        "OIDC_CLIENT_ID": f"tertulia-{number}",
        "OIDC_CLIENT_SECRET": "a-secret-of-the-tests",
        "OIDC_NAME": NAME,
    }


@contextmanager
def provider(*chats: str) -> Iterator[None]:
    """Run it, for chats at these addresses."""
    program = Path(__file__).with_name("provider.mjs")
    about = {"library": os.environ["OIDC_PROVIDER"], "issuer": ISSUER, "port": PORT, "chats": chats}
    environment = os.environ | {"PROVIDER": json.dumps(about)}
    if "AUTHORITY" in os.environ:  # it tells a chat with TLS of a logout
        environment["NODE_EXTRA_CA_CERTS"] = f"{os.environ['AUTHORITY']}/ca.pem"
    process = subprocess.Popen(["node", str(program)], env=environment, stderr=subprocess.DEVNULL)
    discovery = f"http://127.0.0.1:{PORT}/.well-known/openid-configuration"
    try:
        eventually(lambda: httpx.get(discovery).is_success, what="the provider answers")
        yield
    finally:
        process.terminate()
        process.wait()


def signs_in(page: Page, login: str) -> None:
    """From the chat's button to the chat, by the provider's two pages."""
    page.get_by_role("link", name=f"Sign in with {NAME}").click()
    is_asked_to_sign_in(page)
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def is_asked_to_sign_in(page: Page) -> None:
    expect(page.get_by_placeholder("Enter any login")).to_be_visible()


def signs_out_there(page: Page) -> None:
    """On the provider's own page, which is open."""
    page.get_by_role("button", name="Yes, sign me out").click()
