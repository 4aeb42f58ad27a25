"""What docs/reusing-relay.md says of relay under another application holds."""

import ast
import asyncio
import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from wsgiref.util import request_uri

import httpx
import pytest
import relay
import socketio

from tests.support import relay_document
from tests.support.noticeboard import EXAMPLE, ROOT, Reader, command, lay_out, running
from tests.support.served import Served
from tests.support.waiting import PATIENCE, soon


async def test_the_example_runs_with_what_the_wheel_holds(tmp_path: Path, wheel: Path) -> None:
    """Two clients hear each other in order; one goes, and is told what it missed when it comes back."""
    lay_out(tmp_path, wheel)
    async with running(tmp_path) as url:
        ana, ben = Reader("websocket"), Reader("polling")
        for reader in (ana, ben):
            await reader.connect(url)
            assert (await reader.join("hall"))["notices"] == []
        answers = [await (ana, ben)[n % 2].post("hall", f"notice {n}") for n in range(6)]
        assert [answer["seq"] for answer in answers] == [1, 2, 3, 4, 5, 6]
        for reader in (ana, ben):
            await soon(lambda r=reader: len(r.heard) >= 6, what="all six to be heard")  # type: ignore[misc]
            assert reader.texts == [f"notice {n}" for n in range(6)]
            assert reader.numbers == [1, 2, 3, 4, 5, 6]

        await ben.sio.disconnect()
        await ana.post("hall", "while ben was away")
        await ana.post("elsewhere", "on another board")
        back = Reader()
        await back.connect(url)
        missed = await back.join("hall", 6, answers[0]["epoch"])
        assert [(each["seq"], each["text"]) for each in missed["notices"]] == [(7, "while ben was away")]
        assert (missed["reset"], missed["more"]) == (False, False)
        await back.post("hall", "back again")
        for reader in (ana, back):
            await soon(lambda r=reader: r.numbers[-1:] == [8], what="the last to be heard")  # type: ignore[misc]
        assert back.texts == ["back again"]
        for reader in (ana, back):
            await reader.sio.disconnect()


async def test_the_example_keeps_a_notice_once_and_starts_over_after_a_lost_log(
    tmp_path: Path, wheel: Path
) -> None:
    """A repeated id gets the first answer; a place in a log that is gone is answered with all there is."""
    lay_out(tmp_path, wheel)
    async with running(tmp_path) as url:
        ana = Reader()
        await ana.connect(url)
        await ana.join("hall")
        first = await ana.post("hall", "once", "id-1")
        assert await ana.post("hall", "once", "id-1") == first
        assert (await ana.post("hall", "twice"))["seq"] == 2
        await soon(lambda: ana.texts == ["once", "twice"], what="each to be heard once")
        again = await ana.join("hall", 40, "another epoch")
        assert again["reset"]
        assert [each["seq"] for each in again["notices"]] == [1, 2]
        await ana.sio.disconnect()


async def test_the_example_runs_while_its_files_are_watched(tmp_path: Path, wheel: Path) -> None:
    lay_out(tmp_path, wheel)
    async with running(tmp_path, UVICORN_RELOAD="true") as url:
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=url, verify=False) as client:
            while True:  # it says that it runs before the process that serves is there
                with suppress(httpx.ConnectError):
                    answer = await client.get("/socket.io/?EIO=4&transport=polling")
                    break
                await asyncio.sleep(0.05)
        assert answer.status_code == 200


def test_the_document_shows_the_example_word_by_word() -> None:
    assert EXAMPLE.read_text() in relay_document.blocks("python")


def test_the_example_has_thirty_lines_of_code() -> None:
    """Without its first line, blank ones and those with a comment only."""
    lines = EXAMPLE.read_text().splitlines()
    assert ast.get_docstring(ast.parse("\n".join(lines)))
    code = [line for line in lines[1:] if line.strip() and not line.strip().startswith("#")]
    assert len(code) <= 30


