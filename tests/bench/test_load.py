"""The load generator measures what the real client sees: a socket.io-client in Node, in the same room."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.load import Load, Run
from tests.bench.peers import NODE, OURS, Peer, Site

CLIENTS, RATE, SECONDS, SENDERS = 50, 20.0, 4.0, 10


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.stop()


@pytest.fixture(scope="module", params=[OURS, NODE], ids=lambda peer: peer.name)
def peer(request: pytest.FixtureRequest, site: Site) -> Peer:
    found: Peer = request.param
    site.build(found)
    site.start(found)
    return found


def test_a_real_client_hears_the_same_messages_as_late(site: Site, peer: Peer) -> None:
    """Every message once, and with the same median latency within 30 % and a millisecond and a half."""
    run, heard = witnessed(site)
    assert run.whole
    assert run.heard == CLIENTS * run.sent
    assert sorted(number for number, _ in heard) == list(range(run.sent))
    real = [(at - run.start) / 1000 - number / RATE * 1000 for number, at in heard]
    assert statistics.median(real) == pytest.approx(run.latency.at(0.5), abs=1.5 + 0.3 * run.latency.at(0.5))


def test_clients_that_poll_hear_everything_too(site: Site, peer: Peer) -> None:
    if not peer.routed:
        pytest.skip("its session ids name no worker, so that a poll doesn't find its own again")
    with Load(site.door) as load:
        load.connect(20, transport="polling")
        assert load.join(2)["joined"] == 20
        run = load.run(rate=40, seconds=2, senders=4)
    assert run.whole
    assert run.heard == 10 * run.sent


def test_a_rate_is_counted_over_the_time_it_was_offered_for(site: Site, peer: Peer) -> None:
    """One message to ten in a second is ten deliveries a second, however soon they came."""
    with Load(site.door) as load:
        load.connect(10)
        load.join(1)
        run = load.run(rate=1, seconds=1, senders=1)
    assert run.per_second == pytest.approx(10, rel=0.05)


def test_what_a_server_does_wrong_is_noticed() -> None:
    """At one member of ten: a message lost, another twice, two swapped."""
    command = [sys.executable, "-m", "tests.bench.faulty", "18084"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server, Load("127.0.0.1", 18084) as load:
        assert server.stdout
        assert server.stdout.readline() == b"ready\n"
        load.connect(10)
        load.join(1)
        run = load.run(rate=50, seconds=1, senders=1)
        server.terminate()
    assert run.missing == run.skipped == 2  # the lost one, and the one that was overtaken
    assert run.repeated == 2  # the second copy, and the overtaken one when it came
    assert run.orders == 2
    assert not run.whole


def witnessed(site: Site) -> tuple[Run, list[tuple[int, int]]]:
    """One run with the witness in the same room; what it heard, as (number, microseconds)."""
    program = str(Path(__file__).with_name("witness.mjs"))
    command = ["node", program, f"http://{site.door}:8080", "bench-0", "websocket"]
    with (
        Load(site.door) as load,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as witness,
    ):
        assert witness.stdin
        assert witness.stdout
        assert witness.stdout.readline() == "joined\n"
        load.connect(CLIENTS)
        load.join(1)
        run = load.run(rate=RATE, seconds=SECONDS, senders=SENDERS)
        witness.stdin.close()
        heard = [(number, at) for number, at in json.loads(witness.stdout.readline())]
    return run, heard
