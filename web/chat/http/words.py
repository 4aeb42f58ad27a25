"""The words of the pages. A language is one file in templates/words, named by its tag: `es.json`.

A file has five parts: `page` for the templates, `script` for the page's scripts, `refusals` for both (a
sentence for each error code, or for its finer `reason`), `units` of time as the templates show them, and
`problems` for the pages that are shown instead of the chat. `{0}` or `{most}` is a gap. Where a number
decides between forms, the forms are named as in Intl.PluralRules, and the first value is that number.
"""

import json
import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from chat.domain.refusals import Refused

FOLDER = Path(__file__).parents[2] / "templates/words"
LATER = Path(__file__).parents[2] / "static/words"
"""What scripts load when they need it, such as `files.es.json`. Refusals that stand there are in no page: a
first visit reads the page twice."""
GAP = re.compile(r"\{(\w+)\}")
UNITS = {"day": 86_400, "hour": 3600, "minute": 60, "second": 1}

OF_FORMS = frozenset(
    {
        "failed_sign_ins",
        "invitations_of_room",
        "many_exports",
        "many_links",
        "many_passkeys",
        "moderator_code_needed",
        "name_empty",
        "name_of_member",
        "name_of_moderator",
        "name_too_long",
        "name_unseen_character",
        "name_without_letter",
        "no_moderators",
        "no_such_person",
        "last_owner",
        "no_way_back",
        "oneself",
        "owners_only",
        "person_is_erased",
        "person_is_out",
        "program_without_role",
        "provider_domain",
        "provider_groups",
        "provider_out",
        "rank",
        "number",
        "passkey_copied",
        "passkey_host",
        "passkey_late",
        "passkey_not_kept",
        "passkey_replaces",
        "passkey_unread",
        "passkeys",
        "programs",
        "token_over",
        "wrong_code",
        "wrong_codes",
        "wrong_links",
        "wrong_moderator_code",
        "wrong_passkey",
        "wrong_passkeys",
        "wrong_token",
        "wrong_tokens",
    }
)
"""Refusals that only forms and programs are answered with. The scripts have no use for them. A first visit
reads the page twice: it is shown, and kept for when there is no network."""


class Words:
    """The words of one language."""

    def __init__(self, language: str, content: dict[str, Any], later: dict[str, Any]) -> None:
        """`later`: the refusals that are in no page."""
        self.language = language
        self.page: dict[str, Any] = content["page"]
        refusals = {name: said for name, said in content["refusals"].items() if name not in OF_FORMS}
        self.script = content["script"] | {"refusals": refusals}
        self.problems: dict[str, dict[str, str]] = content["problems"]
        self._refusals: dict[str, str | list[str]] = content["refusals"] | later
        self._units: dict[str, str] = content["units"]

    def refusal(self, refused: Refused) -> str:
        """Return what a refusal says: its reason's sentence, or its code's, or its own English one where
        there is none. Of several sentences it is the first whose gaps can all be filled."""
        values: dict[str, str | int] = dict(refused.values)
        if refused.retry_after is not None:
            values["time"] = self.time(refused.retry_after)
        sentences = self._refusals.get(str(values.get("reason")), self._refusals.get(refused.error, []))
        for sentence in [sentences] if isinstance(sentences, str) else sentences:
            if set(GAP.findall(sentence)) <= set(values):
                return filled(sentence, values)
        return refused.detail

    def problem(self, name: str, values: Mapping[str, str | int]) -> tuple[str, str]:
        """Return the title and the sentence of a page that is shown instead of the chat."""
        said = self.problems.get(name, self.problems["other"])
        return said["title"], filled(said["detail"], values)

    def time(self, seconds: int) -> str:
        """Return a time in the largest unit that fits, rounded up."""
        unit = next((unit for unit, length in UNITS.items() if seconds >= length), "second")
        return filled(self._units[unit], {"0": -(-seconds // UNITS[unit])})


def filled(text: str, values: Mapping[str, object]) -> str:
    """Return the text with its gaps filled."""
    return GAP.sub(lambda gap: str(values[gap[1]]), text)


def read(folder: Path = FOLDER) -> dict[str, Words]:
    """Return the words of each language, by its tag in lower case."""
    languages = {}
    for file in sorted(folder.glob("*.json")):
        later = [_content(each).get("refusals", {}) for each in sorted(LATER.glob(f"*.{file.name}"))]
        refusals = dict(chain.from_iterable(each.items() for each in later))
        languages[file.stem.lower()] = Words(file.stem, _content(file), refusals)
    return languages


def _content(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return content
