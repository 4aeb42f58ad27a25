"""The audit: has what the chat ships known vulnerabilities? Asks the advisory databases of PyPI and npm.

`python -m tests.audit` exits with 1 when an advisory is found. A database that can't be reached is no
failure, since it says nothing of the code; it is said in a line of its own, and never looks like a clean
result.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PATIENCE = 20.0
"""Seconds that a database has for all its answers."""

PIP_AUDIT = (
    *(sys.executable, "-m", "pip_audit", "--requirement", str(REPOSITORY / "web/requirements.txt")),
    # As locked: nothing is resolved or installed.
    *("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "5"),
)
NPM_AUDIT = (
    *("npm", "audit", "--prefix", str(REPOSITORY / "nginx/client"), "--package-lock-only", "--json"),
    *("--fetch-retries", "0", "--fetch-timeout", "5000"),
)


@dataclass(frozen=True)
class Audit:
    """What was learned: how many packages were looked up, and a line for each advisory."""

    packages: int
    advisories: Sequence[str]


class NotDone(Exception):
    """Nothing, or not everything, was looked up; the text says why."""


def read_pip(printed: str) -> Audit:
    """Read pip-audit's JSON. Raises NotDone, also where pip-audit itself finds no fault: a package that its
    database does not know is skipped, and all of them are where something else answers in its place."""
    packages = json.loads(printed)["dependencies"]
    skipped = [each["skip_reason"] for each in packages if "skip_reason" in each]
    advisories = [
        f"{each['name']} {each['version']}: {known['id']}, fixed in {', '.join(known['fix_versions']) or '?'}"
        for each in packages
        for known in each.get("vulns", ())
    ]
    if skipped and not advisories:
        raise NotDone(f"{len(skipped)} of {len(packages)} packages were not found there")
    return Audit(len(packages) - len(skipped), advisories)


def read_npm(printed: str) -> Audit:
    """Read npm's JSON. Raises NotDone."""
    answer = json.loads(printed)
    if "vulnerabilities" not in answer:
        raise NotDone(answer.get("message") or answer.get("error", {}).get("summary") or "npm says nothing")
    advisories = [
        f"{name} {each['range']}: {each['severity']}"
        + "".join(f", {via['url']}" for via in each["via"] if isinstance(via, dict))
        for name, each in answer["vulnerabilities"].items()
    ]
    return Audit(answer["metadata"]["dependencies"]["total"], advisories)


def ask(command: Sequence[str], read: Callable[[str], Audit], patience: float = PATIENCE) -> Audit:
    """Run an auditing program. Raises NotDone."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=patience)
    except subprocess.TimeoutExpired:
        raise NotDone(f"no answer within {patience:g} s") from None
    except OSError as error:
        raise NotDone(str(error)) from None
    try:
        return read(ran.stdout)
    except (ValueError, KeyError):
        last = (ran.stderr.strip() or ran.stdout.strip() or "it printed nothing").splitlines()[-1]
        raise NotDone(last[:200]) from None


def main() -> int:
    programs = {"Python": (PIP_AUDIT, read_pip), "JavaScript": (NPM_AUDIT, read_npm)}
    found = 0
    with ThreadPoolExecutor() as pool:
        asked = {kind: pool.submit(ask, *program) for kind, program in programs.items()}
        for kind, answer in asked.items():
            try:
                audit = answer.result()
            except NotDone as why:
                print(f"audit: NOT DONE for the {kind} packages, no advisory database can be asked: {why}")
                continue
            found += len(audit.advisories)
            for advisory in audit.advisories:
                print(f"audit: {advisory}")
            print(f"audit: {audit.packages} {kind} packages, {len(audit.advisories)} advisories")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
