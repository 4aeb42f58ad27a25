"""Whatever text or JSON a parser is given: what it promises, or a refusal that says so."""

import asyncio
import contextlib
import json
import string
from typing import Any

import pytest
from chat.domain.messages import ID, Draft, check_id, check_text, message_of, response_of
from chat.domain.people import Person, check_name
from chat.domain.refusals import Refused
from chat.domain.room_names import NAME, check_room
from chat.http.sign_in import safe_next
from chat.settings import Settings, SettingsError
from hypothesis import given, settings
from hypothesis import strategies as st
from relay import Entry, Relay, encode
from relay.transport.packets import BadInput, parse, split_payload

from tests.unit.anything import COOKIES, JSON
from tests.unit.visitors import logins_on

MAX_CHARS = 40


@given(COOKIES)
@settings(max_examples=60)
def test_a_cookie_that_we_did_not_sign_is_nobodys(cookies: str) -> None:
    """Whatever it is."""
    sitting = Relay.in_memory(response_of)
    scope = {"type": "http", "scheme": "http", "headers": [(b"cookie", cookies.encode("latin-1", "replace"))]}
    assert asyncio.run(logins_on(sitting.store, "k" * 32, None).read(scope)) is None


@given(JSON)
def test_a_name_is_shown_or_refused(name: Any) -> None:
    """One that is taken is short, can be sent, and is taken again as it is."""
    with contextlib.suppress(Refused):
        taken = check_name(name)
        assert 0 < len(taken) <= 40
        assert taken.encode()
        assert check_name(taken) == taken


@given(JSON | st.from_regex(NAME))
def test_a_rooms_name_is_one_of_the_contract_or_refused(room: Any) -> None:
    """No key of Redis and no path can be made with it."""
    with contextlib.suppress(Refused):
        assert check_room(room) == room
        assert room.isascii()
        assert set(room) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(JSON | st.from_regex(ID))
def test_a_messages_id_is_one_of_the_contract_or_refused(id: Any) -> None:
    """Nothing in it has a meaning to anybody."""
    with contextlib.suppress(Refused):
        assert set(check_id(id)) <= set(string.ascii_letters + string.digits + "-_")


@given(JSON)
def test_a_text_that_is_taken_can_be_kept_and_shown_again(text: Any) -> None:
    """As it was, but for line ends."""
    with contextlib.suppress(Refused):
        text = check_text(text, MAX_CHARS)
        draft = Draft.compose(Person("1", "Ana"), text, None, MAX_CHARS)
        entry = Entry(room="lobby", epoch="x", seq=1, at=1, id=draft.id, data=draft.data())
        assert message_of(entry)["text"] == text


@given(
    JSON
    | st.lists(st.fixed_dictionaries({"id": st.from_regex(ID), "name": st.sampled_from(["Ana", "", "Ben"])}))
)
def test_whom_a_message_mentions_is_named_in_it_or_refused(mentions: Any) -> None:
    """And stands in what is kept as it was sent, without anything else."""
    with contextlib.suppress(Refused):
        draft = Draft.compose(Person("1", "Ana"), "hi @Ana", None, MAX_CHARS, mentions)
        kept = message_of(Entry(room="lobby", epoch="x", seq=1, at=1, id=draft.id, data=draft.data()))
        assert all(set(each) == {"id", "name"} and each["name"] == "Ana" for each in kept.get("mentions", ()))
        assert len(kept.get("mentions", ())) <= 20


ANY_CHARACTER = st.text(st.characters(exclude_categories=()), max_size=8)


