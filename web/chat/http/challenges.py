"""Challenges for passkeys, signed by the chat: for what, for whom, and when.

The chat keeps nothing of one that it gives. What comes back is one of its own, and not older than five
minutes, or it is refused; chat/people/challenge.py says how it counts once.
"""

import secrets

from itsdangerous import BadData, SignatureExpired

from chat.http.login_cookie import Logins
from chat.people.ceremony import wrong_passkey
from chat.people.challenge import LASTS, Purpose
from chat.people.passkeys import late

PASSKEY = "passkey"


class Challenges:
    def __init__(self, logins: Logins) -> None:
        self._logins = logins

    async def new(self, purpose: Purpose, person: str = "") -> bytes:
        """Return a new one. `person`: the id of who adds a passkey. Raises LogUnavailable."""
        content = [purpose, person, secrets.token_hex(16)]
        return str((await self._logins.signer(PASSKEY)).dumps(content)).encode()

    async def check(self, challenge: bytes, purpose: Purpose, person: str = "") -> str:
        """Return what tells a challenge from others, if it was given for this. Raises Refused, and
        LogUnavailable."""
        try:
            said = (await self._logins.signer(PASSKEY)).loads(challenge, max_age=LASTS)
        except SignatureExpired:
            raise late() from None
        except BadData:
            raise wrong_passkey() from None
        if said[:2] != [purpose, person]:
            raise wrong_passkey()
        return str(said[2])
