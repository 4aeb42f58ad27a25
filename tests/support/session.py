"""One Engine.IO session by long polling in plain requests, for what a client library would never send."""

import json

import httpx

from tests.support.waiting import PATIENCE, eventually

POLLING = "/sio/socket.io/?EIO=4&transport=polling"


def cookie_name(url: str) -> str:
    """What the chat at this address calls its cookie."""
    return "__Host-tertulia" if url.startswith("https:") else "tertulia"


class Session:
    """Opened on construction; each request goes over a connection of its own."""

    def __init__(self, url: str) -> None:
        opened = httpx.get(url + POLLING, timeout=PATIENCE).raise_for_status()
        self.sid: str = json.loads(opened.text[1:])["sid"]
        self._address = f"{url}{POLLING}&sid={self.sid}"

    @property
    def route(self) -> str:
        """The route of the worker this session sits on."""
        return self.sid[:32]

    def joins(self, name: str | None = None) -> "Session":
        """Connect to the namespace, as a client does before it can speak; as a guest, or under a name."""
        assert self.posts("40" + (json.dumps({"name": name}) if name else "")).status_code == 200
        # What is said in a room may come before the answer to who just entered it.
        assert any(packet.startswith("40{") for packet in self.polls().text.split("\x1e"))
        return self

    def hears(self, text: str) -> str:
        """Poll until the text comes, and return all that came: before it may be who comes and goes."""
        heard = ""

        def came() -> bool:
            nonlocal heard
            heard += self.polls().raise_for_status().text
            return text in heard

        eventually(came, what=f"{text!r} is heard")
        return heard

    def posts(self, packets: str | bytes) -> httpx.Response:
        return httpx.post(self._address, content=packets, timeout=PATIENCE)

    def leaves(self) -> None:
        """Close the session, which would otherwise be counted for as long as a client may take to connect."""
        assert self.posts("1").status_code == 200

    def polls(self) -> httpx.Response:
        """What the next poll brings; a ping is answered, so that a slow test does not lose its session."""
        answer = httpx.get(self._address, timeout=PATIENCE)
        if "2" in answer.text.split("\x1e"):
            self.posts("3")
        return answer
