"""What a client may send: anything at all is either taken or refused in one way."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from relay.transport.packets import BadInput, check_frame, opening_of, parse, split_payload
from socketio import packet

# Close to the protocol, so that much of it gets past the first check.
ALMOST = st.text(alphabet='0123456789-/,?{}[]":.eE+ \x1e²messagconndi\\ud83', max_size=60)

PLACED = st.permutations([f'{{"_placeholder":true,"num":{number}}}' for number in range(3)]).map(
    lambda placeholders: f'2["draw",{",".join(placeholders)}]'
)
ATTACHMENTS = st.lists(st.binary(max_size=3), max_size=3)


@given(st.binary(max_size=200) | ALMOST.map(lambda text: f"42{text}".encode()))
def test_any_body_is_taken_or_refused(body: bytes) -> None:
    """With BadInput and nothing else."""
    with contextlib.suppress(BadInput):
        for frame in split_payload(body):
            if isinstance(frame, str):
                parse(frame[1:])


@given(ALMOST | st.text(max_size=100) | st.binary(max_size=20))
def test_any_frame_is_taken_or_refused(frame: str | bytes) -> None:
    """With BadInput and nothing else."""
    with contextlib.suppress(BadInput):
        check_frame(frame)


@pytest.mark.parametrize(
    "data", ['2\u0663["message"]', "3\u0663[]", '2/a,\u0663["message"]', '2451-1["message"]', '2²["message"]']
)
def test_an_id_is_digits_from_0_to_9(data: str) -> None:
    """Upstream takes the digits of all scripts, and a number of attachments before any packet."""
    with pytest.raises(BadInput):
        parse(data)


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


@given(st.sampled_from("23").flatmap(lambda kind: ALMOST.map(lambda text: kind + text)) | PLACED, ATTACHMENTS)
def test_any_packet_with_attachments_is_taken_or_refused(data: str, attachments: list[bytes]) -> None:
    """With BadInput and nothing else. What is taken has each of them once."""
    with contextlib.suppress(BadInput):
        parsed = parse(data, attachments)
        assert sorted(bytes_in(parsed.data)) == sorted(attachments)


def bytes_in(value: object) -> list[bytes]:
    match value:
        case bytes():
            return [value]
        case list():
            return [found for each in value for found in bytes_in(each)]
        case dict():
            return bytes_in(list(value.values()))
    return []


@pytest.mark.parametrize(
    "placeholder",
    [
        '{"_placeholder":true,"num":1}',
        '{"_placeholder":true,"num":-1}',
        '{"_placeholder":true,"num":0.0}',
        '{"_placeholder":true,"num":false}',
        '{"_placeholder":true,"num":"0"}',
        '{"_placeholder":true,"num":{"_placeholder":true,"num":0}}',
        '{"_placeholder":true}',
        '{"_placeholder":1,"num":0}',
        "7",
        '{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}',
        '{"_placeholder":true,"num":0},{"_placeholder":false}',
    ],
)
def test_each_attachment_has_one_placeholder(placeholder: str) -> None:
    """The official clients write no others."""
    with pytest.raises(BadInput):
        parse(f'2["draw",{placeholder}]', [b"x"])
    assert parse('2["draw",{"_placeholder":true,"num":0}]', [b"x"]).data == ["draw", b"x"]


def test_a_placeholder_without_any_attachments_is_an_object_like_others() -> None:
    """It came in a packet that has none."""
    assert parse('2["draw",{"_placeholder":true,"num":0}]').data == ["draw", {"_placeholder": True, "num": 0}]


def test_a_name_or_a_packet_that_can_not_be_bytes_is_refused() -> None:
    for data in ('2[{"_placeholder":true,"num":0}]', '3{"_placeholder":true,"num":0}', '21-["draw"]'):
        with pytest.raises(BadInput):
            parse(data, [b"x"] if "_" in data else [])


def test_base64_is_a_binary_message_on_any_transport() -> None:
    """The official JavaScript client can be told to send it over a WebSocket too."""
    assert split_payload(b"bAQIDBA==\x1eb\x1e3") == [b"\1\2\3\4", b"", "3"]
    for frame in ("bAQ", "b=", "bAQ==x", "bA\u00e9==", "bAQIDBA=="[:-1]):
        with pytest.raises(BadInput):
            check_frame(frame)
