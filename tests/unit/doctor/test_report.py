"""What the doctor prints, and the status it ends with."""

import json

import pytest
from doctor.findings import Finding, exit_status, look, ok, printable, skipped, unknown, wrong
from doctor.report import Report, as_json

WELL = ok("clock", "it is right")
WORTH_A_LOOK = look("overcommit", "it is 0; expected 1", "set it")
AWAY = skipped("disk", "Redis does not answer")
UNSEEN = unknown("sessions", "no access code is known", "give it")
BROKEN = wrong("health", "it answers 503; expected 200", "look at the logs")


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([WELL], 0),
        ([WELL, WORTH_A_LOOK, AWAY], 0),
        ([WELL, UNSEEN], 2),
        ([UNSEEN, BROKEN, WELL], 1),
    ],
)
def test_the_status_tells_wrong_from_unseen_from_well(findings: list[Finding], status: int) -> None:
    """What waits for something else, or cannot be seen from here by its nature, is no failure."""
    assert exit_status(findings) == status


def test_what_was_not_checked_never_reads_as_passed() -> None:
    for finding in (AWAY, UNSEEN):
        assert finding.said.startswith("not checked: ")
        assert "  ok" not in Report().area("Anything", [finding])


def test_a_report_is_aligned_and_wrapped() -> None:
    long = wrong("health", "word " * 40, "advice " * 30)
    lines = Report(width=80).area("Address", [WELL, long]).splitlines()
    assert lines[:2] == ["Address", "  ok     clock             it is right"]
    assert max(len(line) for line in lines) <= 80
    assert {line[:27] for line in lines[3:]} == {" " * 27}
    assert sum("→" in line for line in lines) == 1


def test_colour_is_used_only_where_it_is_wanted() -> None:
    plain, coloured = Report(colour=False), Report(colour=True)
    assert "\033" not in plain.area("Address", [BROKEN]) + plain.summary([BROKEN])
    assert "\033[1;31mWRONG\033[0m" in coloured.area("Address", [BROKEN])


def test_the_summary_counts_each_kind() -> None:
    said = Report().summary([WELL, WELL, WORTH_A_LOOK, BROKEN, AWAY, UNSEEN])
    assert said == "Something is wrong: 2 of 6 checks are well, 1 worth a look, 1 wrong, 2 not checked."
    assert Report().summary([WELL]) == "Nothing is wrong: 1 of 1 checks are well."
    assert Report().summary([UNSEEN]).startswith("Not all could be checked")


def test_programs_get_one_object() -> None:
    found = json.loads(as_json("https://chat.example.org", [("Address", [WELL, BROKEN])]))
    assert (found["address"], found["status"]) == ("https://chat.example.org", 1)
    assert found["findings"][1] == {
        "area": "Address",
        "name": "health",
        "outcome": "wrong",
        "said": "it answers 503; expected 200",
        "advice": "look at the logs",
    }


def test_a_servers_words_do_not_steer_the_terminal() -> None:
    assert printable("a\x1b[2J\r\nb\x07 \u202ec") == "a�[2J b� �c"
    assert len(printable("x" * 5000)) == 400
