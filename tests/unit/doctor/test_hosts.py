"""What is said of a Swarm: its hosts, and what runs on them."""

from dataclasses import replace
from typing import Any

import pytest
from doctor.findings import Finding, Outcome
from doctor.hosts import (
    judge_answers,
    judge_clocks,
    judge_engines,
    judge_hosts,
    judge_liveness,
    judge_managers,
    judge_places,
    judge_spread,
    judge_tasks,
    judge_updates,
)
from doctor.swarm import Host, Service, Swarm, Task

NAMES = ("a", "b", "c")
HOSTS = [
    Host(f"id-{name}", name, f"10.0.0.{n}", {}, True, True, "ready", "active", "28.0.1")
    for n, name in enumerate(NAMES, 1)
]
LIVE = ["CMD", "python", "-c", "c.request('GET', '/health/live')"]


def service(name: str, replicas: int | None, update: str = "", **more: Any) -> Service:
    """`replicas`: None for one on each host."""
    mode = {"Global": {}} if replicas is None else {"Replicated": {"Replicas": replicas}}
    spec: dict[str, Any] = {
        "Name": f"chat_{name}",
        "Labels": {"com.docker.stack.namespace": "chat"},
        "Mode": mode,
        "TaskTemplate": {"ContainerSpec": {"Healthcheck": {"Test": LIVE}}, **more},
    }
    update_status = {"State": update, "Message": "said"} if update else None
    return Service.of({"ID": name, "Spec": spec, "UpdateStatus": update_status})


def tasks(service: str, *hosts: str, state: str = "running", error: str = "") -> list[Task]:
    return [Task(service, f"id-{host}", state, error, "image") for host in hosts]


WEB, NGINX = service("web", 4), service("nginx", None)
WELL = Swarm(HOSTS, [WEB, NGINX], [*tasks("web", "a", "b", "c", "a"), *tasks("nginx", *NAMES)])


def other(**changed: Any) -> list[Host]:
    """The hosts, the last of them changed."""
    return [*HOSTS[:2], replace(HOSTS[2], **changed)]


def is_named(found: Finding, outcome: Outcome, *said: str) -> None:
    assert (found.outcome, [part for part in said if part not in found.said]) == (outcome, [])


def test_a_swarm_that_is_well() -> None:
    found = [
        judge_hosts(HOSTS),
        judge_managers(HOSTS),
        judge_engines(HOSTS),
        judge_tasks(WELL),
        judge_spread(WELL),
        judge_liveness([NGINX, WEB]),
        judge_updates([WEB, service("nginx", None, "completed")]),
        judge_answers({"a": ("", 0.2)}),
        judge_clocks({"a": ("", 0.2), "b": ("", -0.9)}),
    ]
    assert {each.outcome for each in found} == {Outcome.OK}
    assert found[1].said == "3 of 3 hosts; 1 may be lost"
    assert found[3].said == "4 web, 3 nginx run"
    assert found[4].said == "2 on a, 1 on b, 1 on c"


def test_a_host_that_is_down_is_named() -> None:
    is_named(judge_hosts(other(state="down")), Outcome.WRONG, "c is down")
    is_named(judge_hosts(other(availability="drain")), Outcome.LOOK, "c (drain)")


def test_a_swarm_needs_managers_to_spare() -> None:
    is_named(judge_managers(other(reachable=False)), Outcome.WRONG, "c cannot be reached")
    is_named(judge_managers(other(manager=False)), Outcome.LOOK, "2 of 3 hosts; 0 may be lost")


def test_an_engine_that_is_too_old_is_named() -> None:
    is_named(judge_engines(other(engine="24.0.9")), Outcome.WRONG, "c has 24.0.9; expected 25")


def test_a_task_that_does_not_run_is_named_with_its_reason() -> None:
    """Where it is, and what the engine says."""
    failing = tasks("web", "b", state="rejected", error="No such image")
    swarm = replace(WELL, tasks=[*tasks("web", "a", "b", "c"), *failing, *tasks("nginx", "a", "c")])
    is_named(
        judge_tasks(swarm),
        Outcome.WRONG,
        "web has 3 of 4 (b: No such image)",
        "nginx has 2 of 3 (none)",
    )


