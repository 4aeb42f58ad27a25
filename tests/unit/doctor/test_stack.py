"""What is said of containers, of Redis and its disk, and of versions."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from doctor.containers import (
    judge_applied,
    judge_memory,
    judge_ready,
    judge_restarts,
    judge_running,
    started,
)
from doctor.engine import Container, Stack
from doctor.findings import Outcome
from doctor.storage import (
    amount,
    expected_settings,
    judge_disk,
    judge_durability,
    judge_overcommit,
    judge_writes,
    parse,
)
from doctor.storage import judge_memory as judge_room
from doctor.versions import judge_page, judge_page_files, judge_versions, locked

MB, GB = 2**20, 2**30
WEB = Path(__file__).parents[3] / "web"


def container(
    name: str = "web-1", status: str = "running", health: str = "healthy", restarts: int = 0
) -> Container:
    state = {"Status": status, "StartedAt": "2026-01-01T12:00:00.123456789Z", "Health": {"Status": health}}
    return Container("id", name, "web", state, restarts, GB, "digest")


def test_all_that_is_asked_for_runs_and_is_healthy() -> None:
    both = [container("web-1"), container("web-2")]
    assert judge_running({"web": 2}, both).said == "2 web, all running and healthy"
    assert judge_running({"web": 1}, both).outcome is Outcome.OK, "more are as good"


@pytest.mark.parametrize(
    ("containers", "said"),
    [
        ([], "none of the chat's containers exists"),
        ([container(status="restarting")], "web-1 is restarting"),
        ([container(health="unhealthy")], "web-1 is unhealthy"),
        ([container(health="starting")], "web-1 is starting"),
        ([container(status="exited"), container("web-2")], "web-1 is exited"),
        ([container()], "web has 1 of 2 containers"),
    ],
)
def test_what_does_not_run_well_is_named(containers: list[Container], said: str) -> None:
    found = judge_running({"web": 2 if len(containers) == 1 else 1}, containers)
    assert found.outcome is Outcome.WRONG
    assert said in found.said


def test_a_restart_counts_for_an_hour() -> None:
    crashed = container(restarts=3)
    assert started(crashed) == datetime(2026, 1, 1, 12, tzinfo=UTC)
    found = judge_restarts([crashed], datetime(2026, 1, 1, 12, 5, tzinfo=UTC))
    assert found.outcome is Outcome.WRONG
    assert "web-1 3 times, last 5 min ago" in found.said
    assert judge_restarts([crashed], datetime(2026, 1, 1, 14, tzinfo=UTC)).outcome is Outcome.OK
    assert judge_restarts([container()], datetime(2026, 1, 1, 12, 5, tzinfo=UTC)).outcome is Outcome.OK


def test_a_container_near_its_memory_limit_is_named() -> None:
    assert judge_memory({"web-1": 0.2, "redis-1": 0.5}).said == "at most 50% of its limit (redis-1)"
    found = judge_memory({"web-1": 0.95, "redis-1": 0.5})
    assert found.outcome is Outcome.WRONG
    assert "web-1 95%" in found.said


def test_a_worker_that_is_not_ready_is_named_with_its_reason() -> None:
    assert judge_ready({"web-1": "200 \n", "web-2": "200 \n"}).outcome is Outcome.OK
    found = judge_ready({"web-1": "200 \n", "web-2": "503 Redis is away\n"})
    assert found.said == "web-2: 503 Redis is away; expected 200"
    assert judge_ready({}).outcome is Outcome.WRONG


def test_settings_that_wait_are_worth_a_look() -> None:
    assert judge_applied({"web": "digest"}, [container()]).outcome is Outcome.OK
    assert "web-1 runs with other settings" in judge_applied({"web": "other"}, [container()]).said


def test_the_access_code_is_read_as_compose_reads_it() -> None:
    stack = Stack("chat", {"web": {"environment": {"ACCESS_CODE": "open", "SECRET_KEY": None}}}, ())
    assert [stack.setting("web", name) for name in ("ACCESS_CODE", "SECRET_KEY", "OTHER")] == ["open", "", ""]


def test_redis_is_held_to_its_configuration() -> None:
    expected = expected_settings()
    assert expected == {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
    assert {each.outcome for each in judge_durability(expected, expected)} == {Outcome.OK}
    found = judge_durability({"appendonly": "no", "appendfsync": "always"}, expected)
    assert [each.outcome for each in found] == [Outcome.WRONG, Outcome.OK, Outcome.UNKNOWN]
    assert "no; expected yes" in found[0].said


def test_what_redis_says_is_read_line_by_line() -> None:
    assert parse("# Memory\r\nused_memory:5\r\n\r\nappendonly:yes\n") == {
        "used_memory": "5",
        "appendonly": "yes",
    }


def test_a_write_that_failed_is_told() -> None:
    assert judge_writes({"aof_last_write_status": "ok"}).outcome is Outcome.OK
    assert "last write" in judge_writes({"aof_last_write_status": "err"}).said
    assert "last rewrite" in judge_writes({"aof_last_bgrewrite_status": "err"}).said
    assert "loading" in judge_writes({"loading": "1"}).said


@pytest.mark.parametrize(
    ("used", "most", "limit", "outcome"),
    [
        (10 * MB, 768 * MB, GB, Outcome.OK),
        (600 * MB, 768 * MB, GB, Outcome.LOOK),
        (700 * MB, 768 * MB, GB, Outcome.WRONG),
        (10 * MB, 0, GB, Outcome.WRONG),
        (10 * MB, 800 * MB, GB, Outcome.LOOK),
        (10 * MB, 1000 * MB, GB, Outcome.LOOK),
        (10 * MB, 1000 * MB, 0, Outcome.OK),
    ],
)
def test_redis_needs_room_in_its_limit_and_the_limit_in_the_container(
    used: int, most: int, limit: int, outcome: Outcome
) -> None:
    assert judge_room({"used_memory": str(used), "maxmemory": str(most)}, limit).outcome is outcome


def test_the_disk_holds_the_log_once_more() -> None:
    assert judge_disk(100 * GB, 20 * GB, 5 * GB).outcome is Outcome.OK
    assert judge_disk(100 * GB, 500 * MB, 5 * MB).outcome is Outcome.WRONG
    full = judge_disk(100 * GB, 4 * GB, 5 * GB)
    assert "4.0 GB of 100.0 GB are free where the log (5.0 GB) is written; expected 5.0 GB" in full.said
    assert amount(4000) == "4 kB"


def test_overcommit_is_one() -> None:
    assert judge_overcommit("1").outcome is Outcome.OK
    assert judge_overcommit("0").outcome is Outcome.LOOK


def test_the_page_and_its_files_are_of_one_release() -> None:
    assert judge_page_files("0123456789ab", 200, "public, max-age=31536000, immutable").outcome is Outcome.OK
    assert "of another" in judge_page_files("0123456789ab", 200, "no-cache").said
    assert "answered 404" in judge_page_files("0123456789ab", 404, "").said
    assert judge_page({"0123456789ab"}, "0123456789ab").outcome is Outcome.OK
    assert judge_page({"0123456789ab", "ffffffffffff"}, "0123456789ab").outcome is Outcome.WRONG
    assert judge_page({"ffffffffffff"}, "0123456789ab").outcome is Outcome.LOOK


@pytest.mark.parametrize(
    ("version", "pinned", "outcome"),
    [
        ("1.30.6", "1.30", Outcome.OK),
        ("1.31.0", "1.30", Outcome.WRONG),
        ("1.300", "1.30", Outcome.WRONG),
        ("8.1.0", "8.1.0", Outcome.OK),
        ("none", "8.1.0", Outcome.WRONG),
    ],
)
def test_a_version_is_as_pinned_or_a_patch_of_it(version: str, pinned: str, outcome: Outcome) -> None:
    assert judge_versions("packages", {"it": version}, {"it": pinned}).outcome is outcome


def test_the_lock_file_is_read_whole() -> None:
    """Each package without a condition; that it names the one we build on shows that the form is known."""
    text = (WEB / "requirements.txt").read_text()
    found = locked(text)
    assert len(found) == sum("==" in line and ";" not in line for line in text.splitlines())
    assert found["python-socketio"] == "5.18.1"
