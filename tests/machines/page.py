"""The commands of docs/many-machines.md, so that they are run as they are written."""

import re

from tests.support.stack import REPOSITORY

_BLOCKS = re.findall(
    r"^```\n(.*?)^```$", (REPOSITORY / "docs/many-machines.md").read_text(), re.MULTILINE | re.DOTALL
)


def block(part: str) -> str:
    """The one block of the page that has this in it."""
    [found] = [block for block in _BLOCKS if part in block]
    return str(found)
