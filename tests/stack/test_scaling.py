"""Workers come and go under load while nginx is left alone."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from socketio.exceptions import SocketIOError

from tests.support.people import ORDINARY, POLLING, Person, crowd
from tests.support.stack import Stack
from tests.support.waiting import soon

BACK_WITHIN = 5.0


async def test_workers_come_and_go_while_people_chat(stack: Stack) -> None:
    """From 2 workers to 4 and back: nobody whose worker lives sees an error, and the others are soon back."""
    nginx = stack.container("nginx")
    async with crowd(stack.url, *[POLLING, ORDINARY] * 50) as people:
        async with chatter(people) as said:
            await asyncio.to_thread(stack.scale, 4)
            await asyncio.to_thread(stack.wait_until_routed)
            assert [answer for person in people for answer in person.errors] == []
            assert [person.name for person in people if person.departures] == []

            async with crowd(stack.url, *[POLLING, ORDINARY] * 16, room=people[0].room) as newcomers:
                everybody = people + newcomers
                sat_on = {person: person.route for person in everybody}
                assert set(sat_on.values()) == set(stack.workers()), "newcomers sit on the new workers too"

                await asyncio.to_thread(stack.scale, 2)
                remaining = set(stack.workers())
                stayed = [person for person in everybody if sat_on[person] in remaining]
                moved = [person for person in everybody if sat_on[person] not in remaining]
                assert moved
                await soon(
                    lambda: all(person.is_here and person.route in remaining for person in moved),
                    within=BACK_WITHIN,
                    what="everybody whose worker was removed is back on one that lives",
                )
                assert [
                    answer for each in everybody for answer in each.errors if answer.route in remaining
                ] == []
                assert [person.name for person in stayed if person.departures] == []
                assert max(absence for person in moved for absence in absences(person)) < BACK_WITHIN
                assert [each.name for each in everybody if each.transport != each.transports[-1]] == []
        heard_it_all = [person for person in people if person in stayed]
        await soon(
            lambda: all(person.heard[text] for person in heard_it_all for text in said),
            what="everybody who stayed has heard all that was said",
        )
        assert {count for person in heard_it_all for count in person.heard.values()} == {1}
    now = stack.container("nginx")
    assert (now.id, now.attrs["State"]["StartedAt"]) == (nginx.id, nginx.attrs["State"]["StartedAt"])


@asynccontextmanager
async def chatter(people: Sequence[Person]) -> AsyncIterator[list[str]]:
    """Let people speak in turn, a few times a second; gives the messages that were acknowledged."""
    said: list[str] = []

    async def talk() -> None:
        for number, person in enumerate(itertools.cycle(people)):
            await asyncio.sleep(0.25)
            # Whose worker is just being removed may be refused, or get no acknowledgement.
            with suppress(SocketIOError):
                if person.is_here and (await person.says(f"number {number}"))["ok"]:
                    said.append(f"number {number}")

    task = asyncio.create_task(talk())
    try:
        yield said
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert len(said) > 10


def absences(person: Person) -> list[float]:
    """How long each of a person's absences lasted, in seconds."""
    return [back - gone for gone, back in zip(person.departures, person.arrivals[1:], strict=True)]
