"""What somebody is told who has to wait: which limit it is, and for how long."""

import pytest
from chat.domain import access_code
from chat.domain.access_code import BY_ADDRESS, AccessCode
from chat.domain.rate_limits import MessageRateLimit
from chat.domain.refusals import Refused
from relay import Limited, TokenBucket
from relay.memory.store import MemoryStore

LIMIT = MessageRateLimit(5, 20, 1000, 40_000, people_per_address=3, rooms_per_day=200, rooms_in_all=9)


@pytest.mark.parametrize(
    ("number", "wait", "error", "said"),
    [
        (0, 0.2, "rate_limited", "More than 5 messages a second."),
        (1, 0.2, "rate_limited", "More than 5 messages a second."),
        (2, 0.2, "rate_limited", "More than 1000 bytes a second."),
        (3, 0.2, "rate_limited", "More than 1000 bytes a second."),
    ],
)
def test_a_message_that_is_too_much_is_told_of_what(number: int, wait: float, error: str, said: str) -> None:
    """And to wait whole seconds, one at least."""
    bucket = LIMIT.buckets("ana", "192.0.2.1", 100)[number]
    refusal = LIMIT.refusal(Limited(bucket, wait))
    assert (refusal.error, refusal.retry_after) == (error, 1)
    assert refusal.detail.startswith(said)
    assert LIMIT.refusal(Limited(bucket, 1.1)).retry_after == 2


@pytest.mark.parametrize(("wait", "minutes"), [(1, 1), (60, 1), (60.1, 2), (432, 8)])
def test_who_began_too_many_rooms_is_told_the_minutes(wait: float, minutes: int) -> None:
    [bucket] = LIMIT.creation("192.0.2.1").rates
    refusal = LIMIT.refusal(Limited(bucket, wait))
    assert (refusal.error, refusal.values) == ("limit", {"reason": "rooms_per_day", "most": 200})
    assert refusal.detail.endswith(f"Try again in {minutes} min.")


def test_an_address_has_what_several_people_have() -> None:
    """And a day for the rooms that it may begin."""
    person, address, bytes, bytes_of_address = LIMIT.buckets("ana", "192.0.2.1", 100)
    assert person == TokenBucket("person ana", 5, 20)
    assert address == TokenBucket("address 192.0.2.1", 15, 60)
    assert bytes[1:] == (1000, 40_000, 100)
    assert bytes_of_address[1:] == (3000, 120_000, 100)
    creation = LIMIT.creation("192.0.2.1")
    assert (creation.most, creation.rates[0].burst) == (9, 200)
    assert creation.rates[0].per_second * 86_400 == pytest.approx(200)


@pytest.mark.parametrize(
    ("seconds", "words"), [(600, "10 minutes"), (61, "2 minutes"), (60, "a minute"), (1, "a minute")]
)
async def test_who_guessed_too_often_is_told_the_minutes(
    monkeypatch: pytest.MonkeyPatch, seconds: int, words: str
) -> None:
    """No time passes here."""
    monkeypatch.setattr(access_code, "WITHIN", seconds)
    monkeypatch.setattr("relay.memory.store.monotonic", lambda: 0.0)
    access = AccessCode(MemoryStore(), "open sesame")
    for _ in range(BY_ADDRESS):
        with pytest.raises(Refused, match="not the access code"):
            await access.check("wrong", "192.0.2.1")
    with pytest.raises(Refused) as refused:
        await access.check("open sesame", "192.0.2.1")
    assert refused.value.detail == f"Too many wrong codes. Try again in {words}."
    assert refused.value.retry_after == seconds
