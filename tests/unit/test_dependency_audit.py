"""An advisory fails the check; a database that can't be asked does not, nor does it look like a clean one."""

import json
import sys
import time

import pytest

from tests import audit
from tests.audit import Audit, NotDone, ask, read_npm, read_pip
from tests.support.waiting import PATIENCE

CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
KNOWN = {
    "name": "jinja2",
    "version": "3.1.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["3.1.6"], "aliases": [], "description": ""}],
}
SKIPPED = {"name": "jinja2", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def pip(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def npm(**vulnerabilities: object) -> str:
    return json.dumps({"vulnerabilities": vulnerabilities, "metadata": {"dependencies": {"total": 9}}})


def test_packages_without_advisories_are_counted() -> None:
    assert read_pip(pip(CLEAN, CLEAN)) == Audit(2, [])
    assert read_npm(npm()) == Audit(9, [])


def test_an_advisory_is_told_with_its_package_and_what_fixes_it() -> None:
    assert read_pip(pip(CLEAN, KNOWN)).advisories == ["jinja2 3.1.0: PYSEC-2026-1, fixed in 3.1.6"]
    found = {"severity": "high", "range": "<4.2", "via": ["ws", {"url": "https://github.com/advisories/1"}]}
    assert read_npm(npm(engine=found)).advisories == ["engine <4.2: high, https://github.com/advisories/1"]


def test_packages_that_were_skipped_are_not_clean() -> None:
    """pip-audit exits with 0 and says that it found nothing."""
    with pytest.raises(NotDone, match="2 of 2 packages"):
        read_pip(pip(SKIPPED, SKIPPED))
    with pytest.raises(NotDone, match="1 of 2 packages"):
        read_pip(pip(SKIPPED, CLEAN))


def test_an_advisory_beside_skipped_packages_still_counts() -> None:
    assert len(read_pip(pip(SKIPPED, KNOWN)).advisories) == 1


def test_npm_without_its_database_is_not_clean() -> None:
    with pytest.raises(NotDone, match="405 Method Not Allowed"):
        read_npm('{"message": "405 Method Not Allowed", "error": {"summary": ""}}')


def test_a_program_that_hangs_fails_or_is_missing_is_not_waited_for() -> None:
    began = time.monotonic()
    for command, why, patience in (
        ((sys.executable, "-c", "import time; time.sleep(60)"), "no answer within 0.5 s", 0.5),
        ((sys.executable, "-c", "import sys; sys.exit('no network')"), "no network", PATIENCE),
        (("/no/such/program",), "No such file", PATIENCE),
    ):
        with pytest.raises(NotDone, match=why):
            ask(command, read_pip, patience)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("printed", "status", "said"),
    [
        (pip(CLEAN), 0, "audit: 1 Python packages, 0 advisories"),
        (pip(KNOWN), 1, "audit: jinja2 3.1.0: PYSEC-2026-1"),
        (pip(SKIPPED), 0, "audit: NOT DONE for the Python packages"),
    ],
)
def test_only_an_advisory_fails_the_check(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    printed: str,
    status: int,
    said: str,
) -> None:
    monkeypatch.setattr(audit, "PIP_AUDIT", (sys.executable, "-c", f"print({printed!r})"))
    monkeypatch.setattr(audit, "NPM_AUDIT", (sys.executable, "-c", f"print({npm()!r})"))
    assert audit.main() == status
    assert said in capsys.readouterr().out
