"""`python -m doctor [--json] [URL]`: exits with 0 if nothing is wrong, 1 if something is, and 2 if something
could not be checked or the doctor was called wrongly."""

import argparse
import asyncio
import os
import shutil
import sys

from doctor.address import WrongUse
from doctor.examination import Examination
from doctor.findings import exit_status
from doctor.report import Area, Report, as_json


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="doctor",
        description="Look a running chat over from the outside, and say what is wrong and what to do.",
    )
    parser.add_argument(
        "url",
        nargs="?",
        help="its address, as in https://chat.example.org; without one, the chat of this folder",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    asked = parser.parse_args()
    examination = Examination(asked.url, os.environ.get("ACCESS_CODE"))
    try:
        return asyncio.run(tell(examination, asked.json))
    except WrongUse as error:
        sys.stderr.write(f"doctor: {error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("doctor: interrupted\n")
    return 2


async def tell(examination: Examination, json: bool) -> int:
    """Print each area as soon as it is known, then how it came out; or all of it at the end as JSON."""
    terminal = sys.stdout.isatty()
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    report = Report(shutil.get_terminal_size((100, 24)).columns, colour)
    areas: list[Area] = []
    async for title, findings in examination.areas():
        areas.append((title, findings))
        if not json:
            write(report.area(title, findings))
    found = [finding for _, findings in areas for finding in findings]
    write(as_json(examination.address.origin, areas) if json else report.summary(found))
    return exit_status(found)


def write(text: str) -> None:
    """Also where the output takes only ASCII."""
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
