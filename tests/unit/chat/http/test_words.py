"""The words of the pages: every language has them all, and a sentence for whatever is refused."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat.domain.refusals import Refused
from chat.http import words
from jinja2 import Environment, FileSystemLoader

from tests.unit.source import nodes_of

WEB = Path(__file__).parents[4] / "web"
TEMPLATES = WEB / "templates"
LANGUAGES = words.read()
CONTENTS = {file.stem: json.loads(file.read_text("utf-8")) for file in words.FOLDER.glob("*.json")}


def test_every_word_of_the_templates_is_found() -> None:
    """Where it is not, a page shows nothing, or a method: Jinja takes `words.clear` for that of the dict."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    said = LANGUAGES["en"].page
    pages = [template.read_text() for template in TEMPLATES.glob("*.html")]
    used = {name for page in pages for name in re.findall(r"\bwords\.(\w+)", page)}
    assert len(used) > 40
    assert [name for name in sorted(used) if environment.getattr(said, name) is not said.get(name)] == []
    assert sorted(used - set(said)) == []
    assert sorted(set(said) - used) == []


def refusals() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each refusal that stands in the code, and how the wire tells of it; a value's name is its value."""
    for file in sorted((WEB / "chat").rglob("*.py")):
        for node in nodes_of(file, "Refused"):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Refused":
                continue
            error, *more = node.args
            assert isinstance(error, ast.Constant), f"{file}:{node.lineno} has no code that can be read"
            values: dict[str, Any] = {each.arg or "": each.arg for each in node.keywords}
            for each in node.keywords:
                if each.arg == "reason":
                    assert isinstance(each.value, ast.Constant)
                    values["reason"] = each.value.value
            if len(more) > 1 or "retry_after" in values:
                values["retry_after"] = 90
            yield f"{file.name}:{node.lineno}", {"error": error.value, **values}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_a_sentence(language: str) -> None:
    """Its own, in which no gap is left, and not the English one of the wire."""
    there_are = list(refusals())
    assert len(there_are) > 40
    for place, told in there_are:
        values = {name: value for name, value in told.items() if name != "error"}
        sentence = LANGUAGES[language].refusal(Refused(told["error"], "English", **values))
        assert sentence != "English", f"{place}: {told}"
        assert "{" not in sentence, place


@pytest.mark.parametrize("language", CONTENTS)
def test_scripts_get_every_refusal_but_those_of_forms(language: str) -> None:
    given = LANGUAGES[language].script["refusals"]
    assert CONTENTS[language]["refusals"].keys() - given.keys() == words.OF_FORMS
