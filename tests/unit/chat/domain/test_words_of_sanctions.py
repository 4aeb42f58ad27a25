"""How long a sanction lasts, in the words of its refusal."""

import pytest
from chat.domain.sanctions import Sanctions
from relay import Denied, Relay

WORDS = [
    (None, "until a moderator lifts it"),
    (1, "for less than a minute"),
    (59, "for less than a minute"),
    (60, "for a minute"),
    (61, "for 2 minutes"),
    (3599, "for 60 minutes"),
    (3600, "for an hour"),
    (7200, "for 2 hours"),
    (86_400, "for a day"),
    (86_401, "for 2 days"),
]


@pytest.mark.parametrize(("seconds", "words"), WORDS)
def test_a_sanction_lasts_as_long_as_its_words_say_or_less(seconds: int | None, words: str) -> None:
    sanctions = Sanctions(Relay.in_memory(lambda entry: b""))
    refusal = sanctions.refusal(Denied("ban person ana", seconds))
    assert (refusal.error, refusal.detail) == ("banned", f"You are banned {words}.")
    assert refusal.retry_after == seconds
    muted = sanctions.refusal(Denied("mute address 192.0.2.1", seconds))
    assert (muted.error, muted.detail) == ("muted", f"You are muted {words}. You can go on reading.")
