"""Refusals: what is said to a client whose event or form is not accepted."""

from typing import Any


class Refused(Exception):
    """What a client sent is not accepted. `error`: a code of the wire contract; `detail`: an English sentence
    for the log of a program; `retry_after`: seconds until it is worth another try. `values` are what a
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
