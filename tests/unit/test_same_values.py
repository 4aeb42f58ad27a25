"""Values that several languages need are written once in each, and are the same."""

import dataclasses
import re
from pathlib import Path

import pytest
from chat.__main__ import config
from chat.app import build
from chat.domain import room_names
from chat.settings import Settings, SettingsError
from relay import Options
from relay.transport.engine import SERVICE
from relay.transport.large_answers import READ_TIMEOUT

REPOSITORY = Path(__file__).parents[2]
OF_A_CLUSTER = {"REDIS_REPLICAS"}
"""What a stack with a cluster has by default."""
OF_A_STACK = {"WEB_REPLICAS", "ALLOWED_HOSTS", "REDIS_PASSWORD_FILE", "FILES_URL"}
"""What a stack has by default, and a process by itself has not."""
FOR_MANY_HOSTS = {"PING_INTERVAL_SECONDS", "PING_TIMEOUT_SECONDS"}
"""What is quicker where a host can be lost."""


def all_of(pattern: str, file: str) -> list[str]:
    """The matches of a pattern in a file."""
    return re.findall(pattern, (REPOSITORY / file).read_text(), re.MULTILINE)


def one(pattern: str, file: str) -> str:
    """The one match of a pattern in a file."""
    [found] = all_of(pattern, file)
    return found


def test_a_rooms_name_is_the_same_to_the_page() -> None:
    script = "web/static/js/text/routes.js"
    assert one(r"^const NAME = /\^(.*)\$/;$", script) == room_names.NAME.pattern
    assert one(r'^export const LOBBY = "(.*)";$', script) == room_names.LOBBY


def test_nginx_and_uvicorn_take_as_long_a_body_as_the_relay(bundle: Path) -> None:
    """And not a longer one."""
    kilobytes = int(one(r"^client_max_body_size (\d+)k;$", "nginx/snippets/bodies.conf"))
    settings = Settings(client_bundle=bundle)
    app = build(settings)
    assert app.server.eio.max_http_buffer_size == Options.max_message_bytes == kilobytes * 1024
    assert config(settings, app.asgi).ws_max_size == Options.max_message_bytes


def accepts(bundle: Path, name: str, seconds: float) -> bool:
    try:
        Settings.read({"CLIENT_BUNDLE": str(bundle), name: f"{seconds:.0f}"})
    except SettingsError:
        return False
    return True


def test_connections_to_workers_are_kept_as_long_as_the_document_says() -> None:
    pattern = r"^ +keepalive_timeout (\w+);$"
    documented = all_of(pattern, "docs/relay-deploying.md")
    assert documented == all_of(pattern, "docs/examples/nginx.conf")
    assert documented == all_of(pattern, "nginx/snippets/upstream.conf")
    assert len({*documented}) == 1


def test_nginx_waits_longer_than_a_worker_may_be_silent(bundle: Path) -> None:
    """A poll is answered by the next ping at the latest; a WebSocket is silent while a ping has no answer."""
    of_a_poll, of_a_websocket = (
        min(map(int, all_of(r"^    proxy_read_timeout (\d+)s;$", f"nginx/snippets/{file}.conf")))
        for file in ("errors", "socketio")
    )
    assert not accepts(bundle, "PING_INTERVAL_SECONDS", of_a_poll - 2 * SERVICE)
    assert not accepts(bundle, "PING_TIMEOUT_SECONDS", of_a_websocket - 2 * SERVICE)


def test_a_pong_has_longer_than_what_it_may_wait_behind(bundle: Path) -> None:
    """A question, which waits until its client has read what it was sent."""
    assert not accepts(bundle, "PING_TIMEOUT_SECONDS", READ_TIMEOUT)


def test_the_pings_of_the_chat_are_as_they_are_set(bundle: Path) -> None:
    settings = Settings(client_bundle=bundle, ping_interval_seconds=5, ping_timeout_seconds=8)
    engine = build(settings).server.eio
    assert (engine.ping_interval, engine.ping_timeout) == (5, 8)


SUBSTITUTED = r"\$\{([A-Z_]+):-([^}]*)\}"
"""A variable and its default, as the files of services write them."""


def written(value: object) -> str:
    """A value as a file of services has it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value in (None, ()) else str(value)


DEFAULTS = {field.name.upper(): written(field.default) for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("docker-compose.yml", SUBSTITUTED),
        ("stack.yml", SUBSTITUTED),
        (".env.example", r"^#?([A-Z][A-Z0-9_]*)=(.*)$"),
    ],
)
def test_the_settings_of_a_stack_have_the_defaults_of_the_chat(file: str, pattern: str) -> None:
    found = re.findall(pattern, (REPOSITORY / file).read_text(), re.MULTILINE)
    others = OF_A_STACK | OF_A_CLUSTER | (FOR_MANY_HOSTS if file == "stack.yml" else set())
    given = [(name, value) for name, value in found if name in DEFAULTS and name not in others]
    assert len(given) > 15
    assert [(name, value) for name, value in given if value != DEFAULTS[name]] == []


def test_the_settings_of_a_cluster_have_the_defaults_of_one_redis() -> None:
    one, many = (
        dict(re.findall(SUBSTITUTED, (REPOSITORY / file).read_text()))
        for file in ("stack.yml", "stack.cluster.yml")
    )
    both = one.keys() & many.keys()
    assert len(both) > 3
    assert [(name, many[name]) for name in sorted(both) if many[name] != one[name]] == []


def test_the_settings_of_a_swarm_have_the_defaults_of_compose() -> None:
    """Of all services, their memory too. A folder of the machine is no default for many."""
    compose, stack = (
        dict(re.findall(SUBSTITUTED, (REPOSITORY / file).read_text()))
        for file in ("docker-compose.yml", "stack.yml")
    )
    both = (compose.keys() & stack.keys()) - {"CERTS", "FILES_URL"} - FOR_MANY_HOSTS
    assert len(both) > 25
    assert [(name, stack[name]) for name in sorted(both) if stack[name] != compose[name]] == []
