"""What a file is called. A name is only ever shown, and given to whoever downloads the file."""

import re
from typing import Any
from urllib.parse import quote

from chat.domain.refusals import Refused

MAX_CHARS = 150
"""Of a name. Its end, which says what the file is, stays where it is longer."""
PATH = re.compile(r".*[/\\]", re.DOTALL)
UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Controls, and what turns the direction of letters: `gpj.exe` could be shown as `exe.jpg`."""


def name_of(given: Any) -> str:
    """Return what a file is called of which a client gave this name: without the folders before it and
    without what nobody sees. Raises Refused if nothing is left."""
    name = UNSEEN.sub("", PATH.sub("", given)).strip(" .") if isinstance(given, str) else ""
    if not name or not name.isprintable():
        detail = "A file has a name, and it is no path: 1 to 150 characters that can be seen."
        raise Refused("invalid", detail, reason="file_name")
    if len(name) <= MAX_CHARS:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending) < 20 else ""
    return f"{name[: MAX_CHARS - len(ending) - 1]}…{ending}"


def disposition(name: str, *, inline: bool) -> str:
    """Return the Content-Disposition by which a browser shows a file, or keeps it under its name (RFC
    6266)."""
    plain = re.sub(r"[^ -~]|[\"\\%]", "_", name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
