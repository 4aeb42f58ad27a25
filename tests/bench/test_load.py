"""The load generator measures what the real client sees: a socket.io-client in Node, in the same room."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.faulty_replay import LATE
from tests.bench.load import Jitter, Load, Run
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
    with serving("tests.bench.faulty") as load:
        load.connect(10)
        load.join(1)
        run = load.run(rate=50, seconds=1, senders=1)
    assert run.missing == run.skipped == 2  # the lost one, and the one that was overtaken
    assert run.repeated == 2  # the second copy, and the overtaken one when it came
    assert run.orders == 2
    assert not run.whole


def test_what_comes_late_of_an_earlier_run_counts_no_more() -> None:
    """Other clients have come meanwhile, into rooms of the same names."""
    with serving("tests.bench.faulty", "--tardy") as load:
        for _ in range(2):
            load.drop()
            load.connect(10)
            load.join(1)
            run = load.run(rate=50, seconds=1, senders=1)
            assert run.whole
            assert run.heard == 10 * run.sent


def test_what_a_server_gives_those_who_come_back_is_counted() -> None:
    found = jitter("tests.bench.faulty_replay", "--well")
    assert found.cuts == 18  # nine clients, twice
    assert found.delivered == 100
    assert found.repeated == 0
    assert found.latency.at(1) > 150  # milliseconds; who is away for 200 gets something so late
    assert found.replay.at(1) < 500 * LATE


def test_a_replay_that_lacks_or_doubles_something_or_is_late_is_noticed() -> None:
    """At one of nine, once."""
    found = jitter("tests.bench.faulty_replay")
    assert found.expected - found.heard == 1
    assert found.repeated == 1
    assert found.replay.at(1) == pytest.approx(1000 * LATE, rel=0.1)


def test_a_server_that_replays_nothing_loses_what_was_sent_meanwhile() -> None:
    """Nine of ten clients are away for a fifth of the time."""
    found = jitter("tests.bench.faulty_replay", "--nothing")
    assert found.delivered == pytest.approx(82, abs=5)
    assert found.repeated == 0
    assert not found.replay.counts


@contextmanager
def serving(module: str, *arguments: str) -> Iterator[Load]:
    """A generator without clients, and a server on this machine that is none of the peers'."""
    command = [sys.executable, "-m", module, "18084", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server, Load("127.0.0.1", 18084) as load:
        assert server.stdout
        assert server.stdout.readline() == b"ready\n"
        try:
            yield load
        finally:  # else a test that fails waits for it for ever
            server.terminate()


def jitter(module: str, *arguments: str) -> Jitter:
    """Ten clients and 50 messages a second for two seconds; each but the sender is cut off every second."""
    with serving(module, *arguments) as load:
        load.connect(10)
        load.join(1)
        return load.jitter(rate=50, seconds=2, every=1, away=0.2)


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
