"""A part dies: what still answers, what is said, and how it comes back by itself."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.support.people import ORDINARY, POLLING, WEBSOCKET, crowd, on_each_worker
from tests.support.session import Session
from tests.support.stack import Stack
from tests.support.waiting import eventually, soon


async def test_a_killed_worker_is_not_noticed_by_others_and_its_clients_return(stack: Stack) -> None:
    async with crowd(stack.url, *[POLLING, WEBSOCKET, ORDINARY] * 6) as people:
        doomed, *_ = stack.workers().items()
        theirs = {person: person.route == doomed[0] for person in people}
        with health_asked_all_the_time(stack) as answers:
            await asyncio.to_thread(doomed[1].kill)
            remaining = set(stack.workers())
            await soon(
                lambda: all(person.is_here and person.route in remaining for person in people),
                what="the killed worker's clients are back on another",
            )
            so_far = len(answers)
            await soon(lambda: len(answers) > so_far + 60, what="health has been asked for a while longer")
        assert [answer for answer in answers if answer[0] != 200 or answer[1] > 1] == []
        assert [answer for person in people if not theirs[person] for answer in person.errors] == []
        assert [person.name for person in people if not theirs[person] and person.departures] == []


def test_a_worker_whose_process_ends_is_started_again(stack: Stack) -> None:
    worker = stack.containers("web")[0]
    started = worker.attrs["State"]["StartedAt"]
    worker.exec_run(["/usr/local/bin/python", "-c", "import os, signal; os.kill(1, signal.SIGTERM)"])

    def is_back() -> bool:
        worker.reload()
        state = worker.attrs["State"]
        return bool(state["StartedAt"] != started and state["Health"]["Status"] == "healthy")

    eventually(is_back, what="the worker runs again and is healthy")
    stack.wait_until_routed()


@pytest.mark.parametrize(("breaks", "heals"), [("stop", "start"), ("pause", "unpause")])
async def test_redis_goes_and_comes_back(stack: Stack, http: httpx.Client, breaks: str, heals: str) -> None:
    """Stopped, or silent: health says why, messages are refused, and all heals without a restart."""
    redis = stack.container("redis")
    web = starts(stack, "web")
    async with on_each_worker(stack.url, list(stack.workers())) as (ana, ben):
        sessions = ana.sid, ben.sid
        await asyncio.to_thread(getattr(redis, breaks))

        refusal = await asyncio.to_thread(
            eventually, lambda: unavailable(stack), what="health says that Redis is away"
        )
        assert refusal
        assert "Redis" in refusal["detail"]
        assert (await asyncio.to_thread(http.get, "/health/live")).status_code == 200
        assert (await asyncio.to_thread(http.get, "/")).status_code == 200
        assert (await ana.says("into the void"))["error"] == "unavailable"
        # A program that is refused does not come again.
        await asyncio.to_thread(lambda: Session(stack.url).joins(name="comes meanwhile"))

        await asyncio.to_thread(getattr(redis, heals))
        await asyncio.to_thread(eventually, lambda: well(stack), what="health is good at every worker")
        assert (await ana.says("can you hear me?"))["ok"]
        await ben.hears("can you hear me?")
        assert (await ben.says("I can"))["ok"]
        await ana.hears("I can")
        assert (ana.sid, ben.sid) == sessions
    assert starts(stack, "web") == web


def test_without_any_worker_nginx_itself_says_so(stack: Stack, http: httpx.Client) -> None:
    """JSON where programs listen, a page where people look; what nginx has itself it still serves."""
    for worker in stack.workers().values():
        worker.kill()
    for path in ("/health", "/sio/socket.io/?EIO=4&transport=polling"):
        answer = http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (
            503,
            "application/json; charset=utf-8",
        )
        assert answer.json()["error"] == "unavailable"
        assert answer.headers["retry-after"]
    page = http.get("/")
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "<h1>" in page.text
    assert page.headers["retry-after"]
    assert http.get("/socket.io/socket.io.js").status_code == 200


def unavailable(stack: Stack) -> dict[str, Any] | None:
    """What health answers, if it is a refusal."""
    answer = stack.health()
    assert answer.elapsed.total_seconds() < 2
    body: dict[str, Any] = answer.json()
    return body if answer.status_code == 503 else None


def well(stack: Stack) -> bool:
    """Every worker is asked at its own address."""
    addresses = [stack.address(worker, "front") for worker in stack.containers("web")]
    return all(httpx.get(f"http://{address}:8000/health").status_code == 200 for address in addresses)


def starts(stack: Stack, service: str) -> dict[str | None, str]:
    return {found.id: found.attrs["State"]["StartedAt"] for found in stack.containers(service)}


@contextmanager
def health_asked_all_the_time(stack: Stack) -> Iterator[list[tuple[int, float]]]:
    """Ask for /health every 50 ms from a thread; gives each answer's status, 0 for none, and its seconds."""
    answers: list[tuple[int, float]] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.05):
            began = time.monotonic()
            try:
                status = stack.health().status_code
            except httpx.TransportError:
                status = 0
            answers.append((status, round(time.monotonic() - began, 3)))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        eventually(lambda: len(answers) > 5, what="health is being asked")
        yield answers
    finally:
        over.set()
        thread.join()
