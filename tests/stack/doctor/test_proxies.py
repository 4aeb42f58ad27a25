"""`make doctor` names each mistake of a proxy or a cache in front, and a clock that is wrong."""

import re

from tests.stack.doctor.diagnosis import FAR, doctor
from tests.stack.doctor.proxies import proxy_to
from tests.support.proxy import Proxy, replacing, without
from tests.support.stack import Stack


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
    """Whether the chat answers to that name or not."""
    async with proxy_to(well, request=replacing("Host", "backend")) as proxy:
        found = await doctor(well, proxy.url, **FAR)
    assert "does not answer to the name that reaches it" in found.wrong["reachable"]
    async with proxy_to(well, request=replacing("Host", "backend.localhost")) as proxy:
        found = await doctor(well, proxy.url, **FAR)
    assert "answered 400; expected 200" in found.wrong["origins"]
    assert "takes http" in found.wrong["origins"]
    assert "://backend.localhost for its own address" in found.wrong["origins"]
    assert "://backend.localhost for its own address" in found.wrong["WebSocket"]


async def test_a_proxy_that_drops_the_port(well: Stack) -> None:
    async with proxy_to(well, request=replacing("Host", "127.0.0.1")) as proxy:
        found = await doctor(well, proxy.url, **FAR)
    assert "with the port that browsers see" in found.printed


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