@given(ANY_CHARACTER, ANY_CHARACTER, ANY_CHARACTER, st.sampled_from(('"hi"', "")))
def test_a_rooms_members_get_where_an_entry_is(id: str, room: str, epoch: str, text: str) -> None:
    """In JSON as everything else, also if another program appended it under an id that no client may use."""
    data = f'{text}\n{{"author":{{"id":"1"}}}}' if text else '{"deletes":3}'
    event = response_of(Entry(room=room, epoch=epoch, seq=7, at=1_700_000_000_000, id=id, data=data.encode()))
    about = {"author": {"id": "1"}} if text else {"deletes": 3}
    place = {"id": id, "room": room, "seq": 7, "at": 1_700_000_000_000, "epoch": epoch}
    assert event == encode(["response", "hi", about | place] if text else ["deleted", about | place])


@given(st.text(max_size=MAX_CHARS) | st.text(string.printable + "\x00\x9b\U0001f9ff", max_size=MAX_CHARS))
def test_what_is_kept_of_a_text_is_no_larger_than_its_characters_allow(text: str) -> None:
    """Four bytes each, two of ASCII: nobody fills the log with what is written in six."""
    with contextlib.suppress(Refused):
        kept = Draft.compose(Person("1", "Ana"), text, None, MAX_CHARS).data().split(b"\n")[0]
        assert len(kept) <= 2 + sum(2 if char.isascii() else len(char.encode()) for char in text)


def test_a_control_character_is_named_to_whoever_sends_it() -> None:
    """All but newline and tab; the line ends of Windows are newlines."""
    for code in (*range(0x20), *range(0x7F, 0xA0)):
        if chr(code) not in "\n\t":
            with pytest.raises(Refused, match=rf"U\+{code:04X}"):
                check_text(f"a{chr(code)}b", MAX_CHARS)
    assert check_text("a\tb\nc\r\nd", MAX_CHARS) == "a\tb\nc\nd"


@given(
    st.dictionaries(
        st.sampled_from([name.upper() for name in Settings.__dataclass_fields__] + ["REDIS_PASSWORD_FILE"]),
        st.text(st.characters(codec=None), max_size=30)
        | st.sampled_from(["0", "-1", "²", "1e9", "redis://[", "*"]),
        max_size=4,
    )
)
def test_settings_are_read_or_refused_by_name(environ: dict[str, str]) -> None:
    """Each line names a variable that was set, and has an example; no value breaks a line."""
    try:
        Settings.read(environ | {"CLIENT_BUNDLE": "/"})
    except SettingsError as error:
        for line in str(error).splitlines():
            name, _, problem = line.partition(": ")
            assert environ[name]
            assert f" Example: {name}=" in problem


@given(st.text(max_size=60))
def test_nobody_is_sent_on_to_another_site(address: str) -> None:
    """After signing in."""
    assert safe_next(address).startswith("/")
    assert not safe_next(address).startswith(("//", "/\\"))


@given(st.lists(JSON, max_size=2), st.integers(0, 10**120), st.sampled_from(["", "/,", "/x,", "/?a,"]))
def test_a_packet_of_any_json_is_parsed_as_json_has_it_or_refused(
    arguments: list[Any], number: int, namespace: str
) -> None:
    """The name and the arguments are exactly those that were sent."""
    with contextlib.suppress(BadInput):
        parsed = parse(f"2{namespace}{number}" + json.dumps(["message", *arguments]))
        assert json.dumps(parsed.data) == json.dumps(["message", *arguments])


@given(st.lists(st.sampled_from(["3", "40", "41", '42["message","x"]']), min_size=1, max_size=300))
def test_a_payload_of_valid_packets_is_split_as_it_was_joined(frames: list[str]) -> None:
    """However many there are."""
    assert split_payload("\x1e".join(frames).encode()) == frames


@pytest.mark.parametrize("depth", [100, 1000, 10_000, 60_000])
@pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
def test_json_of_any_depth_is_parsed_or_refused(depth: int, brackets: str) -> None:
    """The stack does not overflow."""
    opening, closing = brackets[:-1], brackets[-1]
    with contextlib.suppress(BadInput):
        parse(f'2["message",{opening * depth}1{closing * depth}]')
