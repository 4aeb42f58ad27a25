"""The refusals: how a client is told that what it asked for is not done."""

from typing import Any


class Refused(Exception):
    """What a client sent is not done. `error`: a code of the wire contract; `detail`: an English sentence for
    whoever reads a program's log; `retry_after`: seconds until it is worth another try. `values` are what a
    sentence in another language needs, such as a limit. Among them is `reason` where a code has several
    meanings: a code of its own, finer than `error`. The pages' sentences are in templates/words."""

    def __init__(self, error: str, detail: str, retry_after: int | None = None, **values: str | int) -> None:
        super().__init__(error, detail)
        self.error = error
        self.detail = detail
        self.retry_after = retry_after
        self.values = values

    def answer(self) -> dict[str, Any]:
        """Return the acknowledgement that says so."""
        return {"ok": False, **self.reason()}

    def reason(self) -> dict[str, Any]:
        """Return `{error, detail, retry_after?}` and the values."""
        reason: dict[str, Any] = {"error": self.error, "detail": self.detail, **self.values}
        return reason if self.retry_after is None else reason | {"retry_after": self.retry_after}
