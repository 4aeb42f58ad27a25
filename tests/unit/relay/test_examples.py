"""The examples of docs/examples run in one process, with what the wheel holds."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.assistant import assistant
from tests.support.column import Database, column
from tests.support.examples import drawing, help_desk, people
from tests.support.noticeboard import lay_out, running


@pytest.mark.parametrize(
    ("example", "does"),
    [("helpdesk", help_desk), ("drawingboard", drawing), ("online", people), ("assistant", assistant)],
)
async def test_an_example_does_what_it_says(
    example: str, does: Callable[[str, str], Awaitable[None]], tmp_path: Path, wheel: Path
) -> None:
    lay_out(tmp_path, wheel)
    async with running(tmp_path, application=example) as url:
        await does(url, url)


async def test_the_column_says_who_is_connected(tmp_path: Path, wheel: Path) -> None:
    lay_out(tmp_path, wheel)
    database = Database(tmp_path)
    async with running(tmp_path, application="column", DATABASE=str(database.path)) as url:
        await column(url, url, database)
