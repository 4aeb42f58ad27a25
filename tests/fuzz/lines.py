"""The floods from one address, by the line of what each may use up."""

from tests.fuzz.address.codes import guesses, guesses_of_a_network, guesses_of_moderators
from tests.fuzz.address.handshakes import mapped, spelt_otherwise
from tests.fuzz.address.idle import HELD, waits
from tests.fuzz.address.remembered import is_remembered
from tests.fuzz.address.rooms import ALL, goes_to_new_rooms
from tests.fuzz.address.unread import never_ends, never_polls, never_reads
from tests.fuzz.address.work import works_for_nothing
from tests.fuzz.address.writing import writes
from tests.fuzz.attempt import attempt
from tests.fuzz.judging import HEAD, judge, row
from tests.fuzz.moderator import keeps_order
from tests.fuzz.report import Report
from tests.fuzz.trial import Flood, Judge, Trial
from tests.fuzz.witnesses import CODE, a_new_room, moderators, newcomers_with_the_code

CODES = {"ACCESS_CODE": CODE}
HANDSHAKES = 50
"""That an address may make a second by default, and ten times as many at once."""
WRITTEN = 6 << 20
"""Bytes of Redis that an address may fill at once: BYTES_AT_ONCE of PEOPLE_PER_ADDRESS people, and some."""


def as_many_as_allowed(addresses: int) -> Judge:
    """The sessions that were opened were no more than so many addresses may open."""

    def judge(trial: Trial, report: Report) -> None:
        opened, most = trial.sent["answered 200"], addresses * HANDSHAKES * (10 + trial.flood.seconds)
        report.promise("sessions opened", f"{opened:,} of {most:,.0f} that may be", opened <= most * 1.05)

    return judge


def as_many_as_fit(trial: Trial, report: Report) -> None:
    """nginx has the memory for all connections that it accepts."""
    each = (trial.peak.nginx - trial.before.memory.nginx) / max(trial.sent[HELD], 1)
    fit = (trial.limits.nginx - trial.before.memory.nginx) / each
    seen = f"{each / 1024:.1f} KiB each: {fit:,.0f} fit, {trial.accepted:,} are accepted"
    report.promise("nginx' memory for a connection", seen, fit > trial.accepted)


FLOODS = (
    Flood("1a", "sessions by polling ask for everything and fetch nothing", never_polls, keeps=WRITTEN),
    Flood("1b", "WebSockets ask for everything and read nothing", never_reads, keeps=WRITTEN),
    Flood("1c", "half-sent bodies and frames", never_ends),
    Flood(
        "2a",
        "wrong access codes from one address",
        guesses,
        10,
        settings=CODES,
        witness=newcomers_with_the_code,
    ),
    Flood(
        "2b",
        "wrong access codes from a network of IPv6 (/48)",
        guesses_of_a_network,
        10,
        settings=CODES,
        witness=newcomers_with_the_code,
    ),
    Flood("2c", "wrong moderators' codes from one address", guesses_of_moderators, 10, witness=moderators),
    Flood("3a", "as many bytes as an address may write", writes, keeps=WRITTEN),
    Flood(
        "3b",
        "the same until Redis is full",
        writes,
        30,
        settings={"REDIS_MAXMEMORY": "32mb"},
        may_refuse=True,
        witness=keeps_order,
        keeps=40 << 20,
    ),
    Flood(
        "4",
        "new rooms in which nothing or a word is said",
        goes_to_new_rooms,
        settings={"ROOMS_IN_ALL": str(ALL)},
        witness=a_new_room,
        keeps=WRITTEN,
    ),
    Flood("5", "handshakes on other spellings of the path", spelt_otherwise, judge=as_many_as_allowed(1)),
    Flood("6", "work that leads nowhere", works_for_nothing, keeps=WRITTEN),
    Flood("7", "handshakes from addresses written as IPv6", mapped, 10, judge=as_many_as_allowed(2)),
    Flood("8", "5,000 idle connections over TLS", waits, 60, tls=True, judge=as_many_as_fit),
    Flood("9", "cookies, guests and ids", is_remembered, keeps=4 << 20),
)


async def one_address(chosen: str, report: Report) -> None:
    """Send all floods whose line begins so, one after the other, and add a table of them to the report."""
    trials = []
    for flood in FLOODS:
        if flood.line.startswith(chosen):
            report.title(f"{flood.line}  {flood.what}, for {flood.seconds:g} s")
            trials.append(await attempt(flood, report))
            judge(trials[-1], report)
            print(row(trials[-1]), flush=True)
    report.title("One address floods while fifty people chat")
    report.lines += [HEAD, *(row(trial) for trial in trials)]
