"""`python -m tests.bench.pages FOLDER`: puts the tables and plots of a run into the documents.

A table is in README.md or docs/benchmark.md, between `<!-- table: NAME -->` and `<!-- end of table -->`. NAME
is the file in FOLDER that holds it.
"""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGES = ("README.md", "docs/benchmark.md")
PLOTS = {"cpu.svg": "docs/bench-cpu.svg", "held.svg": "docs/bench-held.svg"}
TABLE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end of table -->\n)", re.DOTALL)


def main() -> int:
    folder = Path(sys.argv[1])
    for name in PAGES:
        page = REPOSITORY / name
        page.write_text(filled(page.read_text(), lambda table: (folder / table).read_text()))
    for plot, place in PLOTS.items():
        shutil.copyfile(folder / plot, REPOSITORY / place)
    return 0


def filled(page: str, table: Callable[[str], str]) -> str:
    """Return the page with each of its tables replaced by `table(its name)`. Raises ValueError if the page
    has no place for a table."""
    new, found = TABLE.subn(lambda place: f"{place[1]}\n{table(place[2])}\n{place[3]}", page)
    if not found:
        raise ValueError("The page has no `<!-- table: NAME -->` before an `<!-- end of table -->`.")
    return new


if __name__ == "__main__":
    sys.exit(main())
