"""What a client may send: anything at all is either taken or refused in one way."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st
from relay.transport.packets import BadInput, check_frame, parse, split_payload
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
