"""The log: one line per record on standard error, JSON for machines or text for people.

A record may be given facts, `extra={"about": {name: value}}`; and it gets the id of the request during which
it was made.
"""

import json
import logging
import logging.config
import os
import sys
from datetime import UTC, datetime
from typing import Any

from chat.observe import requests

LEVELS = {"warning": "33", "error": "31", "critical": "31;1"}
"""Their colours on a terminal (ECMA-48)."""


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """Return what is known of a record besides its message."""
    request = requests.current.get()
    return ({"request": request} if request else {}) | getattr(record, "about", {})


class JsonLines(logging.Formatter):
    """`{"at", "level", "logger", "message", …}`: its facts, and `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **facts(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class TextLines(logging.Formatter):
    """Time, level, logger, message and facts, in columns. What clients sent cannot break the line or steer a
    terminal; only a traceback has lines of its own."""

    def __init__(self, coloured: bool = False) -> None:
        super().__init__()
        self._coloured = coloured

    def formatMessage(self, record: logging.LogRecord) -> str:
        level = record.levelname.lower()
        at = datetime.fromtimestamp(record.created).isoformat(" ", "milliseconds")
        about = " ".join(f"{name}={value}" for name, value in facts(record).items())
        head, message = f"{level:<8} {record.name:<16}", _shown(record.message)
        if not about:
            return f"{at} {self._in(LEVELS.get(level), head)} {message}"
        return f"{at} {self._in(LEVELS.get(level), head)} {message:<24} {self._in('2', _shown(about))}"

    def formatException(self, ei: Any) -> str:
        return "\n".join(map(_shown, super().formatException(ei).split("\n")))

    def _in(self, colour: str | None, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured and colour else text


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def configure(level: str, format: str) -> None:
    """Send every logger of the process through one handler. `level` and `format` are those of Settings.
    Text is coloured on a terminal, unless NO_COLOR is set (no-color.org)."""
    handler = logging.StreamHandler(sys.stderr)
    coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    handler.setFormatter(JsonLines() if format == "json" else TextLines(coloured))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # uvicorn logs each WebSocket at `info` with its query string, and so with the session id, which is a
    # secret.
    logging.getLogger("uvicorn.error").setLevel(max(logging.WARNING, logging.root.level))
    # It logs each request to the provider at `info`.
    logging.getLogger("httpx2").setLevel(max(logging.WARNING, logging.root.level))
    logging.getLogger("asyncio").setLevel(max(logging.WARNING, logging.root.level))
