"""`make bench SCALING=1`: how cost grows with workers, members of a room, joins, idle rooms and shards.

It prints a table for each, as docs/scaling.md has them. SCALING="workers rooms" makes these alone.
"""

import os
import sys

from tests.bench.peers import OURS, Site
from tests.bench.scaling import on_a_stack, on_a_worker
from tests.bench.scaling.table import Table


def main() -> int:
    site = Site()
    tables = {table.name: table for table in (*on_a_stack.tables(site), *on_a_worker.TABLES)}
    asked = os.environ["SCALING"].split()
    wanted = [*tables] if asked == ["1"] else asked
    if unknown := [name for name in wanted if name not in tables]:
        sys.stderr.write(f"SCALING: '{unknown[0]}' is no table; there are {', '.join(tables)}\n")
        return 2
    try:
        site.build(OURS)
        for name in wanted:
            _measure(tables[name])
    finally:
        site.stop()
    return 0


def _measure(table: Table) -> None:
    """Each row is printed when it is there: a run that is broken off leaves what it has."""
    sys.stdout.write(f"\n{table.title}\n\n| {' | '.join(table.head)} |\n|{'---:|' * len(table.head)}\n")
    for count in table.counts:
        cells = f"{count:,}", *(f"{float(f'{value:.2g}'):,g}" for value in table.row(count))
        sys.stdout.write(f"| {' | '.join(cells)} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
