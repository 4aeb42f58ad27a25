"""`make expunge`: what was deleted is off Redis' disk at once, and nothing else is."""

import asyncio
import os
import secrets
import subprocess

from tests.stack.conftest import CODE
from tests.stack.test_moderation import Client, Two, here, two
from tests.support.stack import REPOSITORY, Stack
from tests.support.waiting import PATIENCE

__all__ = ["two"]


def text() -> list[str]:
    """Words that a snapshot, which is compressed, can't keep all in another form."""
    return [secrets.token_urlsafe(6) for _ in range(8)]


def is_on_disk(stack: Stack, words: list[str]) -> bool:
    patterns = [argument for word in words for argument in ("-e", word)]
    ran = stack.container("redis").exec_run(["/bin/grep", "-rqaF", *patterns, "/data"])
    assert ran.exit_code in (0, 1), ran.output
    return bool(ran.exit_code == 0)


def expunge(stack: Stack) -> None:
    """As `make expunge` does it, on this stack."""
    own = {"COMPOSE_PROJECT_NAME": stack.project, "COMPOSE_ENV_FILES": os.devnull, "WAIT": f"{PATIENCE:.0f}"}
    ran = subprocess.run(
        [REPOSITORY / "setup/expunge.sh"],
        env=os.environ | stack.settings | own,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
    )
    assert ran.returncode == 0, ran.stderr


async def test_what_was_deleted_is_off_the_disk_and_what_was_not_is_on_it(stack: Stack, two: Two) -> None:
    kept, secret = text(), text()
    mia, ann = Client(two.here, admin=CODE), Client(two.there, name="Ann")
    async with here(mia, ann) as room:
        await ann.asks("message", " ".join(kept), {"room": room})
        said = await ann.asks("message", " ".join(secret), {"room": room})
        await asyncio.to_thread(expunge, stack)
        assert is_on_disk(stack, kept)
        assert is_on_disk(stack, secret), "nobody deleted it yet"
        which = {"room": room, "seq": said["seq"], "id": said["id"]}
        assert (await mia.asks("delete", which))["ok"]
        assert is_on_disk(stack, secret)
        await asyncio.to_thread(expunge, stack)
        assert not is_on_disk(stack, secret)
        assert is_on_disk(stack, kept)
        assert (await ann.asks("message", "and on", {"room": room}))["ok"]