def test_nothing_is_expected_on_a_host_that_is_drained() -> None:
    swarm = Swarm(other(availability="drain"), [NGINX], tasks("nginx", "a", "b"))
    assert judge_tasks(swarm).outcome is Outcome.OK


def test_workers_that_sit_together_are_worth_a_look() -> None:
    swarm = replace(WELL, tasks=tasks("web", "a", "a", "b", "b"))
    is_named(judge_spread(swarm), Outcome.LOOK, "2 on a, 2 on b, 0 on c")


@pytest.mark.parametrize(
    ("labelled", "outcome", "said"),
    [
        ("a", Outcome.OK, "a alone has the label tertulia.redis=true"),
        ("", Outcome.WRONG, "no host has the label"),
        ("ab", Outcome.WRONG, "a and b have the label"),
    ],
)
def test_exactly_one_host_has_the_label_of_what_keeps_data(
    labelled: str, outcome: Outcome, said: str
) -> None:
    placement = {"Constraints": ["node.labels.tertulia.redis == true", "node.role==manager"]}
    redis = service("redis", 1, Placement=placement)
    hosts = [replace(each, labels={"tertulia.redis": str(each.name in labelled).lower()}) for each in HOSTS]
    (found,) = judge_places(Swarm(hosts, [redis, WEB], []))
    is_named(found, outcome, said)


SHARD = {"Constraints": ["node.labels.tertulia.redis == true"]}


@pytest.mark.parametrize(
    ("labelled", "outcome", "said"),
    [
        ("abc", Outcome.OK, "a, b, c have the label tertulia.redis=true"),
        ("ab", Outcome.LOOK, "a, b have the label"),
        ("", Outcome.WRONG, "no host has the label"),
    ],
)
def test_the_nodes_of_shards_are_on_several_hosts(labelled: str, outcome: Outcome, said: str) -> None:
    """The one Redis has no work then. A shard is expected where the label is."""
    shards = [service(f"redis-{number}", None, Placement=SHARD) for number in (1, 2)]
    alone = service("redis", 0, Placement=SHARD)
    hosts = [replace(each, labels={"tertulia.redis": str(each.name in labelled).lower()}) for each in HOSTS]
    running = [each for shard in shards for each in tasks(shard.name, *labelled)]
    swarm = Swarm(hosts, [alone, *shards], running)
    (found,) = judge_places(swarm)
    is_named(found, outcome, said)
    is_named(judge_tasks(swarm), Outcome.OK, f"{len(labelled)} redis-1, " * bool(labelled))
    assert "0 redis" not in judge_tasks(swarm).said


def test_workers_are_not_ended_for_an_outage_of_redis() -> None:
    ready = service("web", 1, ContainerSpec={"Healthcheck": {"Test": ["CMD", "curl", "/health"]}})
    is_named(judge_liveness([ready]), Outcome.WRONG, "expected one that asks for /health/live")


def test_a_rollout_that_went_back_is_told() -> None:
    found = judge_updates([service("web", 1, "rollback_completed")])
    is_named(found, Outcome.WRONG, "web: rollback completed (said)")
    is_named(judge_updates([service("web", 1, "updating")]), Outcome.LOOK, "web")


def test_a_host_that_does_not_answer_or_has_another_time_is_named() -> None:
    said = {"a": ("", 0.1), "b": ("503 at http://10.0.0.2:8080", 60.0), "c": ("no answer", None)}
    is_named(judge_answers(said), Outcome.WRONG, "b: 503", "c: no answer")
    is_named(judge_clocks(said), Outcome.WRONG, "b by 60 s")


def test_a_service_is_read_as_compose_writes_it() -> None:
    spec = {"Env": ["ACCESS_CODE=open=sesame", "EMPTY="]}
    found = service("web", 2, ContainerSpec=spec).as_compose_has_it
    assert found["environment"] == {"ACCESS_CODE": "open=sesame", "EMPTY": ""}
    assert (found["deploy"], found["ports"]) == ({"replicas": 2}, [])
