"""The log: one line per record, whatever is in it."""

import io
import json
import logging
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from chat.events import connection_log
from chat.observe import logs, requests

from tests.unit.wire import Chat


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


@pytest.mark.parametrize("format", ["json", "text"])
def test_no_character_that_steers_a_terminal_gets_through(
    capsys: pytest.CaptureFixture[str], format: str
) -> None:
    """Of C0 or C1, in a message, a fact or an exception's words."""
    sent = "".join(map(chr, [*range(32), *range(127, 160)]))
    logs.configure("info", format)
    try:
        raise ValueError(sent)
    except ValueError:
        logging.getLogger("a").exception("said %s", sent, extra={"about": {"name": sent}})
    said = capsys.readouterr().err.replace("\n", "")
    assert "ValueError" in said
    assert not set(sent) & set(said)


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


def test_facts_stand_beside_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    """With the id of the request that is being answered; in columns for people."""
    requests.current.set("r" * 32)
    said = logging.getLogger("chat.events.connection")
    for format in ("json", "text"):
        logs.configure("info", format)
        said.info("Session opened", extra={"about": {"session": "ab12"}})
        said.info("Rate-limited", extra={"about": {"session": "ab12\n\x1b[2J"}})
    requests.current.set(None)
    opened, _, first, second = capsys.readouterr().err.splitlines()
    assert json.loads(opened)["session"] == "ab12"
    assert json.loads(opened)["request"] == "r" * 32
    assert first.endswith(f"request={'r' * 32} session=ab12")
    assert first.index("request=") == second.index("request=")
    assert "\x1b" not in second


@pytest.mark.parametrize(
    ("terminal", "no_color", "coloured"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_text_is_coloured_only_on_a_terminal_that_wants_it(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, no_color: str, coloured: bool
) -> None:
    """NO_COLOR counts if it is not empty (no-color.org)."""
    shown = io.StringIO()
    monkeypatch.setattr(shown, "isatty", lambda: terminal)
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("NO_COLOR", no_color)
    logs.configure("info", "text")
    logging.getLogger("a").warning("careful")
    assert ("\x1b[33m" in shown.getvalue()) is coloured
    assert ("\x1b" in shown.getvalue()) is coloured


async def test_a_request_is_logged_under_the_id_that_nginx_gave_it(
    chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anything else that comes as an id is replaced; a process without nginx writes a line of each request
    that says something."""
    logs.configure("info", "json")
    given = secrets.token_hex(16)
    await chat.http.get("/nowhere", headers={"X-Request-ID": given})
    await chat.http.get("/", headers={"X-Request-ID": "forged"})
    await chat.http.get("/health/live")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    first, second = [line for line in lines if line["logger"] == "chat.observe.requests"]
    assert (first["message"], first["status"], first["request"]) == ("GET /nowhere", 404, given)
    assert (second["message"], second["status"]) == ("GET /", 200)
    assert re.fullmatch("[0-9a-f]{32}", second["request"])


def test_a_session_that_is_limited_is_said_so_once_a_minute_with_a_count(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And at its end how often in all."""
    caplog.set_level("INFO", logger="chat")
    clock = [1000.0]
    monkeypatch.setattr(connection_log, "monotonic", lambda: clock[0])
    lines = connection_log.ConnectionLog("ab12")
    for _ in range(100):
        lines.limited()
        clock[0] += 1
    lines.closed("flood", "websocket")
    told = [(record.message, about_of(record)) for record in caplog.records]
    assert [about.get("times") for message, about in told if message == "Rate-limited"] == [1, 60]
    assert told[-1][1] == {
        "session": "ab12", "reason": "flood", "transport": "websocket", "seconds": 100.0, "limited": 100,
    }  # fmt: skip


def about_of(record: logging.LogRecord) -> dict[str, Any]:
    about: dict[str, Any] = record.__dict__["about"]
    return about
