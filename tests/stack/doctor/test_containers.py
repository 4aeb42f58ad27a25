"""`make doctor` finds nothing wrong with a stack that is well, and names each fault of its containers."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from tests.faults.stack import FaultStack
from tests.stack.doctor.diagnosis import FAR, TLS, doctor
from tests.support.people import ORDINARY, crowd
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, eventually, soon


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
    cli = well.redis_cli
    async with crowd(well.url, ORDINARY, room="lobby") as [ana]:
        await soon(lambda: ana.sees == ["person 0"], what="nobody of another test is left")
        before = cli("--scan", "--pattern", "*rooms of*").splitlines()
        assert (await doctor(well, well.url, **FAR)).status == 0
        await soon(lambda: ana.sees == ["person 0"], what="the doctor is shown no more")
        assert ana.deliveries["response"] == 0
        assert sorted(cli("--scan", "--pattern", "*rooms of*").splitlines()) == sorted(before)


async def test_a_redis_that_somebody_changed(well: Stack) -> None:
    """It would not keep what it acknowledged, would drop what is old, and is nearly full."""
    cli = well.redis_cli
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
    eventually(lambda: healths(well) == {200}, what="all workers are ready again")


async def test_a_worker_that_is_cut_off_from_redis(well: Stack) -> None:
    cut = well.containers("web")[0]
    well.network("back").disconnect(cut)
    eventually(lambda: healths(well) == {200, 503}, what="it knows that it is deaf")
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

    eventually(back, what="Docker starts it again")
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


def healths(stack: Stack) -> set[int]:
    """What the workers themselves answer to GET /health; nginx passes on from one that is not ready."""
    doors = [stack.address(each, "front") for each in stack.containers("web")]
    return {httpx.get(f"http://{door}:8000/health", timeout=PATIENCE).status_code for door in doors}


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
