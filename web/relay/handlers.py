"""What the application handles: its events and namespaces, declared by functions or by classes.

Each method says which upstream behaviour it replaces and why; a unit test fails when upstream changes one.
"""

from collections.abc import Callable, Iterable
from typing import Any

import socketio

ANY = "*"
"""Stands for every event, or for every namespace, that is not declared by its name."""


class HandlersServer(socketio.AsyncServer):  # type: ignore[misc]
    """Events find their handlers as upstream has it: by their name or `*`, in their namespace or in `*`; and
    then in the class of their namespace, or in that of `*`."""

    def on(
        self, event: str, handler: Callable[..., Any] | None = None, namespace: str | None = None
    ) -> Callable[..., Any] | None:
        """Extends BaseServer.on, which takes namespaces that no client can name. Raises ValueError."""
        check_namespace(namespace or "/")
        declared: Callable[..., Any] | None = super().on(event, handler, namespace)
        return declared

    def register_namespace(self, namespace_handler: socketio.AsyncNamespace) -> None:
        """Extends BaseServer.register_namespace, which takes namespaces that no client can name. Raises
        ValueError."""
        check_namespace(getattr(namespace_handler, "namespace", "/"))
        super().register_namespace(namespace_handler)

    def handles(self, namespace: str, event: str) -> bool:
        """Return whether an event of this name has a handler now."""
        if event in self.handlers.get(namespace, ()) or self._get_event_handler(event, namespace, ())[0]:
            return True
        handler, _ = self._get_namespace_handler(namespace, ())
        return handler is not None and _takes(handler, event)

    def serves(self, namespace: str) -> bool:
        """Return whether clients may connect to a namespace, as AsyncServer._handle_connect has it."""
        return (
            namespace in self.handlers
            or namespace in self.namespace_handlers
            or self.namespaces == ANY
            or namespace in self.namespaces
        )

    def serves_only(self, namespace: str) -> bool:
        """Return whether clients may connect to this namespace and to no other."""
        named = {*self.handlers, *self.namespace_handlers, *self.namespaces}
        return ANY not in self.namespaces and named - {ANY} <= {namespace}

    def _get_event_handler(
        self, event: str, namespace: str, args: tuple[Any, ...]
    ) -> tuple[Callable[..., Any] | None, tuple[Any, ...]]:
        """Extends BaseServer._get_event_handler: the handler of all other events gets a client's own event
        `*` without its name there, as if it were declared."""
        if event != ANY:
            found: tuple[Callable[..., Any] | None, tuple[Any, ...]] = super()._get_event_handler(
                event, namespace, args
            )
            return found
        if (handler := self.handlers.get(namespace, {}).get(ANY)) is not None:
            return handler, (event, *args)
        if (handler := self.handlers.get(ANY, {}).get(ANY)) is not None:
            return handler, (event, namespace, *args)
        return None, args


def check_namespace(namespace: str) -> None:
    """Raises ValueError if this is neither a namespace that clients can name nor `*`."""
    if namespace != ANY and not namespace.startswith("/"):
        raise ValueError(f"a namespace begins with a slash: name it {'/' + namespace!r}, not {namespace!r}")


def checked_namespaces(namespaces: str | Iterable[str]) -> list[str]:
    """Return these namespaces, or this one. Raises ValueError if a client can't name one of them."""
    names = [namespaces] if isinstance(namespaces, str) else [*namespaces]
    for name in names:
        check_namespace(name)
    if ANY in names:
        raise ValueError('for any namespace give namespaces="*", not a list with it')
    return names


def _takes(handler: socketio.AsyncNamespace, event: str) -> bool:
    """Return whether a class-based namespace handles an event: by a method of its name, or because it
    dispatches events itself."""
    if type(handler).trigger_event is not socketio.AsyncNamespace.trigger_event:
        return True
    return callable(getattr(handler, f"on_{event}", None))
