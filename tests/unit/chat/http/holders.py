"""People who have passkeys, in browsers that reach the chat by a host name."""

from typing import Any

import httpx

from tests.support.authenticator import Authenticator
from tests.unit.chat.http.linked import Browser
from tests.unit.visitors import client_of
from tests.unit.wire import Chat

NOBODY = 403, "Nobody comes back by this passkey here. It was ended, or it belongs to another chat."


class Holder(Browser):
    """A browser at http://localhost, which is a secure context, with an authenticator at hand."""

    def __init__(self, chat: Chat, authenticator: Authenticator | None = None) -> None:
        super().__init__(chat)
        self.origin = f"http://localhost:{chat.port}"
        headers = {"Origin": self.origin, "Host": f"localhost:{chat.port}"}
        self.http = client_of(chat, headers=headers)
        self.authenticator = authenticator or Authenticator()

    @classmethod
    async def of(cls, chat: Chat, name: str, **fields: str) -> "Holder":
        """Somebody who has signed in, and whose login is kept."""
        holder = cls(chat)
        answer = await holder.http.post("/sign-in", data={"name": name, **fields})
        assert answer.status_code == 303
        await holder.is_kept()
        return holder

    async def id(self) -> str:
        return (await self.who())["id"]

    async def is_asked(self, path: str) -> dict[str, Any]:
        """What the authenticator is asked for."""
        answer = await self.http.post(f"{path}/challenge", data={"_": ""})
        assert answer.status_code == 200, answer.text
        options: dict[str, Any] = answer.json()
        return options

    async def makes(self, **wrong: Any) -> str:
        """A passkey, as the script sends it."""
        origin = wrong.pop("origin", self.origin)
        return self.authenticator.makes(await self.is_asked("/you/passkeys"), origin, **wrong)

    async def shows(self, **wrong: Any) -> str:
        origin = wrong.pop("origin", self.origin)
        return self.authenticator.shows(await self.is_asked("/passkey"), origin, **wrong)

    async def adds(self, **wrong: Any) -> httpx.Response:
        return await self.http.post("/you/passkeys", data={"passkey": await self.makes(**wrong)})

    async def comes_back(self, fields: dict[str, str] | None = None, **wrong: Any) -> httpx.Response:
        return await self.http.post("/passkey", data={"passkey": await self.shows(**wrong), **(fields or {})})

    async def forgets(self) -> None:
        """All cookies are cleared."""
        if self.tab is not None:
            await self.tab.disconnect()
        self.http.cookies.clear()


async def holds(chat: Chat, name: str, **fields: str) -> Holder:
    """Somebody who has added a passkey, and whose browser has forgotten them."""
    holder = await Holder.of(chat, name, **fields)
    assert (await holder.adds()).status_code == 201
    await holder.forgets()
    return holder


def said(answer: httpx.Response) -> tuple[int, str]:
    """How something was refused: the sentence says why, and nobody is given a cookie."""
    assert "set-cookie" not in answer.headers
    return answer.status_code, str(answer.json()["detail"])
