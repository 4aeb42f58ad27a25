"""Who is here, at every client on every worker."""

import asyncio
from contextlib import suppress

from tests.support.people import ORDINARY, WEBSOCKET, Person, crowd, new_room
from tests.support.stack import Stack
from tests.support.waiting import soon


async def test_after_a_worker_was_killed_everybody_sees_who_is_left(stack: Stack) -> None:
    """60 people on three workers; half of the killed worker's people come back, half of them never do."""
    await asyncio.to_thread(stack.scale, 3)
    await asyncio.to_thread(stack.wait_until_routed)
    cookies = stack.sign_in(*(f"person {number}" for number in range(60)))
    async with crowd(stack.url, *[ORDINARY] * 60, cookies=cookies) as people:
        everybody = sorted(person.name for person in people)
        await soon(lambda: all(each.sees == everybody for each in people), what="all see all")
        doomed, worker = next(iter(stack.workers().items()))
        theirs = [person for person in people if person.route == doomed]
        lost = theirs[::2]
        assert lost
        for person in lost:
            person.gives_up()
        events = {person: len(person.presence) for person in people if person not in theirs}
        await asyncio.to_thread(worker.kill)
        remaining = [person for person in people if person not in lost]
        names = sorted(person.name for person in remaining)
        await soon(lambda: all(each.sees == names for each in remaining), what="all see who is left")
        told = {
            who["name"]
            for each in events
            for _, what in each.presence[events[each] :]
            for who in what["left"]
        }
        assert told == {person.name for person in lost}, "whoever came back was never told of"


async def test_three_hundred_who_come_back_at_once_are_a_few_events(stack: Stack) -> None:
    """Their connections break all at once."""
    cookies = stack.sign_in(*(f"person {number}" for number in range(302)))
    room = new_room()
    async with (
        crowd(stack.url, *[WEBSOCKET] * 300, cookies=cookies[:300], room=room) as people,
        crowd(stack.url, *[WEBSOCKET] * 2, cookies=cookies[300:], room=room) as watchers,
    ):
        await soon(
            lambda: all(each.presence[-1][1]["count"] == 302 for each in watchers),
            what="302 are seen",
        )
        before = [len(each.presence) for each in watchers]
        arrivals = [len(person.arrivals) for person in people]
        await asyncio.gather(*(person.breaks_off() for person in people))
        await soon(
            lambda: all(len(each.arrivals) > n for each, n in zip(people, arrivals, strict=True)),
            what="all 300 are back",
        )
        await soon(
            lambda: all(each.presence[-1][1]["count"] == 302 for each in watchers),
            what="302 are seen",
        )
        for watcher, count in zip(watchers, before, strict=True):
            seconds = [int(at) for at, _ in watcher.presence[count:]]
            assert max((seconds.count(second) for second in set(seconds)), default=0) <= 3


async def test_somebody_with_tabs_on_two_workers_is_here_once(stack: Stack) -> None:
    [cookie] = stack.sign_in("ana")
    async with crowd(stack.url, ORDINARY, ORDINARY, cookies=stack.sign_in("ben", "cleo")) as (ben, cleo):
        tabs = [Person(stack.url, ORDINARY, "ana", cookie, ben.room) for _ in range(6)]
        await asyncio.gather(*(tab.arrive() for tab in tabs))
        try:
            assert {tab.route for tab in tabs} == set(stack.workers())
            await soon(lambda: ben.sees == ["ana", "ben", "cleo"], what="ana is here once")
            for each in (*tabs[1:], cleo):
                await each.leave()
            # She left last, so that by then the grace of the tabs is over as well.
            await soon(lambda: "cleo" not in ben.sees, what="cleo is gone")
            assert ben.sees == ["ana", "ben"]
        finally:
            for tab in tabs:
                with suppress(Exception):
                    await tab.leave()
        await soon(lambda: ben.sees == ["ben"], what="ana is gone with her last tab")
