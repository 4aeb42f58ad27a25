"""Each alert fires when what it is about happens for real, says what to do, and is over when that is."""

import re
from typing import Any

import httpx
import pytest

import redis
from tests.alerts.cluster import FIRST, cluster_of
from tests.alerts.conftest import WatchedStack
from tests.support.session import Session
from tests.support.stack import REPOSITORY
from tests.support.waiting import eventually


def fires(stack: WatchedStack, name: str, within: float = 45) -> list[dict[str, Any]]:
    """Wait until an alert fires; return it, once for each thing that it is about."""
    return eventually(lambda: stack.firing().get(name), within=within, what=f"{name} fires") or []


def instance(stack: WatchedStack, number: int) -> str:
    return stack.address(stack.containers("web")[number], "front") + ":8000"


def redis_of(stack: WatchedStack) -> redis.Redis:
    """Redis itself, past its network's door, as its administrator."""
    container = stack.container("redis")
    _, password = container.exec_run(["/usr/bin/cat", "/run/redis/admin-password"])
    return redis.Redis(stack.address(container, "back"), username="admin", password=password.decode())


def test_a_worker_that_stops(watched: WatchedStack) -> None:
    watched.containers("web")[0].stop(timeout=1)
    (alert,) = fires(watched, "WorkerMissing")
    assert "1 workers answer" in alert["annotations"]["summary"]


def test_a_worker_that_hangs(watched: WatchedStack) -> None:
    """It is still there for Docker and for DNS."""
    watched.containers("web")[0].pause()
    fires(watched, "WorkerMissing")


def test_no_worker_at_all(watched: WatchedStack) -> None:
    """When there is nobody left to say how many there should be."""
    for worker in watched.containers("web"):
        worker.stop(timeout=1)
    (alert,) = fires(watched, "WorkerMissing")
    assert alert["annotations"]["summary"].startswith("0 workers")


def test_nginx_stops(watched: WatchedStack) -> None:
    watched.container("nginx").stop(timeout=1)
    fires(watched, "NginxDown")


def test_a_host_has_no_workers_any_more(watched: WatchedStack) -> None:
    """There are enough on the other one."""
    elsewhere = f"extends: {{file: {REPOSITORY}/docker-compose.yml, service: web}}"
    watched.override(
        "  web: {environment: {NODE_NAME: here}}\n"
        f"  elsewhere: {{{elsewhere}, environment: {{NODE_NAME: there}}, deploy: {{replicas: 1}},\n"
        "    networks: {front: {aliases: [web]}, back: }}\n"
    )
    try:
        watched.compose("up", "--build", "--detach", "--wait", "web", "elsewhere")
        eventually(lambda: watched.answering()["web"] == 3, within=30, what="all three workers answer")
        watched.container("elsewhere").stop(timeout=1)
        alerts = fires(watched, "HostWithoutWorkers")
    finally:
        watched.restore()
        watched.forget()
    assert [alert["labels"]["node"] for alert in alerts] == ["there"]


def test_a_shard_is_away(watched: WatchedStack) -> None:
    """No worker is deaf: they hear themselves through the others."""
    with cluster_of(watched) as cluster:
        cluster.stop(FIRST + 1, cluster.replica_of(FIRST + 1))
        (alert,) = fires(watched, "ShardAway")
        assert "BusDeaf" not in watched.firing()
    assert alert["labels"]["shard"] == f"{cluster.address}:{FIRST + 1}"
    assert "does not answer 2 workers" in alert["annotations"]["summary"]


def test_a_shard_has_fewer_replicas_than_asked_for(watched: WatchedStack) -> None:
    with cluster_of(watched) as cluster:
        cluster.stop(cluster.replica_of(FIRST))
        (alert,) = fires(watched, "ReplicasMissing")
        assert "ShardAway" not in watched.firing()
    assert alert["labels"]["shard"] == f"{cluster.address}:{FIRST}"


def test_one_worker_is_cut_off_from_redis(watched: WatchedStack) -> None:
    """The alert names it, and only it."""
    deaf = instance(watched, 0)
    watched.network("back").disconnect(watched.containers("web")[0])
    assert [alert["labels"]["instance"] for alert in fires(watched, "BusDeaf")] == [deaf]


def test_redis_hangs(watched: WatchedStack) -> None:
    """It is every worker's bus that is deaf."""
    watched.container("redis").pause()
    eventually(
        lambda: len(watched.firing().get("BusDeaf", ())) == 2,
        within=45,
        what="BusDeaf fires for both workers",
    )
    watched.container("redis").unpause()


