"""The document of relay: its pages, and what they show as code."""

import re
from pathlib import Path
from textwrap import dedent

DOCS = Path(__file__).parents[2] / "docs"
PAGES = tuple(
    DOCS / f"{name}.md"
    for name in ("reusing-relay", "relay-state", "relay-rooms", "relay-deploying", "relay-threads")
)
"""In the order in which the first one names them. That of features is tested row by row."""


def text() -> str:
    """All pages, one after the other."""
    return "\n".join(page.read_text() for page in PAGES)


def blocks(language: str) -> list[str]:
    """Its blocks of code in a language, in order, without the fences and the indentation of a list."""
    found = re.finditer(rf"^( *)```{language}\n(.*?)^\1```$", text(), re.MULTILINE | re.DOTALL)
    return [dedent(block[2]) for block in found]


def block(language: str, begins: str) -> str:
    """The one block of a language that begins with these words."""
    [found] = [block for block in blocks(language) if block.startswith(begins)]
    return found
