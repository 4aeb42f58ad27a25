"""The tables of docs/who-may-what.md: how they are read and written."""

import re
from pathlib import Path

from tests.unit.chat.walk.walks import Table

DOCUMENT = Path(__file__).parents[4] / "docs/who-may-what.md"


def read(name: str) -> str:
    """A table as it stands in the document."""
    found = re.search(f"<!-- table: {name} -->\n(.*?)<!-- end of table -->", DOCUMENT.read_text(), re.DOTALL)
    assert found is not None, f"{DOCUMENT.name} has no table of {name}"
    return found[1]


def write(name: str, table: Table) -> None:
    """Replace a table in the document."""
    place = f"<!-- table: {name} -->\n"
    DOCUMENT.write_text(DOCUMENT.read_text().replace(place + read(name), place + rendered(table)))


def rendered(table: Table) -> str:
    """A table in Markdown, with an empty line around it."""
    titles = next(iter(table.values())).keys()
    lines = [f"| | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    lines += [f"| {row} | {' | '.join(cells.values())} |" for row, cells in table.items()]
    return "\n" + "".join(f"{line}\n" for line in lines) + "\n"
