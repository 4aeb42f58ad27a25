"""`make doctor` says what it could not see of an address, and why."""

import socket
from collections import Counter

from tests.stack.doctor.diagnosis import FAR, doctor, run
from tests.stack.test_settings import worker
from tests.support.stack import Stack


async def test_an_address_where_nobody_is(well: Stack) -> None:
    found = await doctor(well, "http://127.0.0.1:9", **FAR)
    assert (list(found.wrong), found.status) == (["reachable"], 1)
    assert "refuses the connection" in found.wrong["reachable"]
    said = Counter(each["said"] for each in found.findings if each["outcome"] == "skipped")
    assert said["not checked: the address does not answer"] == 3
    assert sum(said.values()) == 6, "and nothing passes for checked that needs Docker"


async def test_an_address_that_takes_connections_and_never_answers(well: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = await doctor(well, f"http://127.0.0.1:{silent.getsockname()[1]}", **FAR)
    assert "gives no answer within 5 s" in found.wrong["reachable"]
    assert found.took < 15


async def test_an_access_code_that_is_not_known_here(well: Stack) -> None:
    """It is said plainly that nothing was seen of the sessions; with the code they are, and it is never
    shown."""
    with worker(well, ACCESS_CODE="open sesame") as http:
        url = str(http.base_url)
        without_code = await doctor(well, url, **FAR)
        wrong_code = await doctor(well, url, **FAR, ACCESS_CODE="guess what")
        with_code = await doctor(well, url, **FAR, ACCESS_CODE="open sesame")
    assert "none is known here" in without_code.named("unknown")["sessions"]
    assert "is not this chat's" in wrong_code.named("unknown")["sessions"]
    assert {"sticky polling", "WebSocket"} <= with_code.named("ok").keys()
    assert "there is no second worker" in with_code.named("ok")["heard by all"]
    assert "sesame" not in with_code.printed
    assert "guess" not in wrong_code.printed


async def test_wrong_use_is_told_apart(well: Stack) -> None:
    for arguments, environment in ((["chat.example.org"], {}), ([], FAR)):
        process = await run(well, arguments, environment)
        printed, complained = await process.communicate()
        assert (process.returncode, printed) == (2, b"")
        assert b"expected" in complained
