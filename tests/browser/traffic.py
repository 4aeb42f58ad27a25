"""What a page's requests cost on the wire: how many there were, and their bytes, compressed.

What comes from a cache, the browser's or the service worker's, costs nothing and is not counted.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from playwright.sync_api import Page


class Cost(NamedTuple):
    """Of some requests; `files` and `headers` are bytes of their answers."""

    requests: int
    files: float
    headers: float


class Traffic:
    """All answers to a page's own requests from now on, by Chromium's own protocol."""

    def __init__(self, page: Page) -> None:
        self._addresses: dict[str, str] = {}
        self._headers: dict[str, float] = {}
        self._whole: dict[str, float] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._asks)
        session.on("Network.responseReceived", self._begins)
        session.on("Network.loadingFinished", self._ends)

    def of_the_page(self) -> Cost:
        """Of the page and its files: all but what speaks Socket.IO, and its client."""
        return self._cost(lambda address: "socket.io" not in address)

    def of_the_client(self) -> Cost:
        """Of the Socket.IO client."""
        return self._cost(lambda address: "/socket.io/socket.io" in address)

    def _cost(self, counts: Callable[[str], bool]) -> Cost:
        counted = [key for key, size in self._whole.items() if size and counts(self._addresses.get(key, ""))]
        headers = sum(self._headers[key] for key in counted)
        return Cost(len(counted), sum(self._whole[key] for key in counted) - headers, headers)

    def _asks(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _begins(self, event: dict[str, Any]) -> None:
        self._headers[event["requestId"]] = event["response"]["encodedDataLength"]

    def _ends(self, event: dict[str, Any]) -> None:
        self._whole[event["requestId"]] = event["encodedDataLength"]
