"""stack.yml is docker-compose.yml for many hosts: what the two share is the same, as Compose reads both."""

import json
from functools import cache
from typing import Any

import pytest

from tests.support.stack import REPOSITORY, Stack

SERVICES = ("nginx", "web", "redis")
SECRETS = {
    f"{name}_FILE": "/etc/hostname" for name in ("REDIS_PASSWORD", "ACCESS_CODE", "ADMIN_CODE", "SECRET_KEY")
}
SET = {"TAG": "1.2.3", **SECRETS}
PINGS = {"PING_INTERVAL_SECONDS": "7", "PING_TIMEOUT_SECONDS": "11"}
"""What has other defaults where a host can be lost."""
SHARDS = tuple(f"redis-{number}" for number in range(1, 7))
SET_FOR_A_CLUSTER = {
    "REDIS_ADDRESS": "10.0.0.*",
    "REDIS_NODES": "10.0.0.1,10.0.0.2",
    "REDIS_ADMIN_PASSWORD_FILE": "/etc/hostname",
}


@cache
def of_a_swarm(stack: Stack, **settings: str) -> dict[str, Any]:
    """What Compose makes of stack.yml."""
    file = str(REPOSITORY / "stack.yml")
    found: dict[str, Any] = json.loads(
        stack.compose("--file", file, "config", "--format", "json", **SET | settings)
    )
    return found


@cache
def of_a_cluster(stack: Stack, **settings: str) -> dict[str, Any]:
    """What Compose makes of stack.yml and stack.cluster.yml."""
    files = [
        part for file in ("stack.yml", "stack.cluster.yml") for part in ("--file", str(REPOSITORY / file))
    ]
    given = SET | SET_FOR_A_CLUSTER | settings
    found: dict[str, Any] = json.loads(stack.compose(*files, "config", "--format", "json", **given))
    return found


def settings_of(service: dict[str, Any]) -> dict[str, str]:
    """Its environment without what says where it is, where it listens, and where its secrets and the files of
    people are. On many hosts nginx reaches no worker over a socket."""
    secret = {"REDIS_PASSWORD", "ACCESS_CODE", "ADMIN_CODE", "SECRET_KEY", "OIDC_CLIENT_SECRET", "FILES_KEY"}
    return {
        name: value
        for name, value in service["environment"].items()
        if name not in ("LISTEN", "NODE_NAME", "FILES_URL", "SOCKETS_FOLDER")
        and name.removesuffix("_FILE") not in secret
    }


def sizes_of(service: dict[str, Any]) -> dict[str, int]:
    """Its folders in memory, and their sizes in bytes."""
    written = [each.split(":") for each in service.get("tmpfs", [])]
    sizes = {path: int(options.split("size=")[1].rstrip("m")) << 20 for path, options in written}
    mounted = [each for each in service.get("volumes", []) if each["type"] == "tmpfs"]
    return sizes | {each["target"]: int(each["tmpfs"]["size"]) for each in mounted}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_same_settings_as_with_compose(stack: Stack, name: str) -> None:
    one, many = stack.config(**PINGS)["services"][name], of_a_swarm(stack, **PINGS)["services"][name]
    assert settings_of(many) == settings_of(one)
    assert of_a_swarm(stack, WEB_REPLICAS="7")["services"]["web"]["deploy"]["replicas"] == 7


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_held_as_with_compose(stack: Stack, name: str) -> None:
    """By all that Swarm has a word for."""
    one, many = stack.config()["services"][name], of_a_swarm(stack)["services"][name]
    assert many["read_only"] is True
    assert many["cap_drop"] == ["ALL"]
    same = ("user", "logging", "networks", "stop_grace_period")
    assert {key: many.get(key) for key in same} == {key: one.get(key) for key in same}
    assert many.get("sysctls", {}).items() >= one.get("sysctls", {}).items()
    assert many["deploy"]["resources"] == one["deploy"]["resources"]
    # Where Redis has its passwords is a volume.
    assert sizes_of(many) == {path: size for path, size in sizes_of(one).items() if path != "/run/redis"}


