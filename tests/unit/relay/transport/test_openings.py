"""What an event or an ack says first is known without parsing the rest of it."""

import pytest
from relay.transport.packets import Opening, opening_of


@pytest.mark.parametrize(
    ("data", "opening"),
    [
        ('2["message","hello"]', Opening("/", "message", None, 1)),
        ('217["message",["never closed', Opening("/", "message", 17, 3)),
        ('2/admin,17["message"]', Opening("/admin", "message", 17, 10)),
        ('2[""]', Opening("/", "", None, 1)),
        ("317[]", Opening("/", None, 17, 3)),
        ('3/admin,0["x"]', Opening("/admin", None, 0, 9)),
    ],
)
def test_of_an_event_its_name_and_of_both_the_number(data: str, opening: Opening) -> None:
    """And the namespace, and where the arguments begin. What follows is not looked at."""
    assert opening_of(data) == opening


@pytest.mark.parametrize(
    "data",
    ["0", "1", '2[7,"x"]', "2[]", r'2["mess\u0061ge"]', "3[]", "31", '51-["x"]', "", '2?["x"]'],
)
def test_nothing_is_known_of_what_clients_do_not_write_so(data: str) -> None:
    """It is parsed, and judged by what it turns out to be."""
    assert opening_of(data) is None
