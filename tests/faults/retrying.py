"""A program on the official synchronous client whose HTTP stack repeats a poll that broke, as urllib3's Retry
does."""

from typing import Any

import requests
import socketio
from requests.adapters import HTTPAdapter
from socketio.exceptions import SocketIOError
from urllib3.util import Retry


class Retrying:
    """One connection, by polling. To be called from a thread. `first`: how many messages came before it."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.heard: list[str] = []
        self.ended = False
        self._http = requests.Session()
        self._http.mount("http://", HTTPAdapter(max_retries=Retry(10, backoff_factor=0)))
        self._sio = socketio.Client(http_session=self._http, reconnection=False)
        self._sio.on("response", lambda text, about: self.heard.append(text))
        self._sio.on("disconnect", self._end)

    def join(self, url: str, room: str) -> bool:
        """Return whether it is in the room; a connection may break on the way there."""
        try:
            self._sio.connect(url, transports=["polling"], socketio_path="sio/socket.io", wait_timeout=10)
            return bool(self._sio.call("join", {"room": room}, timeout=5)["ok"])
        except SocketIOError:
            return False

    def close(self) -> None:
        self._sio.disconnect()
        self._http.close()

    def _end(self, *_: Any) -> None:
        self.ended = True
