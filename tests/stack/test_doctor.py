"""`make doctor` finds nothing wrong with a stack that is well, and names each of the faults planted here."""

import asyncio
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.stack import FaultStack
from tests.stack.test_settings import worker
from tests.support.authority import Authority
from tests.support.people import ORDINARY, crowd
from tests.support.proxy import Proxy, Rewrite, replacing, without
from tests.support.stack import REPOSITORY, Stack
from tests.support.waiting import eventually, soon

FAR = {"DOCKER_HOST": "unix:///nowhere"}
"""As on a machine that has only the address."""
TLS = "AUTHORITY" in os.environ
"""Whether the stack under test speaks TLS, with a certificate of the tests' authority (tests/test.sh)."""


class Diagnosis:
    """What the doctor said, by the names of the checks."""

    def __init__(self, status: int, printed: str, took: float) -> None:
        self.status = status
        self.printed = printed
        self.took = took
        self.findings: list[dict[str, str]] = json.loads(printed)["findings"]

    def named(self, *outcomes: str) -> dict[str, str]:
        """What was said by the checks that came out so."""
        return {each["name"]: each["said"] for each in self.findings if each["outcome"] in outcomes}

    @property
    def wrong(self) -> dict[str, str]:
        return self.named("wrong")


async def doctor(stack: Stack, url: str = "", **environment: str) -> Diagnosis:
    """Run it as `make doctor` does, on this stack, or on what has that address."""
    begun = time.monotonic()
    process = await run(stack, ["--json", *([url] if url else [])], environment)
    printed, complained = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode in (0, 1, 2), complained.decode()) == (True, "")
    return Diagnosis(process.returncode or 0, printed.decode(), time.monotonic() - begun)


async def run(stack: Stack, arguments: list[str], environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "doctor",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "PYTHONPATH": f"{REPOSITORY}/web:{REPOSITORY}/setup",
            "COMPOSE_PROJECT_NAME": stack.project,
            "COMPOSE_ENV_FILES": os.devnull,
        }
        | {name: os.environ[name] for name in ("SSL_CERT_FILE",) if name in os.environ}
        | stack.settings
        | environment,
    )


@pytest.fixture
def well(stack: Stack) -> Stack:
    """A stack that no test broke within the hour."""
    for container in stack.containers():
        if container.attrs["RestartCount"]:
            container.remove(force=True)
    stack.mend()
    return stack


@pytest.fixture(scope="module")
def trusting(whole_stack: Stack) -> Iterator[Stack]:
    """A stack that believes the proxy on this machine."""
    up = "up", "--detach", "--wait", "--wait-timeout", "60"
    whole_stack.mend()
    whole_stack.compose(*up, TRUSTED_PROXIES="host")
    whole_stack.wait_until_routed()
    yield whole_stack
    whole_stack.compose(*up)


async def test_a_stack_that_is_well_passes_whole(well: Stack) -> None:
    """Every check there is was made; only the host's own settings may be worth a look."""
    found = await doctor(well)
    assert (found.named("wrong", "unknown"), found.status) == ({}, 0)
    assert found.named("skipped").keys() == ({"plain http"} if TLS else set())
    assert found.named("look").keys() <= {"overcommit", "disk"}
    assert {each["name"] for each in found.findings} == {
        *("reachable", "health", "clock", "plain http", "access code"),
        *("security headers", "cookie", "origins", "metrics"),
        *("sticky polling", "WebSocket", "upgrade", "workers", "heard by all"),
        *("page and files", "Socket.IO client"),
        *("running", "workers ready", "restarts", "memory", "settings"),
        *("answers", "appendonly", "appendfsync", "maxmemory-policy", "writes", "room for messages"),
        *(("certificate", "hsts") if TLS else ()),
        *("disk", "overcommit", "packages", "release", "nginx image", "redis image", "python image"),
    }


async def test_it_disturbs_nobody_and_leaves_nothing_behind(well: Stack) -> None:
    """Those who talk hear nothing of it, nobody of its own stays, and Redis remembers no guest."""
    cli = FaultStack(well.project, well.listen).redis_cli
    async with crowd(well.url, ORDINARY) as [ana]:
        before = cli("--scan", "--pattern", "*rooms of*").splitlines()
        assert (await doctor(well, well.url, **FAR)).status == 0
        await soon(lambda: ana.sees == ["person 0"], within=10, what="the doctor is shown no more")
        assert not ana.heard
        assert sorted(cli("--scan", "--pattern", "*rooms of*").splitlines()) == sorted(before)


async def test_a_redis_that_somebody_changed(well: Stack) -> None:
    """It would not keep what it acknowledged, would drop what is old, and is nearly full."""
    cli = FaultStack(well.project, well.listen).redis_cli
    used = re.search(r"used_memory:(\d+)", cli("INFO", "memory"))
    assert used
    with changed(
        cli,
        appendonly="no",
        appendfsync="everysec",
        maxmemory=str(int(int(used[1]) * 1.05)),
        **{"maxmemory-policy": "volatile-ttl"},
    ):
        found = await doctor(well)
    assert found.status == 1
    for name, said in (
        ("appendonly", "no; expected yes"),
        ("appendfsync", "everysec; expected always"),
        ("maxmemory-policy", "volatile-ttl; expected noeviction"),
        ("room for messages", "expected at most 90%"),
    ):
        assert said in found.wrong[name]


