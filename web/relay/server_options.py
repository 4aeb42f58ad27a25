"""The options of python-socketio's server: those that RelayServer has not, and what to use instead."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from relay.local_manager import LocalManager
from relay.manager import RelayManager
from relay.options import Options
from relay.relay import Relay

TRANSPORTS = ("polling", "websocket")

_LOGGING = (
    "Use Python's logging. The relay's loggers begin with `relay`; upstream's is `socketio`, which writes on "
    "the level INFO what clients say."
)
_COMPRESSION = (
    "Leave it out: nothing is compressed. The length of a compressed answer tells of secrets that are "
    "compressed with text of others."
)
INSTEAD = {
    "async_handlers": "Leave it out: a client's events are handled one after the other. Let a task do what "
    "takes long: server.start_background_task(…).",
    "async_mode": "Leave it out: it is always asgi.",
    "client_manager": "Give the manager of a Relay as the first argument: RelayServer(relay.manager).",
    "compression_threshold": _COMPRESSION,
    "cookie": "Leave it out: a proxy finds a session's process by the session id in the URL.",
    "cors_allowed_origins": "Name the origins of other sites in the Relay's options, such as "
    'Options(allowed_origins=("https://example.org",)). The server\'s own origin is allowed already. '
    "No value allows every site, as `[]` and `*` do there.",
    "engineio_logger": _LOGGING,
    "http_compression": _COMPRESSION,
    "json": "Leave it out: the relay encodes an event once for all that get it. Before you emit, convert "
    "what JSON has no form for.",
    "logger": _LOGGING,
    "max_http_buffer_size": "It is one of the Relay's options: Options(max_message_bytes=…). Give "
    "uvicorn the same: --ws-max-size, or ws_max_size=….",
    "monitor_clients": "Leave it out: silent clients are always disconnected.",
    "serializer": "Leave it out: only the default is possible. Packets are checked as texts before they are "
    "decoded.",
}


def refuse(options: Iterable[str]) -> None:
    """Raises TypeError if there are any. It says of each what to use."""
    if problems := [_problem(name) for name in options]:
        raise TypeError("\n".join(problems))


def _problem(name: str) -> str:
    if name in INSTEAD:
        return f"RelayServer has no option {name!r}. {INSTEAD[name]}"
    if name in {field.name for field in fields(Options)}:
        return f"{name!r} is one of the Relay's options: Relay.on_redis(url, options=Options({name}=…))."
    return f"RelayServer has no option {name!r}."


def check_manager(manager: Any) -> None:
    """Raises TypeError if this is not the manager of a Relay, ValueError if it has a server already."""
    if isinstance(manager, Relay):
        raise TypeError("Give the relay's manager, not the relay: RelayServer(relay.manager).")
    if not isinstance(manager, LocalManager | RelayManager):
        raise TypeError(
            f"RelayServer takes the manager of a Relay, and no {type(manager).__name__}: make "
            "relay = Relay.on_redis(url, event_of), and RelayServer(relay.manager)."
        )
    if manager.server is not None:
        raise ValueError(
            "This relay has a server already. Make a Relay for each server, with a prefix of its own: "
            'Relay.on_redis(url, options=Options(prefix="second:")).'
        )


def checked_transports(transports: str | Iterable[str]) -> list[str]:
    """Return these transports, or this one. Raises ValueError if there are others among them, or none."""
    names = [transports] if isinstance(transports, str) else [*transports]
    for name in names:
        if name not in TRANSPORTS:
            raise ValueError(f"{name!r} is none of the transports {', '.join(TRANSPORTS)}")
    if not names:
        raise ValueError(f"transports is empty: name one of {', '.join(TRANSPORTS)}, or leave it out")
    return names
