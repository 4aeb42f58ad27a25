"""The log: one line per record on standard error, JSON for machines or text for people."""

import json
import logging
import logging.config
import sys
from datetime import UTC, datetime
from typing import Any


class JsonLines(logging.Formatter):
    """`{"at", "level", "logger", "message"}`, with `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class TextLines(logging.Formatter):
    """Time, level, logger, message. What clients sent cannot break the line or steer a terminal; only a
    traceback, which is ours, has lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        message = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in record.message)
        at = datetime.fromtimestamp(record.created).isoformat(" ", "milliseconds")
        return f"{at} {record.levelname.lower():<7} {record.name}: {message}"


FORMATS: dict[str, type[logging.Formatter]] = {"json": JsonLines, "text": TextLines}


def configure(level: str, format: str) -> None:
    """Send every logger of the process through one handler. `level` and `format` are those of Settings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATS[format]())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # uvicorn logs each WebSocket at `info` with its query string, and so with the session id, which is a
    # secret.
    logging.getLogger("uvicorn.error").setLevel(max(logging.WARNING, logging.root.level))
    logging.getLogger("asyncio").setLevel(max(logging.WARNING, logging.root.level))
