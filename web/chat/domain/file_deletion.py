"""The deletion of files, for whatever deletes messages. Where there are no files, there is nothing to do."""

from typing import Any, Protocol


class FileDeletion(Protocol):
    """What can't be deleted now is deleted later, so nothing is raised. Nobody is served a file whose message
    has gone, whether it was deleted yet or not."""

    async def delete(self, room: str, message: dict[str, Any]) -> None:
        """Delete the files of a message that was deleted, as it was before."""

    async def delete_all(self, room: str) -> None:
        """Delete the files of a room whose log was forgotten."""


class NoFiles:
    async def delete(self, room: str, message: dict[str, Any]) -> None:
        return

    async def delete_all(self, room: str) -> None:
        return


NO_FILES = NoFiles()
