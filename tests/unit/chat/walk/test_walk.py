"""Everybody says every event and asks for every address, and is answered as docs/who-may-what.md has it.

A new event or address needs a line in events.py or addresses.py. `python -m tests.unit.chat.walk` then writes
the tables.
"""

from pathlib import Path
from typing import Any

import pytest
from chat.app import App, build
from chat.settings import Settings
from starlette.routing import Mount, Route

from tests.unit.chat.walk import document
from tests.unit.chat.walk.addresses import ADDRESSES
from tests.unit.chat.walk.events import EVENTS
from tests.unit.chat.walk.walks import Table, walk_addresses, walk_events
from tests.unit.wire import Chat

WRITE = "python -m tests.unit.chat.walk writes it anew"


@pytest.fixture
def embedded(bundle: Path) -> App:
    return build(Settings(client_bundle=bundle))


def routes(app: App) -> set[str]:
    """Each method and path that an application answers."""
    found = set()
    for route in app.routes:
        assert isinstance(route, Route | Mount)
        methods = (route.methods or set()) if isinstance(route, Route) else {"GET"}
        # Starlette adds HEAD to GET.
        found |= {f"{method} {route.path}" for method in methods - ({"HEAD"} if "GET" in methods else set())}
    return found


def test_every_event_is_walked(embedded: App) -> None:
    """And no other."""
    assert {event.name for event in embedded.registry.events} == set(EVENTS), "a line in events.py is missing"


def test_every_address_is_walked(embedded: App) -> None:
    """And no other: those of a process on its own, and those of a worker behind nginx with a provider."""
    provider: dict[str, Any] = {"oidc_issuer": "https://login.example.org", "oidc_client_id": "tertulia"}
    worker = build(Settings(redis_url="redis://127.0.0.1:1", **provider))
    known = set(ADDRESSES) - {"GET /sio/socket.io/"}
    assert routes(embedded) | routes(worker) == known, "a line in addresses.py is missing"


async def test_everybody_is_answered_to_every_event_as_documented(bundle: Path, embedded: App) -> None:
    assert differing("events", await walk_events(bundle, embedded.registry.events)) == [], WRITE


async def test_everybody_is_answered_at_every_address_as_documented(bundle: Path) -> None:
    assert differing("addresses", await walk_addresses(bundle)) == [], WRITE


def differing(name: str, table: Table) -> list[str]:
    """The lines of a table that are otherwise in the document."""
    there, here = document.read(name).splitlines(), document.rendered(table).splitlines()
    return [line for line in here if line not in there] + [line for line in there if line not in here]


async def test_no_address_takes_another_method(chat: Chat) -> None:
    """Nor does one that there is not."""
    taken: dict[str, set[str]] = {}
    for method, path in (each.split() for each in routes(chat.app)):
        taken.setdefault(path, set()).add(method)
    for path, methods in taken.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - methods:
            answer = await chat.http.request(method, path.replace("{", "").replace("}", ""))
            assert answer.status_code in (404, 405), (method, path)
            assert "set-cookie" not in answer.headers
