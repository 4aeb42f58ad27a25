"""A quarter of what the container may take is for what clients have not read."""

from pathlib import Path

import pytest
from chat.memory_limit import WITHOUT, for_buffers


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (["536870912"], 128 << 20),
        (["max"], WITHOUT // 4),
        ([None, "1073741824"], 256 << 20),
        ([None, "9223372036854771712"], WITHOUT // 4),
        (["max", "9223372036854771712"], WITHOUT // 4),
        ([None, None], WITHOUT // 4),
    ],
)
def test_the_containers_limit_is_read_where_there_is_one(
    tmp_path: Path, limits: list[str | None], expected: int
) -> None:
    """In either version of cgroups."""
    files = [tmp_path / str(number) for number in range(len(limits))]
    for file, limit in zip(files, limits, strict=True):
        if limit is not None:
            file.write_text(f"{limit}\n")
    assert for_buffers(files) == expected
