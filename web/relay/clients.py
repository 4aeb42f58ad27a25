"""What an application does with single clients: asks one for an answer, puts one in rooms, reads how it came.

Each method says which upstream behaviour it replaces and why; a unit test fails when upstream changes one.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

from socketio.exceptions import TimeoutError as NoAnswer

from relay.delivery.room_names import NAMESPACE, of_any_namespace
from relay.handlers import HandlersServer

CALL_TIMEOUT = 60.0
"""Seconds that `call` waits for an answer if it is not told how long; upstream's own default."""

handling: ContextVar[tuple[str, asyncio.Task[Any] | None]] = ContextVar("handling", default=("", None))
"""The session whose packets this task handles, and the task. The tasks that a handler starts inherit this,
and are other tasks."""


class ClientsServer(HandlersServer):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._background: set[asyncio.Task[Any]] = set()  # asyncio itself holds tasks weakly

    def start_background_task(
        self, target: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any
    ) -> asyncio.Task[Any]:
        """Extends AsyncServer.start_background_task, whose task may be collected while it waits for what
        nobody else holds."""
        task: asyncio.Task[Any] = super().start_background_task(target, *args, **kwargs)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def emit(
        self,
        event: str,
        data: Any = None,
        to: str | list[str] | None = None,
        room: str | list[str] | None = None,
        skip_sid: str | list[str] | None = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
        ignore_queue: bool = False,
    ) -> None:
        """Extends AsyncServer.emit, whose docstring is not true here.

        Emit to the clients of all workers, once and best effort. `data`: any JSON, with bytes in it; a tuple
        is several arguments. `to`, or `room`: a sid, a room, or a list of them, whose clients get it once;
        None: everybody in the namespace. `skip_sid`: a sid, a room, or a list of them, whose clients do not
        get it. Groups and rooms of relay are named `group:…` and `room:…` in either. `namespace`: "/" by
        default; a single group or room of relay has clients of any. `callback`: a function, or a coroutine,
        that gets the answer of one client, or the first of one room. `ignore_queue`: only the clients of this
        worker get it.

        What one task emits stays in order, and several tasks may emit at once. Raises TypeError and
        ValueError for what can't be sent, and RuntimeError in another event loop than the server's."""
        await super().emit(event, data, to, room, skip_sid, namespace, callback, ignore_queue)

    async def call(
        self,
        event: str,
        data: Any = None,
        to: str | None = None,
        sid: str | None = None,
        namespace: str | None = None,
        timeout: float | None = None,
        ignore_queue: bool = False,
    ) -> Any:
        """Replaces AsyncServer.call, which waits for ever if a class-based namespace gives it no timeout,
        waits in vain in a handler of the client that it asks, and keeps the callback of a client that did not
        answer. Raises RuntimeError in such a handler: the answer would be handled after it, as everything is
        that the client's session sends. Raises RuntimeError if the server was not started: it hears no
        answer. Raises TimeoutError of socketio.exceptions after `timeout` seconds."""
        recipient = to or sid
        if recipient is None:
            raise ValueError("call asks one client: give its sid, as `to`.")
        if not self.manager_initialized:
            raise RuntimeError(
                "Only a server that was started hears an answer. In a process that serves no clients, ask "
                "one that does, over HTTP: a route of it awaits call."
            )
        session, task = handling.get()
        if task is asyncio.current_task() and self.manager.has_session(recipient, session):
            raise RuntimeError(
                "A handler can't wait for an answer of its own client, or of a group that has it: a client's "
                "packets are handled one after the other. Let a task ask: "
                "server.start_background_task(…), or emit(…, callback=…)."
            )
        answer: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()

        def answered(*arguments: Any) -> None:
            if not answer.done():
                answer.set_result(arguments)

        await self.emit(
            event,
            data,
            room=recipient,
            namespace=namespace,
            callback=answered,
            ignore_queue=ignore_queue,
        )
        try:
            async with asyncio.timeout(CALL_TIMEOUT if timeout is None else timeout):
                arguments = await answer
        except TimeoutError:
            raise NoAnswer from None
        finally:
            self.manager.forget_callback(recipient, answered)
        return arguments if len(arguments) > 1 else arguments[0] if arguments else None

    def attach(self, app: Any, socketio_path: str = "socket.io") -> None:
        """Replaces AsyncServer.attach, which is for other servers than those of ASGI, and fails with a
        KeyError for these. Raises TypeError."""
        raise TypeError('Mount the server: Mount("/socket.io", server), or socketio.ASGIApp(server, app).')

    async def enter_room(self, sid: str, room: str, namespace: str | None = None) -> None:
        """Extends AsyncServer.enter_room, which knows nothing of the relay's own rooms. Raises ValueError for
        their names."""
        check_room(room)
        await super().enter_room(sid, room, namespace)

    async def leave_room(self, sid: str, room: str, namespace: str | None = None) -> None:
        """Extends AsyncServer.leave_room, which knows nothing of the relay's own rooms. Raises ValueError for
        their names."""
        check_room(room)
        await super().leave_room(sid, room, namespace)

    async def close_room(self, room: str, namespace: str | None = None) -> None:
        """Extends AsyncServer.close_room, which knows nothing of the relay's own rooms. Raises ValueError for
        their names."""
        check_room(room)
        await super().close_room(room, namespace)

    async def get_session(self, sid: str, namespace: str | None = None) -> dict[str, Any]:
        """Extends AsyncServer.get_session, whose error knows of no other workers. Raises KeyError for a
        client that is not in this namespace on this worker."""
        self._check_here(sid, namespace)
        session: dict[str, Any] = await super().get_session(sid, namespace)
        return session

    async def save_session(self, sid: str, session: Any, namespace: str | None = None) -> None:
        """Extends AsyncServer.save_session, whose error knows of no other workers. Raises KeyError for a
        client that is not in this namespace on this worker."""
        self._check_here(sid, namespace)
        await super().save_session(sid, session, namespace)

    def _check_here(self, sid: str, namespace: str | None) -> None:
        if self.manager.eio_sid_from_sid(sid, namespace or NAMESPACE) is None:
            raise KeyError(
                f"No client has this sid in the namespace {namespace or NAMESPACE} on this worker: it has "
                "gone, or is at another worker, or in another namespace. Keep what others need of it in a "
                "log, in relay.store or in relay.records."
            )

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        """Extends BaseServer.get_environ, which returns None where it was not kept. Raises RuntimeError
        instead. Returns None for a client that is not on this worker."""
        environ: dict[str, Any] | None = super().get_environ(sid, namespace)
        if environ is None and self.manager.eio_sid_from_sid(sid, namespace or NAMESPACE) is not None:
            raise RuntimeError(
                "With Options(keep_environ=False) there is no environ after `connect`. Keep what you need of "
                "it with save_session."
            )
        return environ

    def _session_of(self, sid: str) -> str | None:
        """Return the id of the session that a client belongs to; None if it is not on this worker."""
        session: str | None = self.manager.eio_sid_from_sid(sid, self.manager.namespace_of(sid))
        return session


def check_room(room: str) -> None:
    """Raises ValueError if a Socket.IO room has a name of the relay's own ones."""
    if of_any_namespace(room):
        raise ValueError(
            f"{room!r} is a name of the relay's own rooms: use another one, or Relay.join and Relay.group."
        )
