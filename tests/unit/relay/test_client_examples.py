"""The client that docs/relay-rooms.md shows in each language: as long as it says, word by word, and run."""

import ast
import re
from pathlib import Path

import pytest

from tests.support import client_examples, relay_document
from tests.unit.relay.rooms.board import Board

LANGUAGES = {client_examples.PYTHON: "python", client_examples.JAVASCRIPT: "javascript"}


@pytest.mark.parametrize(("example", "language"), LANGUAGES.items(), ids=LANGUAGES.values())
def test_the_document_shows_it_word_by_word(example: Path, language: str) -> None:
    assert example.read_text() in relay_document.blocks(language)


@pytest.mark.parametrize("example", LANGUAGES, ids=LANGUAGES.values())
def test_it_has_thirty_lines_of_code(example: Path) -> None:
    """Without its first line, blank ones and those with a comment only."""
    lines = example.read_text().splitlines()[1:]
    code = [line for line in lines if line.strip() and not line.strip().startswith(("#", "//"))]
    assert 10 < len(code) <= 30


def test_what_it_copies_in_javascript_imports_nothing_else() -> None:
    imported = {
        path
        for script in client_examples.MODULES.glob("*.js")
        for path in re.findall(r"""from "([^"]+)";$""", script.read_text(), re.MULTILINE)
    }
    assert imported
    assert all(path.startswith("./") and "/" not in path[2:] for path in imported)


def test_the_one_in_python_uses_the_client_alone() -> None:
    nodes = ast.walk(ast.parse(client_examples.PYTHON.read_text()))
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name for name in modules if name and name.startswith("relay")} == {"relay.client"}


async def test_the_one_in_python_shows_a_room_and_appends_to_it(tmp_path: Path, wheel: Path) -> None:
    board = Board()
    async with board.serving() as url:
        command = client_examples.lay_out_python(tmp_path, wheel)
        async with client_examples.running(tmp_path, command, url, "hall") as program:
            program.types("one", "twö")
            await program.shows(2)
            assert program.shown == [(1, "one"), (2, "twö")]
            assert await program.ends() == ""


async def test_the_one_in_python_says_what_is_refused(tmp_path: Path, wheel: Path) -> None:
    board = Board()
    board.denied["append", "hall"] = "Only readers here."
    async with board.serving() as url:
        command = client_examples.lay_out_python(tmp_path, wheel)
        async with client_examples.running(tmp_path, command, url, "hall") as program:
            program.types("one")
            said = await program.ends()
    assert said.startswith("refused: forbidden Only readers here. {'id': ")
