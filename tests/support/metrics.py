"""What Prometheus would read of a stack's parts, asked for at their own addresses inside the network."""

import httpx
from docker.models.containers import Container
from prometheus_client.parser import text_string_to_metric_families

from tests.support.stack import Stack
from tests.support.waiting import PATIENCE

Samples = dict[tuple[str, ...], float]
"""By the name, and then the labels' values in the order of the labels' names."""


def scrape(stack: Stack, container: Container, path: str = "/metrics", port: int = 8000) -> Samples:
    answer = httpx.get(
        f"http://{stack.address(container, 'front')}:{port}{path}", timeout=PATIENCE
    ).raise_for_status()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of_workers(stack: Stack, name: str, *labels: str) -> float:
    """A metric's value, added up over all workers; one that was not counted yet is 0."""
    return sum(scrape(stack, worker).get((name, *labels), 0) for worker in stack.workers().values())
