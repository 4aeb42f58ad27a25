"""The manager of a single process: what RelayManager offers, with nobody else to talk to."""

import socketio


class LocalManager(socketio.AsyncManager):  # type: ignore[misc]
    """Broadcasts within this process."""

    async def stop(self) -> None:
        """Nothing runs, so nothing is stopped."""

    async def faults(self) -> dict[str, str]:
        """There is nothing to depend on, so nothing is at fault."""
        return {}
