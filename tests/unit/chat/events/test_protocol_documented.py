"""docs/protocol.md names every event and every error code there is, and no other."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from chat.app import build
from chat.domain.kinds import KINDS
from chat.domain.messages import Draft, response_of
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.events.event import Event, Who
from chat.settings import Settings
from relay import Entry
from relay.delivery import presence

from tests.unit.source import nodes_of

REPOSITORY = Path(__file__).parents[4]
DOCUMENT = (REPOSITORY / "docs/protocol.md").read_text()
WORD = re.compile(r"`([a-z_]+)`")


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, row by row and without its two lines of heading."""
    _, _, below = DOCUMENT.partition(f"\n{heading}\n")
    lines = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert lines, f"there is no table below {heading}"
    cells = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines[0].splitlines()[2:]]
    return [[cell.strip() for cell in row] for row in cells]


def words(column: int, *headings: str) -> set[str]:
    """The words in a column of these tables that stand in backquotes by themselves."""
    return {word for heading in headings for row in rows(heading) for word in WORD.findall(row[column])}


def nodes(folder: str, *having: str) -> Iterator[ast.AST]:
    """Every part of the modules below a folder that have one of these words; of all, if there are none."""
    for module in sorted((REPOSITORY / folder).rglob("*.py")):
        yield from nodes_of(module, *having)


def name_of(call: ast.Call) -> str:
    """What is called, without the object it belongs to."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def constants(expressions: Iterable[ast.expr]) -> set[str]:
    """The texts among some expressions."""
    found = {each.value for each in expressions if isinstance(each, ast.Constant)}
    return {text for text in found if isinstance(text, str)}


def only(found: Collection[str]) -> str:
    """The one that there is."""
    assert len(found) == 1
    return next(iter(found))


def calls(folder: str, *functions: str) -> list[ast.Call]:
    """Where these functions are called."""
    found = nodes(folder, *functions)
    return [node for node in found if isinstance(node, ast.Call) and name_of(node) in functions]


def first_arguments(folder: str, *functions: str) -> set[str]:
    """The texts that these functions are called with first; each has to be written there."""
    found: set[str] = set()
    for call in calls(folder, *functions):
        assert constants(call.args[:1]), f"{ast.unparse(call)} hides its first argument from this test"
        found |= constants(call.args[:1])
    return found


class Options(dict[str, Any]):
    """The options of an event, which remember what they were asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(options)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def arguments_of(event: Event) -> set[str]:
    """What an event takes of the options: without a person, and with one. Whoever names a person may name no
    address besides."""
    without, with_person = Options(), Options(person="x")
    for reader in event.arguments.values():
        for options in without, with_person:
            with suppress(Refused):
                reader(options)
    return without.asked | with_person.asked - {"address"}


@pytest.fixture
def events(bundle: Path) -> list[Event]:
    """All that clients may send."""
    return build(Settings(client_bundle=bundle)).registry.events


@pytest.mark.parametrize(
    ("headings", "who"),
    [
        (["## What a client may say", "### What members may say"], Who.EVERYBODY),
        (["### What moderators may say"], Who.MODERATORS),
    ],
)
def test_every_event_that_is_registered_is_documented(
    events: list[Event], headings: list[str], who: Who
) -> None:
    """And no other: its name, who may send it, and the names of its arguments."""
    documented: defaultdict[str, set[str]] = defaultdict(set)
    for names, arguments, *_ in (row for heading in headings for row in rows(heading)):
        options = re.search(r"`[^`]*\{(.*?)\}", arguments)
        without_values = re.sub(r'"[^"]*"', "", options[1] if options else "")
        for name in WORD.findall(names):
            documented[name] |= set(re.findall("[a-z]+", without_values))
    declared = {event.name: arguments_of(event) for event in events if event.who is who}
    assert len(declared) > 5
    assert documented == declared


def test_every_event_that_the_server_emits_is_documented() -> None:
    """And no other: those that the chat emits, those of the log's entries, and two of the relay's own."""
    emitted = first_arguments("web/chat", "emit_volatile", "emit_to_group")
    message = Draft.compose(Person("1", "Ana"), "hello", None, max_chars=40)
    event, *_ = json.loads(response_of(Entry("tea", "x", 1, "id", 1, message.data())))
    emitted |= {event, *(kind.event.decode() for kind in KINDS.values())}
    packets = [node for node in nodes("web/relay") if isinstance(node, ast.List) and len(node.elts) == 2]
    of_relay = constants(node.elts[0] for node in packets if isinstance(node.elts[1], ast.Dict))
    emitted |= of_relay - {"expired"}  # the chat never calls RelayServer.expire
    assert words(0, "## What the server says", "### What members are told") == emitted | {presence.EVENT}


def test_every_error_code_is_documented() -> None:
    """And no other."""
    assert words(0, "### Codes") == first_arguments("web/chat", "Refused")


def test_every_reason_is_documented() -> None:
    """With its code and the fields that come with it, and no other."""
    given = {}
    for refusal in calls("web/chat", "Refused"):
        values = {keyword.arg: keyword.value for keyword in refusal.keywords}
        if reason := values.pop("reason", None):
            fields = {field for field in values if field not in (None, "retry_after")}
            given[only(constants([reason]))] = only(constants(refusal.args[:1])), fields
    documented = {}
    for row in [*rows("### Reasons"), *rows("### Reasons of members")]:
        named, code, beside, _ = map(WORD.findall, row)
        documented[only(named)] = only(code), set(beside)
    assert len(given) > 10
    assert documented == given


def test_every_field_of_a_refusal_is_documented() -> None:
    """And no other."""
    given = {keyword.arg for refusal in calls("web/chat", "Refused") for keyword in refusal.keywords}
    assert words(0, "## Error codes") == given | {"retry_after"}


@pytest.mark.parametrize(
    "heading", ["## What a client may say", "### What moderators may say", "### What members may say"]
)
def test_an_event_is_refused_with_codes_that_are_documented(heading: str) -> None:
    assert words(3, heading) <= words(0, "### Codes")


def test_every_code_of_an_http_answer_is_documented() -> None:
    """And no other: the workers' and nginx's."""
    codes = first_arguments("web/relay", "unavailable")
    for node in nodes("web", "error"):
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            codes |= constants(value for key, value in pairs if key and constants([key]) == {"error"})
    for snippet in (REPOSITORY / "nginx/snippets").glob("*.conf"):
        codes |= set(re.findall(r'"error":"([^"]+)"', snippet.read_text()))
    assert words(1, "### Error codes over HTTP") == {code for code in codes if re.fullmatch("[a-z_]+", code)}
