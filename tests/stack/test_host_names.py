"""Under which names the chat is answered."""

import pytest

from tests.support.door import opened_door
from tests.support.session import POLLING
from tests.support.stack import Stack

HERE = (
    "localhost",
    "LOCALHOST:8080",
    "chat.localhost",
    "127.0.0.1",
    "127.8.9.10:80",
    "[::1]:80",
    "localhost.",
)
ELSEWHERE = ("rebound.example", "localhost.rebound.example", "127.0.0.1.rebound.example", "10.0.0.7:8080")


def test_at_a_loopback_address_only_names_of_this_machine_are_answered(stack: Stack) -> None:
    """Another name was made to lead here by somebody else (DNS rebinding)."""
    with opened_door(stack) as door, door.http() as http:
        assert [http.get("/", headers={"Host": host}).status_code for host in HERE] == [200] * len(HERE)
        for path in ("/", POLLING, "/socket.io/socket.io.js", "/sign-in"):
            answers = [http.get(path, headers={"Host": host}) for host in ELSEWHERE]
            assert [answer.status_code for answer in answers] == [400] * len(ELSEWHERE)
            assert all("ALLOWED_HOSTS" in answer.text for answer in answers)
        assert http.get("/health", headers={"Host": "10.0.0.7"}).status_code == 200
        claims = {"Host": "rebound.example", "X-Forwarded-Host": "localhost"}
        assert http.get("/", headers=claims).status_code == 400


@pytest.mark.parametrize(
    "settings",
    [
        {"LISTEN": "0.0.0.0:8080"},
        {"LISTEN": "8080"},
        {"TRUSTED_PROXIES": "host"},
        {"ALLOWED_HOSTS": "127.0.0.1,*"},
    ],
)
def test_elsewhere_or_behind_a_proxy_any_name_is_answered(stack: Stack, settings: dict[str, str]) -> None:
    with opened_door(stack, None, None, **settings) as door, door.http() as http:
        assert http.get("/", headers={"Host": "chat.example"}).status_code == 200