def test_a_worker_gets_too_little_of_the_cpu(watched: WatchedStack) -> None:
    """A tenth of each second, which others in its container want as well."""
    starved, worker = instance(watched, 0), watched.containers("web")[0]
    for _ in range(2):
        worker.exec_run(["/usr/local/bin/python", "-c", "while True: pass"], detach=True)
    worker.update(cpu_period=1_000_000, cpu_quota=100_000)
    try:
        late = fires(watched, "LoopLag", within=90)
    finally:
        worker.remove(force=True)
    assert [alert["labels"]["instance"] for alert in late] == [starved]


def test_redis_is_almost_full(watched: WatchedStack) -> None:
    with redis_of(watched) as client:
        (limit,) = client.config_get("maxmemory").values()
        client.config_set("maxmemory", int(client.info("memory")["used_memory"] / 0.9))
        try:
            (alert,) = fires(watched, "RedisMemoryLow")
        finally:
            client.config_set("maxmemory", limit)
    assert re.search(r"has filled (8[5-9]|9\d)\.?\d*% of its memory", alert["annotations"]["summary"])


def test_redis_cannot_rewrite_its_file(watched: WatchedStack) -> None:
    """The kernel lets it have no process more, which the rewriting needs."""
    container = watched.container("redis")
    with redis_of(watched) as client:
        threads = sum(len(process) > 0 for process in container.top(ps_args="-eLo pid,uid,args")["Processes"])
        watched.docker.api._post_json(
            watched.docker.api._url("/containers/{0}/update", container.id), data={"PidsLimit": threads}
        ).raise_for_status()
        with pytest.raises(redis.ResponseError):
            client.bgrewriteaof()
        fires(watched, "RedisFileFailing")
    container.remove(force=True)


def test_the_disk_under_redis_is_slow(watched: WatchedStack) -> None:
    """Two writes a second, by the kernel's own limit."""
    _, mounts = watched.container("redis").exec_run(["/usr/bin/cat", "/proc/mounts"])
    device = next(line.split()[0] for line in mounts.decode().splitlines() if line.split()[1] == "/data")
    watched.override(f"  redis: {{blkio_config: {{device_write_iops: [{{path: {device}, rate: 2}}]}}}}\n")
    watched.compose("up", "--detach", "redis")
    try:
        fires(watched, "RedisSyncSlow", within=60)
    finally:
        watched.override()
        watched.container("redis").remove(force=True)
        watched.compose("up", "--detach", "redis")
    eventually(lambda: watched.health().status_code == 200, within=30, what="the workers are back on Redis")


def test_each_alert_is_fired_here_and_says_what_to_do(watched: WatchedStack) -> None:
    """An alert that nobody caused may never fire, and one without a runbook only wakes people up."""
    here = (REPOSITORY / "tests/alerts/test_alerts.py").read_text()
    manual = (REPOSITORY / "docs/operating.md").read_text()
    groups = httpx.get(f"{watched.prometheus}/api/v1/rules", timeout=5).json()["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules
    for rule in rules:
        assert f'"{rule["name"]}"' in here
        assert f"### {rule['name']}\n" in manual
        assert rule["annotations"].keys() == {"summary", "runbook"}


def test_prometheus_is_held_as_tightly_as_the_rest(watched: WatchedStack) -> None:
    container = watched.container("prometheus")
    host = container.attrs["HostConfig"]
    assert container.attrs["Config"]["User"] == "65534:65534"
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["Memory"] > 0) == (True, ["ALL"], True)
    assert "no-new-privileges:true" in host["SecurityOpt"]
    bindings = [binding for port in container.ports.values() for binding in port or ()]
    assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}
    assert list(container.attrs["NetworkSettings"]["Networks"]) == [watched.network("front").name]
    flags = httpx.get(f"{watched.prometheus}/api/v1/status/flags", timeout=5).json()["data"]
    assert (flags["storage.tsdb.retention.time"], flags["storage.tsdb.retention.size"]) == ("15d", "1GiB")


def test_clients_read_nothing_of_what_they_are_sent(watched: WatchedStack) -> None:
    """A dozen, and each says several of the longest messages there are, 1.5 MB all together. Last: this alert
    looks five minutes back."""
    lazy = [Session(watched.url).joins() for _ in range(12)]
    for session in lazy * 8:
        answer = session.posts('42["message","' + "\N{GRINNING FACE}" * 3999 + '"]')
        if answer.status_code != 200:
            break  # dropped
    fires(watched, "ClientsDropped")
