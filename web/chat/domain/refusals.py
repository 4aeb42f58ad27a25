"""The refusals: how a client is told that what it asked for is not done."""

from typing import Any


class Refused(Exception):
    """What a client sent is not done. `error`: a code of the wire contract; `detail`: a sentence for people;
    `retry_after`: seconds until it is worth another try."""

    def __init__(self, error: str, detail: str, retry_after: int | None = None) -> None:
        super().__init__(error, detail)
        self.error = error
        self.detail = detail
        self.retry_after = retry_after

    def answer(self) -> dict[str, Any]:
        """Return the acknowledgement that says so."""
        return {"ok": False, **self.reason()}

    def reason(self) -> dict[str, Any]:
        """Return `{error, detail, retry_after?}`."""
        reason: dict[str, Any] = {"error": self.error, "detail": self.detail}
        return reason if self.retry_after is None else reason | {"retry_after": self.retry_after}
