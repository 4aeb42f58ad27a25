"""What is tuned in Options is in force in the server, in memory and on Redis."""

import pytest
from relay import Entry, Options, Relay, RelayServer
from relay.transport.origin import Origin


def event_of(entry: Entry) -> bytes:
    return b"[]"


def nobody(client: object) -> str:
    return ""


OPTIONS = Options(
    prefix="other:",
    allowed_origins=("https://example.org",),
    max_sessions=30,
    max_sessions_of_address=3,
    address_of=nobody,
    pending_seconds=7,
    ping_interval=11,
    ping_timeout=5,
    max_message_bytes=1000,
    send_buffer_bytes=16_000,
    max_buffered_bytes=100_000,
)


@pytest.mark.parametrize(
    "relay",
    [Relay.in_memory(event_of, OPTIONS), Relay.on_redis("redis://127.0.0.1:1", event_of, OPTIONS)],
    ids=["in memory", "on Redis"],
)
def test_the_server_has_the_options_of_its_relay(relay: Relay) -> None:
    engine = RelayServer(relay.manager).eio
    assert engine.allowed_origins == {Origin.parse("https://example.org")}
    assert (engine.max_sessions, engine.max_sessions_of_address) == (30, 3)
    assert (engine.pending.most, engine.pending.seconds) == (15, 7)
    assert (engine.ping_interval, engine.ping_timeout) == (11, 5)
    assert engine.max_http_buffer_size == 1000
    assert (engine.slow_readers.limit, engine.slow_readers.soft_limit) == (16_000, 1000)
    assert engine.buffers.most == 100_000


def test_two_applications_share_a_redis_by_their_prefixes() -> None:
    """One that names none has the relay's."""
    url = "redis://127.0.0.1:1"
    assert Relay.on_redis(url, event_of).manager.channel == "relay:control"
    assert Relay.on_redis(url, event_of, OPTIONS).manager.channel == "other:control"
