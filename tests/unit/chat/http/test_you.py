"""The page of one's own logins."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from chat.people import devices as kept_device
from chat.people.kept_login import KeptLogin
from relay import Ask, LogUnavailable
from relay.memory.store import MemoryStore

from tests.support.waiting import soon
from tests.unit.chat.http.cookies import as_of_0_1_0, content_of, next_second
from tests.unit.wire import Chat, Client

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Mobile/15E148 Safari/604.1"


@dataclass
class Device:
    """A browser of somebody, with a page open in a room."""

    chat: Chat
    person: str
    login: str
    cookie: str
    agent: str
    tab: Client

    @classmethod
    async def of(
        cls, chat: Chat, person: str, login: str, agent: str = FIREFOX, earlier: tuple[str, ...] = ()
    ) -> "Device":
        """It was here, and has opened its page once more."""
        cookie = as_of_0_1_0(id=person, name="Ana", session=login, earlier=earlier)
        tab = Client(["websocket"])
        headers = {"Cookie": f"tertulia={cookie}", "User-Agent": agent}
        await tab.sio.connect(chat.url, headers, transports=["websocket"], socketio_path="sio/socket.io")
        async with asyncio.timeout(10):
            while login not in await kept(chat, person):
                await asyncio.sleep(0.01)
        device = cls(chat, person, login, cookie, agent, tab)
        await device.opens("/")
        assert content_of(device.cookie)["kept"]
        return device

    async def opens(self, path: str, **headers: str) -> httpx.Response:
        return self._took(await self.chat.http.get(path, headers={**self._headers(), **headers}))

    async def posts(self, path: str, **headers: str) -> httpx.Response:
        return self._took(await self.chat.http.post(path, headers={**self._headers(), **headers}))

    async def is_still(self) -> bool:
        """Whether its cookie is still this person's."""
        client = await self.chat.client("websocket", cookie=self.cookie)
        you = await client.who()
        await client.disconnect()
        return you["id"] == self.person

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"tertulia={self.cookie}", "User-Agent": self.agent, "Origin": self.chat.url}

    def _took(self, answer: httpx.Response) -> httpx.Response:
        self.cookie = answer.cookies.get("tertulia") or self.cookie
        return answer


async def kept(chat: Chat, person: str) -> list[str]:
    (found,) = await chat.relay.manager.records.read(Ask(person, f"logins:{person}"))
    return list(found)


def shown(page: httpx.Response) -> list[str]:
    """The logins that a page shows."""
    rows = re.findall(r"<li>(.*?)</li>", page.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows]


def digest_of(login: str) -> str:
    """What stands for a login on a page."""
    return KeptLogin(login, 0, 0, "", kept_device.Device()).digest


def ends(page: httpx.Response) -> list[str]:
    """Where the page's buttons lead."""
    return re.findall(r'action="(/you/logins/[^"]+)"', page.text)


async def test_somebody_sees_where_they_are_signed_in(keyed: Chat) -> None:
    laptop = await Device.of(keyed, "b1", "laptop-login")
    phone = await Device.of(keyed, "b1", "phone-login", IPHONE)
    await Device.of(keyed, "b2", "of-somebody-else")
    page = await laptop.opens("/you")
    assert shown(page) == [
        "Firefox on Linux This browser · 127.0.0.1",
        "Safari on iOS Here within the last hour · 127.0.0.1 End",
    ]
    assert len(ends(page)) == 2
    assert page.headers["cache-control"] == "no-store"
    assert not re.search("laptop-login|phone-login|of-somebody-else", page.text), (
        "an id is its browser's secret"
    )
    assert "Safari en iOS" in (await laptop.opens("/you", **{"Accept-Language": "es"})).text
    assert shown(await phone.opens("/you"))[0].startswith("Safari on iOS This browser")


