"""The refusals: how a client is told that what it asked for is not done."""

from typing import Any


class Refused(Exception):
    """What a client sent is not done. `error`: a code of the wire contract; `detail`: a sentence for
    people."""

    def __init__(self, error: str, detail: str) -> None:
        super().__init__(error, detail)
        self.error = error
        self.detail = detail

    def answer(self) -> dict[str, Any]:
        """Return the acknowledgement that says so."""
        return {"ok": False, "error": self.error, "detail": self.detail}