async def test_a_redis_that_hangs(well: Stack) -> None:
    """It accepts connections and answers none, which Docker does not know for half a minute."""
    redis = well.container("redis")
    stack = FaultStack(well.project, well.listen)
    process = redis.attrs["State"]["Pid"]
    stack.beside(redis, f"kill -STOP {process}", pid_mode="host")
    try:
        found = await doctor(well)
    finally:
        stack.beside(redis, f"kill -CONT {process}", pid_mode="host")
    assert found.wrong.keys() >= {"answers", "heard by all"}
    assert "is silent for 3 s" in found.wrong["answers"]
    assert "unavailable" in found.wrong["heard by all"]
    assert found.took < 30
    eventually(lambda: healths(well) == {200}, within=10, what="all workers are ready again")


async def test_a_worker_that_is_cut_off_from_redis(well: Stack) -> None:
    cut = well.containers("web")[0]
    well.network("back").disconnect(cut)
    eventually(lambda: healths(well) == {200, 503}, within=10, what="it knows that it is deaf")
    found = await doctor(well)
    assert found.wrong.keys() >= {"workers ready", "heard by all"}
    assert f"{cut.name}: 503" in found.wrong["workers ready"]
    assert str(cut.name) in found.wrong["heard by all"]
    assert str(well.containers("web")[1].name) not in found.wrong["workers ready"]


async def test_a_worker_that_crashed_and_one_that_is_gone(well: Stack) -> None:
    crashed, gone = well.containers("web")
    FaultStack(well.project, well.listen).kill(crashed)
    gone.stop(timeout=1)

    def back() -> bool:
        crashed.reload()
        return bool(crashed.attrs["RestartCount"] and crashed.status == "running")

    eventually(back, within=10, what="Docker starts it again")
    found = await doctor(well)
    assert f"{crashed.name} 1 times" in found.wrong["restarts"]
    assert f"{gone.name} is exited" in found.wrong["running"]
    crashed.remove(force=True)


async def test_a_disk_that_is_nearly_full(well: Stack) -> None:
    """A small file system over the volume, for Redis' eyes only."""
    stack, redis = FaultStack(well.project, well.listen), well.container("redis")
    enter = f"nsenter --target {redis.attrs['State']['Pid']} --mount"
    stack.beside(redis, f"{enter} mount -t tmpfs -o size=8m none /data", pid_mode="host", privileged=True)
    try:
        found = await doctor(well)
    finally:
        stack.beside(redis, f"{enter} umount /data", pid_mode="host", privileged=True)
    assert list(found.wrong) == ["disk"]
    assert "8.0 MB of 8.0 MB are free" in found.wrong["disk"]


async def test_settings_that_wait_for_the_next_start(well: Stack) -> None:
    """Among them a port that is open to all, and no access code."""
    found = await doctor(well, MESSAGE_MAX_CHARS="99", LISTEN=well.listen.replace("127.0.0.1", "0.0.0.0"))
    assert (found.wrong, found.status) == ({}, 0)
    looks = found.named("look")
    assert looks.keys() >= {"settings", "access code", *(() if TLS else ("plain http",))}
    assert f"{well.project}-web-1" in looks["settings"]


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


async def test_a_proxy_that_drops_the_upgrade(well: Stack) -> None:
    async with proxy_to(well, request=without("Upgrade")) as proxy:
        found = await doctor(well, proxy.url, **FAR)
    assert list(found.wrong) == ["WebSocket", "upgrade"]
    assert "Browsers stay on polling" in found.wrong["upgrade"]


async def test_a_proxy_that_picks_workers_by_itself(well: Stack) -> None:
    addresses = [f"{well.address(each, 'front')}:8000" for each in well.containers("web")]
    async with Proxy(*addresses) as proxy:
        found = await doctor(well, proxy.url, **FAR)
    assert "reached a worker that does not know the session" in found.wrong["sticky polling"]


async def test_a_proxy_that_strips_the_content_security_policy(well: Stack) -> None:
    async with proxy_to(well, answer=without("Content-Security-Policy")) as proxy:
        found = await doctor(well, proxy.url, **FAR)
    assert list(found.wrong) == ["security headers"]
    assert "Content-Security-Policy is missing" in found.wrong["security headers"]


async def test_a_proxy_that_does_not_pass_the_host(well: Stack) -> None:
    async with proxy_to(well, request=replacing("Host", "backend")) as proxy:
        found = await doctor(well, proxy.url, **FAR)
    assert "answered 400; expected 200" in found.wrong["origins"]