async def test_whoever_is_not_signed_in_signs_in_first(visitor: httpx.AsyncClient) -> None:
    for answer in (await visitor.get("/you"), await visitor.post("/you/logins/others")):
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_a_login_can_be_ended_from_another(keyed: Chat) -> None:
    """Its tabs are disconnected, and its cookie is nobody's any more; the others go on."""
    laptop, phone = await Device.of(keyed, "c1", "laptop"), await Device.of(keyed, "c1", "phone", IPHONE)
    tablet = await Device.of(keyed, "c1", "tablet")
    form = next(path for path in ends(await phone.opens("/you")) if path.endswith(digest_of("laptop")))
    answer = await phone.posts(form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/you")
    await soon(lambda: not laptop.tab.sio.connected, what="the tab is disconnected")
    assert [await device.is_still() for device in (laptop, phone, tablet)] == [False, True, True]
    assert phone.tab.sio.connected
    assert tablet.tab.sio.connected
    assert digest_of("laptop") not in (await phone.opens("/you")).text
    assert (await laptop.opens("/you")).status_code == 303


async def test_all_others_can_be_ended_at_once(keyed: Chat) -> None:
    """Also old cookies that were never noted, and copies of them."""
    never_noted = as_of_0_1_0(id="c2", name="Ana", session="never-noted", earlier=[])
    laptop, phone = await Device.of(keyed, "c2", "laptop"), await Device.of(keyed, "c2", "phone", IPHONE)
    await next_second()
    await phone.posts("/you/logins/others")
    await soon(lambda: not laptop.tab.sio.connected, what="the tab is disconnected")
    assert phone.tab.sio.connected
    assert len(shown(await phone.opens("/you"))) == 1
    assert [await device.is_still() for device in (laptop, phone)] == [False, True]
    laptop.cookie = never_noted
    assert not await laptop.is_still()


async def test_what_a_moderator_was_before_ends_with_the_others(keyed: Chat) -> None:
    """A copy of the cookie from before would count otherwise."""
    before = await Device.of(keyed, "c3", "before")
    after = await Device.of(keyed, "c3", "after", earlier=("before",))
    assert len(shown(await after.opens("/you"))) == 1, "it is one browser"
    await after.posts("/you/logins/others")
    assert [await device.is_still() for device in (before, after)] == [False, True]


async def test_ending_what_somebody_made_of_a_copy_does_not_end_the_login_itself(keyed: Chat) -> None:
    """They became a moderator by a copy of its cookie."""
    own = await Device.of(keyed, "d1", "own")
    copied = await Device.of(keyed, "d1", "of-the-copy", earlier=("own",))
    assert len(shown(await own.opens("/you"))) == 2
    await own.posts("/you/logins/others")
    assert [await device.is_still() for device in (own, copied)] == [True, False]


@pytest.mark.parametrize("which", ["0" * 32, "laptop", "all", "%00", "d" * 4000])
async def test_what_is_no_login_of_ones_own_ends_nothing(keyed: Chat, which: str) -> None:
    """Nor can somebody end one of somebody else's, or their own by its address."""
    laptop, other = await Device.of(keyed, "c4", "mine"), await Device.of(keyed, "c5", "theirs")
    for path in (which, digest_of("theirs"), digest_of("mine")):
        assert (await laptop.posts(f"/you/logins/{path}")).status_code in (303, 404)
    assert [await device.is_still() for device in (laptop, other)] == [True, True]
    for device in (laptop, other):
        await device.tab.disconnect()


async def test_a_page_of_another_site_ends_nothing(keyed: Chat) -> None:
    laptop, phone = await Device.of(keyed, "c6", "laptop"), await Device.of(keyed, "c6", "phone")
    assert (await phone.posts("/you/logins/others", Origin="https://evil.example")).status_code == 403
    assert (await phone.opens("/you/logins/others")).status_code == 405
    assert await laptop.is_still()


async def test_somebody_who_is_not_noted_yet_ends_nothing(keyed: Chat) -> None:
    """They would end their own. The page says when it can be done."""
    cookie = as_of_0_1_0(id="c7", name="Ana", session="new", earlier=[])
    device = Device(keyed, "c7", "new", cookie, FIREFOX, Client([]))
    page = await device.opens("/you")
    assert shown(page) == ["Firefox on Linux This browser · 127.0.0.1"]
    assert ends(page) == []
    assert "soon after you have opened a room" in page.text
    assert (await device.posts("/you/logins/others")).status_code == 303
    assert await device.is_still()


async def test_somebody_whose_login_was_lost_does_not_end_their_own(keyed: Chat) -> None:
    """Its cookie says that it is kept, and only another one is."""
    phone = await Device.of(keyed, "c0", "phone")
    old = as_of_0_1_0(id="c0", name="Ana", session="laptop", earlier=[], kept=1)
    record = keyed.relay.manager.records._kept["people"]["c0"]
    late = record[0].replace(b'"at": 1', b'"at": 2')  # made anew, after the cookie was signed
    keyed.relay.manager.records._kept["people"]["c0"] = late, record[1]
    laptop = Device(keyed, "c0", "laptop", old, FIREFOX, Client([]))
    await laptop.posts("/you/logins/others")
    assert [await device.is_still() for device in (laptop, phone)] == [True, True]


async def test_what_a_browser_says_of_itself_is_not_shown(keyed: Chat) -> None:
    """But for its name and its system, in our own words."""
    odd = "<script>alert(1)</script> Firefox/140.0 " + "x" * 6000
    laptop = await Device.of(keyed, "c8", "laptop", odd)
    phone = await Device.of(keyed, "c8", "phone", "curl/8")
    page = await phone.opens("/you")
    assert [row.split(" · ")[0] for row in shown(page)] == [
        "Unknown browser This browser",
        "Firefox Here within the last hour",
    ]
    assert "alert(1)" not in page.text
    assert "alert(1)" not in (await laptop.opens("/you")).text


async def test_ending_during_a_stall_is_tried_again_until_all_are_told(
    keyed: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes back to the form after it failed ends and disconnects what it was about."""
    monkeypatch.setattr("chat.http.retries.TRIED_FOR", 0.0)
    laptop, phone = await Device.of(keyed, "c9", "laptop"), await Device.of(keyed, "c9", "phone")
    form = f"/you/logins/{digest_of('laptop')}"

    async def away(*_: Any) -> None:
        raise LogUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryStore, "mark", away)
        answer = await phone.posts(form)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert f'<form class="sign-in" method="post" action="{form}">' in answer.text
    with monkeypatch.context() as patch:
        patch.setattr(keyed.relay.manager, "disconnect_group", away)
        assert (await phone.posts(form)).status_code == 503
    assert laptop.tab.sio.connected
    assert (await phone.posts(form)).status_code == 303
    await soon(lambda: not laptop.tab.sio.connected, what="the tab is disconnected")
    assert await kept(keyed, "c9") == ["phone"]
