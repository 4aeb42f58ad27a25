"""Every event that is declared is answered, limited, counted, and sent by whom it is for."""

import pytest
from chat.domain.rate_limits import MessageRateLimit, WorkerRateLimits
from chat.events.event import Event, Who

from tests.unit.chat.events.sitting import Sitting

EVENTS = Sitting().registry.events
MODERATING = Sitting().moderation.table()

each_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)


@each_event
async def test_every_event_is_answered(event: Event) -> None:
    """Whatever is wrong with it."""
    sitting = Sitting()
    await sitting.begin(admin="order")
    answer = await sitting.asks(event.name, 7, 7)
    assert (answer["ok"], answer["error"]) == (False, "invalid")


@each_event
async def test_every_event_is_limited(event: Event) -> None:
    """By one of the limits that there are."""
    messages = MessageRateLimit(20, 20, 10**6, 10**6, 1, rooms_per_day=10, rooms_in_all=10)
    sitting = Sitting(WorkerRateLimits(rooms=5, people_per_address=1), messages)
    await sitting.begin(admin="order")
    errors = [(await sitting.asks(event.name, "hello")).get("error") for _ in range(150)]
    assert errors[0] != "rate_limited"
    assert errors[-1] == "rate_limited"


@each_event
async def test_every_event_is_counted(event: Event) -> None:
    """By its name, its outcome, and how long it took."""
    sitting = Sitting()
    await sitting.begin(admin="order")
    answer = await sitting.asks(event.name, "hello")
    outcome = "ok" if answer["ok"] else answer["error"]
    assert sitting.event_metrics.outcomes[event.name, outcome] == 1
    assert sum(sitting.event_metrics.seconds[event.name].counts) == 1


@pytest.mark.parametrize("event", MODERATING, ids=lambda event: event.name)
async def test_a_moderators_event_is_for_nobody_else(event: Event) -> None:
    """Whatever its arguments are."""
    assert event.who is Who.MODERATORS
    sitting = Sitting()
    await sitting.begin()
    variants: list[tuple[object, ...]] = [(), ({},), (7, 7)]
    for arguments in variants:
        assert (await sitting.asks(event.name, *arguments))["error"] == "forbidden"


def test_no_event_is_declared_past_the_registry() -> None:
    sitting = Sitting()
    names = [event.name for event in sitting.registry.events]
    assert len(names) == len(set(names))
    assert set(sitting.server.handlers["/"]) == {"connect", "disconnect", *names}
