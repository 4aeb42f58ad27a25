"""What `instrument` and the admins' orders may have as arguments."""

from typing import Any

MODES = ("development", "production")


def check(server: Any, auth: Any, mode: str, namespace: str, interval: float) -> None:
    """Raises RuntimeError or ValueError where an Admin UI can't be, and says what to do."""
    if server.started:
        raise RuntimeError("Call server.instrument(…) before server.start(): clients may have come already.")
    if not auth and auth is not False:  # an empty list of admins would be everybody upstream
        raise ValueError(
            'Say who is an admin: instrument(auth={"username": …, "password": …}), a list of these, or a '
            "function of what the client sends. With auth=False everybody is."
        )
    if mode not in MODES:
        raise ValueError(f"mode is one of {', '.join(MODES)}, and not {mode!r}")
    if not namespace.startswith("/") or namespace == "/" or _is_used(server, namespace):
        raise ValueError(
            f"{namespace!r} can't be the admins' namespace: give one of their own, such as /admin"
        )
    if interval <= 0:
        raise ValueError("server_stats_interval is a number of seconds above 0")


def _is_used(server: Any, namespace: str) -> bool:
    return namespace in server.handlers or namespace in server.namespace_handlers


def are_texts(*values: Any) -> bool:
    return all(isinstance(value, str) for value in values)


def are_rooms(rooms: Any) -> bool:
    """Return whether this says whose clients are meant: a room, several, or None for all."""
    return rooms is None or isinstance(rooms, str) or (isinstance(rooms, list) and are_texts(*rooms))