async def test_a_clock_that_is_wrong(well: Stack) -> None:
    past = "Sun, 01 Jan 2023 00:00:00 GMT"
    async with proxy_to(well, answer=replacing("Date", past)) as proxy:
        found = await doctor(well, proxy.url, **FAR)
    assert list(found.wrong) == ["clock"]
    assert "days behind the clock here" in found.wrong["clock"]


async def test_a_cache_that_keeps_the_page_of_an_old_release(well: Stack) -> None:
    def old(body: bytes) -> bytes:
        return re.sub(rb"/static/[0-9a-f]{12}/", b"/static/0123456789ab/", body)

    async with proxy_to(well, request=without("Accept-Encoding"), body=old) as proxy:
        found = await doctor(well, proxy.url, **FAR)
    assert list(found.wrong) == ["page and files"]
    assert "0123456789ab" in found.wrong["page and files"]


async def test_tls_in_front_that_is_well(trusting: Stack, certificates: Path) -> None:
    """The address is seen to lead to the containers here, hence all is checked."""
    async with tls_proxy(trusting, certificates, "good") as proxy:
        trusted = {"SSL_CERT_FILE": str(certificates / "good.pem"), "TRUSTED_PROXIES": "host"}
        found = await doctor(trusting, proxy.url, **trusted)
    assert (found.wrong, found.status) == ({}, 0)
    assert "for 99 more days" in found.named("ok")["certificate"]
    assert {"WebSocket", "appendfsync"} <= found.named("ok").keys()
    assert "hsts" in found.named("look", "ok")


@pytest.mark.parametrize(
    ("name", "said"),
    [("expired", "has expired"), ("other", "is for another"), ("good", "is signed by itself")],
)
async def test_a_certificate_that_browsers_refuse(
    trusting: Stack, certificates: Path, name: str, said: str
) -> None:
    trusted = {"SSL_CERT_FILE": str(certificates / f"{name}.pem")} if name != "good" else {}
    async with tls_proxy(trusting, certificates, name) as proxy:
        found = await doctor(trusting, proxy.url, **FAR, **trusted)
    assert list(found.wrong) == ["certificate"], "what is behind it was looked at all the same"
    assert said in found.wrong["certificate"]


@pytest.mark.skipif(TLS, reason="with TLS of its own the stack need not believe anybody about the scheme")
async def test_a_proxy_in_front_that_nobody_named(well: Stack, certificates: Path) -> None:
    """What it says of the scheme is not believed, and browsers get no connection."""
    async with tls_proxy(well, certificates, "good") as proxy:
        found = await doctor(well, proxy.url, **FAR, SSL_CERT_FILE=str(certificates / "good.pem"))
    assert {"cookie", "origins"} <= found.wrong.keys()
    assert "TRUSTED_PROXIES" in found.printed


async def test_an_access_code_that_is_not_known_here(well: Stack) -> None:
    """It is said plainly that nothing was seen of the sessions; with the code they are, and it is never"
    " shown."""
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


def healths(stack: Stack) -> set[int]:
    """What the workers themselves answer to GET /health; nginx passes on from one that is not ready."""
    doors = [stack.address(each, "front") for each in stack.containers("web")]
    return {httpx.get(f"http://{door}:8000/health", timeout=3).status_code for door in doors}


@contextmanager
def changed(cli: Callable[..., str], **settings: str) -> Iterator[None]:
    """Redis with other settings, for a while."""
    before = {name: cli("CONFIG", "GET", name).splitlines()[1] for name in settings}
    try:
        for name, value in settings.items():
            cli("CONFIG", "SET", name, value)
        yield
    finally:
        for name, value in before.items():
            cli("CONFIG", "SET", name, value)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates that trust themselves: a good one, one that expired, and one for another address."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, address, last in (
        ("good", "127.0.0.1", ("-days", "100")),
        ("other", "127.0.0.2", ("-days", "100")),
        ("expired", "127.0.0.1", ("-not_before", "20230101000000Z", "-not_after", "20230201000000Z")),
    ):
        subprocess.run(
            [
                *(
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes",
                ),
                *("-subj", "/CN=chat", "-addext", f"subjectAltName=IP:{address}", *last),
                *("-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"),
            ],
            check=True,
            capture_output=True,
        )
    return folder


@asynccontextmanager
async def tls_proxy(stack: Stack, certificates: Path, name: str) -> AsyncIterator[Proxy]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
    https = replacing("X-Forwarded-Proto", "https")
    async with Proxy(stack.listen, request=https, tls=context, onward=trust()) as proxy:
        yield proxy


def trust() -> ssl.SSLContext | None:
    """Whom a client of the stack has to trust."""
    return ssl.create_default_context() if TLS else None


@asynccontextmanager
async def proxy_to(stack: Stack, **rewrites: Rewrite) -> AsyncIterator[Proxy]:
    """A proxy that speaks as the stack does, to either side."""
    shown = None
    if TLS:
        shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        folder = Path(os.environ["AUTHORITY"])
        Authority(folder).signs()
        shown.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")
    async with Proxy(stack.listen, **rewrites, tls=shown, onward=trust()) as proxy:
        yield proxy
