"""The log: one line per record, whatever is in it."""

import json
import logging
from collections.abc import Iterator

import pytest
from chat import logs


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """The root logger is put back after each test."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.mark.parametrize("format", ["json", "text"])
def test_a_record_is_one_line_whatever_a_client_sent(capsys: pytest.CaptureFixture[str], format: str) -> None:
    """Neither a line break nor an escape sequence gets through."""
    logs.configure("info", format)
    logging.getLogger("a").info("said %s", "x\r\n2026-01-01 forged \x1b[2J\u2028 end")
    (line,) = capsys.readouterr().err.splitlines()
    assert "\x1b" not in line
    assert "forged" in line


def test_json_has_time_level_logger_and_message_and_an_exception_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its traceback included."""
    logs.configure("info", "json")
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("a.b").exception("it failed")
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["logger"], line["message"]) == ("error", "a.b", "it failed")
    assert line["exception"].endswith("ValueError: broken")
    assert line["at"].endswith("+00:00")


def test_uvicorn_never_logs_session_ids(capsys: pytest.CaptureFixture[str]) -> None:
    """It would with each WebSocket, at `info`."""
    logs.configure("debug", "text")
    logging.getLogger("uvicorn.error").info("WebSocket /sio/socket.io/?sid=secret [accepted]")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    (line,) = capsys.readouterr().err.splitlines()
    assert "Invalid HTTP" in line