@pytest.mark.parametrize("name", ["run", "password"])
def test_redis_passwords_are_in_memory_and_its_own(stack: Stack, name: str) -> None:
    options = of_a_swarm(stack)["volumes"][name]["driver_opts"]
    assert options["type"] == "tmpfs"
    [written] = [each for each in stack.config()["services"]["redis"]["tmpfs"] if "/run/redis" in each]
    assert set(options["o"].split(",")) == set(written.split(":")[1].split(","))


def test_a_worker_is_replaced_when_it_is_dead_and_not_when_redis_is_away(stack: Stack) -> None:
    """Swarm ends what is unhealthy."""
    [asked] = [
        part for part in of_a_swarm(stack)["services"]["web"]["healthcheck"]["test"] if "/health" in part
    ]
    assert "'/health/live'" in asked


def test_nobody_but_nginx_is_reached_from_outside(stack: Stack) -> None:
    config = of_a_swarm(stack, LISTEN_PORT="80")
    services = config["services"]
    assert [name for name, service in services.items() if service.get("ports")] == ["nginx"]
    [port] = services["nginx"]["ports"]
    assert (port["published"], port["target"], port["mode"]) == ("80", 8080, "host")
    assert services["nginx"]["environment"]["LISTEN"] == "0.0.0.0:80"
    assert config["networks"]["back"]["internal"] is True


def test_the_images_are_those_of_a_registry(stack: Stack) -> None:
    services = of_a_swarm(stack, REGISTRY="registry.example:5000/team/chat")["services"]
    assert {name: service["image"] for name, service in services.items()} == {
        name: f"registry.example:5000/team/chat-{name}:1.2.3" for name in SERVICES
    }


@pytest.mark.parametrize("name", SET)
def test_what_a_swarm_cannot_do_without_is_asked_for(stack: Stack, name: str) -> None:
    with pytest.raises(RuntimeError, match=f"required variable {name} is missing a value: Set it to"):
        of_a_swarm(stack, **{name: ""})


@pytest.mark.parametrize("name", SHARDS)
def test_a_node_of_a_cluster_is_held_as_the_one_redis(stack: Stack, name: str) -> None:
    one, node = (of_a_cluster(stack)["services"][each] for each in ("redis", name))
    same = ("user", "logging", "read_only", "cap_drop", "healthcheck", "stop_grace_period", "image")
    assert {key: node.get(key) for key in same} == {key: one.get(key) for key in same}
    assert node["deploy"]["resources"] == one["deploy"]["resources"]
    assert node["environment"]["REDIS_MAXMEMORY"] == one["environment"]["REDIS_MAXMEMORY"]


def test_nodes_of_a_cluster_share_neither_a_port_nor_a_volume(stack: Stack) -> None:
    services = [of_a_cluster(stack)["services"][name] for name in SHARDS]
    assert [each["environment"]["REDIS_PORT"] for each in services] == [str(6379 + n) for n in range(6)]
    volumes = [mount["source"] for each in services for mount in each["volumes"] if mount["type"] == "volume"]
    assert len(set(volumes)) == 2 * len(SHARDS)


def test_the_workers_of_a_cluster_have_no_administrators_password(stack: Stack) -> None:
    services = of_a_cluster(stack)["services"]
    assert services["web"]["environment"]["REDIS_URL"] == "redis+cluster://worker@10.0.0.1,10.0.0.2"
    having = {
        name
        for name, service in services.items()
        if "redis-admin-password" in {secret["source"] for secret in service.get("secrets", ())}
    }
    assert having == set(SHARDS)


def test_a_cluster_leaves_the_one_redis_without_work(stack: Stack) -> None:
    assert of_a_cluster(stack)["services"]["redis"]["deploy"]["replicas"] == 0


@pytest.mark.parametrize("name", SET_FOR_A_CLUSTER)
def test_what_a_cluster_cannot_do_without_is_asked_for(stack: Stack, name: str) -> None:
    with pytest.raises(RuntimeError, match=f"required variable {name} is missing a value: Set it to"):
        of_a_cluster(stack, **{name: ""})
