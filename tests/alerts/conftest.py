"""A stack with Prometheus, whose rules are the real ones and only looked at more often."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.stack import REPOSITORY, Stack
from tests.support.waiting import eventually

LISTEN = "127.0.0.1:18085"
PROMETHEUS_PORT = "18086"
SHORTENED = Path("/tmp/alerts")  # the tree is read-only
ALL = {"web": 2, "redis": 1, "nginx": 1, "prometheus": 1}
"""What has to answer before each test: each worker, nginx, and one Redis however many workers know of it."""


class WatchedStack(Stack):
    """The stack as `docker compose --profile metrics` runs it, with an override for what a test changes."""

    def __init__(self) -> None:
        super().__init__("tertulia-alerts", LISTEN)
        self.prometheus = f"http://127.0.0.1:{PROMETHEUS_PORT}"

    def compose(self, *arguments: str, **settings: str) -> str:
        files = ["--file", str(REPOSITORY / "docker-compose.yml"), "--file", str(SHORTENED / "compose.yml")]
        return super().compose(
            *files, "--profile", "metrics", *arguments, PROMETHEUS_PORT=PROMETHEUS_PORT, **settings
        )

    def override(self, more: str = "") -> None:
        """Run with the shortened rules, and with `more` changes of the services."""
        text = f"services:\n  prometheus: {{build: {SHORTENED}/prometheus}}\n{more}"
        (SHORTENED / "compose.yml").write_text(text)

    def restore(self) -> None:
        """Run without an override again, and without services that it added."""
        self.override()
        self.compose("up", "--detach", "--wait", "--remove-orphans")

    def forget(self) -> None:
        """Let Prometheus begin with nothing."""
        container = self.container("prometheus")
        container.remove(force=True)
        self.docker.volumes.get(f"{self.project}_metrics").remove()

    def answering(self) -> dict[str, int]:
        """How many Prometheus gets answers from, by job."""
        query = {"query": "count by (job) (up == 1)"}
        answer = httpx.get(f"{self.prometheus}/api/v1/query", params=query, timeout=5).raise_for_status()
        return {one["metric"]["job"]: int(one["value"][1]) for one in answer.json()["data"]["result"]}

    def firing(self) -> dict[str, list[dict[str, Any]]]:
        """The alerts that fire now, by their names."""
        answer = httpx.get(f"{self.prometheus}/api/v1/alerts", timeout=5).raise_for_status()
        fires: dict[str, list[dict[str, Any]]] = {}
        for alert in answer.json()["data"]["alerts"]:
            if alert["state"] == "firing":
                fires.setdefault(alert["labels"]["alertname"], []).append(alert)
        return fires


def shorten() -> None:
    """Copy Prometheus' folder with everything asked each second, and no alert kept waiting for a minute.

    What has to be true for an alert is left as it is."""
    shutil.rmtree(SHORTENED, ignore_errors=True)
    shutil.copytree(REPOSITORY / "prometheus", SHORTENED / "prometheus")
    config, rules = SHORTENED / "prometheus/prometheus.yml", SHORTENED / "prometheus/alerts.yml"
    text = re.sub(r"(scrape|evaluation)_interval: \w+", r"\1_interval: 1s", config.read_text())
    text = re.sub(r"scrape_timeout: \w+", "scrape_timeout: 1s", text)
    config.write_text(re.sub(r"refresh_interval: \w+", "refresh_interval: 1s", text))
    rules.write_text(re.sub(r"\bfor: \w+", "for: 3s", rules.read_text()))


@pytest.fixture(scope="session")
def watched_stack() -> Iterator[WatchedStack]:
    shorten()
    stack = WatchedStack()
    stack.override()
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.fixture
def watched(watched_stack: WatchedStack) -> WatchedStack:
    """All of it well, and no alert firing."""
    watched_stack.override()
    watched_stack.mend()
    # One that has just started knows of nobody, and is about to say so.
    eventually(lambda: watched_stack.answering() == ALL, within=30, what=f"{ALL} answer")
    try:
        eventually(lambda: watched_stack.firing() == {}, within=100, what="no alert fires any more")
    except AssertionError as error:
        error.add_note(f"These do: {watched_stack.firing()}")
        raise
    return watched_stack