def test_the_page_of_features_names_every_public_name() -> None:
    page = (relay_document.DOCS / "relay-features.md").read_text()
    missing = [name for name in relay.__all__ if f"`{name}`" not in page]
    assert missing == []


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_a_wsgi_framework_can_read_a_handshake(transport: str) -> None:
    """What Flask's `request_context` takes its request, its session and its user from."""
    [scheme] = re.findall(
        r'about = \{("wsgi\.url_scheme": "http"), "wsgi.errors": sys.stderr\}',
        relay_document.text(),
    )
    came: list[dict[str, Any]] = []
    async with Served() as served:
        served.server.on("connect", lambda sid, environ: came.append(environ))
        await served.visitor(transport=transport, headers={"Cookie": "session=7"})
    environ = ast.literal_eval("{" + scheme + "}") | came[0]
    assert request_uri(environ).startswith(f"{served.url}/socket.io/?transport={transport}&")
    assert (environ["REQUEST_METHOD"], environ["HTTP_COOKIE"]) == ("GET", "session=7")


async def test_a_server_knows_by_which_route_a_client_is_reached() -> None:
    """A client knows it as the beginning of its session's id."""
    async with Served() as served:
        visitor = await served.visitor()
        environ = served.server.get_environ(visitor.sid())
        assert environ is not None
        assert relay.route_of(environ["asgi.scope"]["server"]) == visitor.sio.eio.sid[:32]


@pytest.mark.parametrize("before", [0, 3])
async def test_whose_history_is_elsewhere_hears_what_came_after_it(before: int) -> None:
    """Who has taken the head before the history misses nothing, also in a log that had no entries."""
    log = relay.Relay.in_memory().log
    for number in range(before):
        await log.append("hall", relay.Post(f"id-{number}", b"known"))
    head = await log.head("hall")
    await log.append("hall", relay.Post("id-new", b"while the history was read"))
    without = relay.Relay.in_memory()
    without.log = log
    page, reset = await without.resume("hall", after=head.seq, epoch=head.epoch or None)
    assert ([entry.id for entry in page.entries], reset) == (["id-new"], False)


async def test_pythons_client_waits_for_a_slow_connect_whenever_it_connects() -> None:
    """With the method that the document has for it; upstream's waits for one second when it connects
    again."""
    text = " ".join(relay_document.text().split())
    [method] = re.findall(r"With `(async def connect.*?)` in a class", text)
    names: dict[str, Any] = {"socketio": socketio}
    exec(f"class Client(socketio.AsyncClient):\n    {method}", names)
    async with Served() as served:
        refused: list[object] = []
        came: list[str] = []

        async def connect(sid: str, environ: object) -> None:
            await asyncio.sleep(1.3)
            came.append(sid)

        served.server.on("connect", connect)
        client = names["Client"](reconnection_delay=0.01, randomization_factor=0)
        client.on("connect_error", refused.append)
        await client.connect(served.url, transports=["websocket"])
        await served.server.close_sessions()
        await soon(lambda: len(came) == 2 and client.connected, what="it to connect again")
        assert refused == []
        await client.disconnect()


async def test_a_record_is_changed_and_read_as_the_document_has_it() -> None:
    lines = relay_document.block("python", "await relay.records.change(").splitlines()
    names: dict[str, Any] = {
        "relay": relay.Relay.in_memory(),
        "user": "ana",
        "Put": relay.Put,
        "Ask": relay.Ask,
        "Drop": relay.Drop,
    }
    body = "\n".join(f"    {line}" for line in lines)
    exec(f"async def run():\n{body}\n    return settings", names)
    settings = await names["run"]()
    assert lines[1].endswith(f"# {settings}".replace("'", '"'))
    assert await names["relay"].records.read(relay.Ask("ana", "settings of ana")) == [{}]


async def test_a_relay_in_memory_without_a_server_finds_nobody() -> None:
    """For tests of HTTP routes that use one."""
    without = relay.Relay.in_memory()
    await without.remove("hall", sid="nobody")
    await without.remove("hall", group="user 7")
    await without.emit_volatile("typing", 1, "hall")
    await without.emit_to_group("told", 1, "user 7")
    await without.disconnect_group("user 7")
    assert without.problem() is None


def test_the_deployment_runs_the_documents_command_and_the_chats_images() -> None:
    """The example of a compose file begins an application as the document does, for other machines too."""
    text = EXAMPLE.with_name("docker-compose.yml").read_text()
    [begun] = re.findall(r"command: >\n +(uvicorn .*\n +.*)\n", text)
    assert ["python", "-m", *begun.replace("--host 0.0.0.0 ", "").split(), "--port", "0"] == command("python")
    for image in re.findall(r"(?:FROM|image:) (\S+)", text):
        folder = {"nginx": "nginx", "python": "web", "redis": "redis"}[image.partition(":")[0]]
        assert f"FROM {image}\n" in (ROOT / folder / "Dockerfile").read_text()
