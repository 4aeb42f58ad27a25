"""Callbacks: what is called with a client's answer to an emit, until the answer comes or nobody waits for it
any more. It is a part of python-socketio's manager that keeps nothing of what is over."""

import itertools
from collections.abc import Callable
from typing import Any

import socketio


class CallbacksManager(socketio.AsyncManager):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self._ack_ids = itertools.count(1)

    def is_known(self, sid: str) -> bool:
        """Return whether a client is one of this worker's."""
        raise NotImplementedError

    def awaits(self, sid: str | None, id: int | None) -> bool:
        """Return whether an ack with this id calls something back. 0 is none: there upstream keeps the count
        of a client's ids."""
        return bool(id) and id in self.callbacks.get(sid, {})

    def _generate_ack_id(self, sid: str, callback: Callable[..., Any]) -> int:
        """Extends BaseManager._generate_ack_id, which counts for each room and for each client of another
        worker, and keeps these counts for ever."""
        check_one(sid)  # with Redis it may be whatever `to` is
        if self.is_known(sid):
            return int(super()._generate_ack_id(sid, callback))
        id = next(self._ack_ids)
        self.callbacks.setdefault(sid, {})[id] = callback
        return id

    async def trigger_callback(self, sid: str, id: int, data: list[Any]) -> None:
        """Extends AsyncManager.trigger_callback, which logs a warning for each answer but the first to an
        emit that went to a room of several workers."""
        if self.awaits(sid, id):
            try:
                await super().trigger_callback(sid, id, data)
            finally:
                self._forget_if_empty(sid)

    def forget_callback(self, sid: str, callback: Callable[..., Any]) -> None:
        """Call nothing back any more for an emit to this client or room."""
        callbacks = self.callbacks.get(sid, {})
        for id in [id for id, each in callbacks.items() if each is callback]:
            del callbacks[id]
        self._forget_if_empty(sid)

    def _forget_if_empty(self, sid: str) -> None:
        if not self.callbacks.get(sid, True):
            del self.callbacks[sid]


def check_one(room: object) -> None:
    """Raise TypeError for a list of rooms, in `to` of an emit with a callback: upstream fails on Redis with
    words about a dictionary, and in memory calls back for each client."""
    if room is not None and not isinstance(room, str):
        raise TypeError("With a callback, `to` is one client or one room, not several: emit to each of them.")
