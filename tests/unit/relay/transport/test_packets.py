"""What a client may send: anything at all is either taken or refused in one way."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from relay.transport.packets import BadInput, check_frame, opening_of, parse, split_payload
from socketio import packet

# Close to the protocol, so that much of it gets past the first check.
ALMOST = st.text(alphabet='0123456789-/,?{}[]":.eE+ \x1e²messagconndi\\ud83', max_size=60)


@given(st.binary(max_size=200) | ALMOST.map(lambda text: f"42{text}".encode()))
def test_any_body_is_taken_or_refused(body: bytes) -> None:
    """With BadInput and nothing else."""
    with contextlib.suppress(BadInput):
        for frame in split_payload(body):
            parse(frame[1:])


@given(ALMOST | st.text(max_size=100) | st.binary(max_size=20))
def test_any_frame_is_taken_or_refused(frame: str | bytes) -> None:
    """With BadInput and nothing else."""
    with contextlib.suppress(BadInput):
        check_frame(frame)


@given(st.sampled_from("0123456789").flatmap(lambda kind: ALMOST.map(lambda text: kind + text)))
def test_a_parsed_event_has_a_name_and_a_list_of_arguments(data: str) -> None:
    """So that no handler sees anything else."""
    with contextlib.suppress(BadInput):
        parsed = parse(data)
        if parsed.packet_type == packet.EVENT:
            assert isinstance(parsed.data, list)
            assert isinstance(parsed.data[0], str)


@pytest.mark.parametrize("kind", ["2", "3"])
def test_what_nobody_asked_for_is_not_decoded(kind: str) -> None:
    """Its beginning says enough; to decode the rest costs 4 ms."""
    opening = opening_of(f'{kind}{"7" if kind == "3" else ""}["nobody",{{' if kind == "2" else "37[{")
    assert opening is not None
    assert (opening.name, opening.id) == (("nobody", None) if kind == "2" else (None, 7))
