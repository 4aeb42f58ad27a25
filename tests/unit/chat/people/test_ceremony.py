"""What browsers say of passkeys, whatever is in it: it is read, or refused."""

import json
from contextlib import suppress
from typing import Any

import pytest
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.people import ceremony
from chat.people.ceremony import RelyingParty
from hypothesis import given
from hypothesis import strategies as st

from tests.support.authenticator import Authenticator, decoded, encoded
from tests.unit.anything import JSON

PARTY = RelyingParty("localhost", "http://localhost:8080")
CHALLENGE = b"a challenge"
MADE = ["clientDataJSON", "attestationObject"]
SHOWN = ["clientDataJSON", "authenticatorData", "signature"]


def made() -> tuple[Authenticator, dict[str, Any]]:
    """An authenticator, and what it says of a new passkey."""
    authenticator = Authenticator()
    options = ceremony.options_to_make(PARTY, Person("ana", "Ana"), CHALLENGE, [])
    return authenticator, ceremony.read(authenticator.makes(options, PARTY.origin))


AUTHENTICATOR, SAID = made()
KEY = ceremony.made(SAID, PARTY, CHALLENGE).key
USED = ceremony.read(AUTHENTICATOR.shows(ceremony.options_to_show(PARTY, CHALLENGE), PARTY.origin))


def broken(said: dict[str, Any], part: str, at: int, data: bytes) -> dict[str, Any]:
    """The same with something else at a place of a part."""
    before = decoded(said["response"][part])
    at %= len(before) + 1
    copy: dict[str, Any] = json.loads(json.dumps(said))
    copy["response"][part] = encoded(before[:at] + data + before[at + len(data) :])
    return copy


def test_what_is_right_is_taken() -> None:
    assert ceremony.shown(USED, PARTY, CHALLENGE, KEY).uses == 0
    assert (ceremony.challenge_in(USED), ceremony.person_in(USED)) == (CHALLENGE, "ana")
    assert ceremony.id_in(USED) == ceremony.made(SAID, PARTY, CHALLENGE).id


@given(st.sampled_from(MADE), st.integers(0, 500), st.binary(min_size=1, max_size=40))
def test_whatever_is_made_of_a_new_passkey_is_refused_or_is_one(part: str, at: int, data: bytes) -> None:
    with suppress(Refused):
        assert ceremony.made(broken(SAID, part, at, data), PARTY, CHALLENGE).id


@given(st.sampled_from(SHOWN), st.integers(0, 500), st.binary(min_size=1, max_size=40))
def test_whatever_is_changed_in_what_a_passkey_signed_is_refused(part: str, at: int, data: bytes) -> None:
    changed = broken(USED, part, at, data)
    if changed == USED:
        return
    with pytest.raises(Refused) as refused:
        ceremony.shown(changed, PARTY, CHALLENGE, KEY)
    assert refused.value.values["reason"] == "wrong_passkey"


@given(JSON, st.sampled_from([*SHOWN, "userHandle"]), JSON)
def test_any_json_is_read_or_refused(value: Any, part: str, other: Any) -> None:
    for said in (value, {"response": value}, {"response": {part: other}, "rawId": value}):
        for look in (ceremony.challenge_in, ceremony.person_in, ceremony.id_in):
            with suppress(Refused):
                look(ceremony.read(json.dumps(said)))
