"""Reactions: people answer a message with an emoji. The log counts them; see relay/log/votes.py."""

import re
from collections.abc import Collection
from typing import Any

from relay import Entry, Vote, encode

from chat.domain.kinds import BEGINS, has_text
from chat.domain.people import Person
from chat.domain.refusals import Refused

MOST_CODE_POINTS = 10
"""Of the longest emoji that are recommended for general interchange (RGI, UTS #51)."""

# Characters with the property Extended_Pictographic, of which some are kept for emoji to come (UTS #51).
_PLAIN = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab"
    "\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e"
    "\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201\U0001f21a\U0001f22f\U0001f232-\U0001f236"
    "\U0001f238-\U0001f23a\U0001f250\U0001f251\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff"
    "\U0001f7e0-\U0001f7f0\U0001f90c-\U0001faff"
)
"""Those that are shown as emoji by themselves, or may be. Colours of skin are not among them."""
_TEXT = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u2328\u23cf\u23ed-\u23ef\u23f1\u23f2"
    "\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb\u25fc\u2600-\u2604\u260e\u2611\u2618\u261d\u2620\u2622\u2623"
    "\u2626\u262a\u262e\u262f\u2638-\u263a\u2640\u2642\u265f\u2660\u2663\u2665\u2666\u2668\u267b\u267e\u2692"
    "\u2694-\u2697\u2699\u269b\u269c\u26a0\u26a7\u26b0\u26b1\u26c8\u26cf\u26d1\u26d3\u26e9\u26f0\u26f1\u26f4"
    "\u26f7-\u26f9\u2702\u2708\u2709\u270c\u270d\u270f\u2712\u2714\u2716\u271d\u2721\u2733\u2734\u2744\u2747\u2763"
    "\u2764\u27a1\u2934\u2935\u2b05-\u2b07\u3030\u303d\u3297\u3299"
    "\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f202\U0001f237"
)
"""Those that are shown as text, unless a variation selector follows, or a colour of skin."""
_SKIN = "[\U0001f3fb-\U0001f3ff]"
_ELEMENT = f"(?:[{_PLAIN}](?:\ufe0f|{_SKIN})?|[{_TEXT}](?:\ufe0f|{_SKIN}))"
_JOINED = f"{_ELEMENT}(?:\u200d(?:{_ELEMENT}|[{_TEXT}]))*"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_REGION = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f"
_KEYCAP = "[0-9#*]\ufe0f\u20e3"
EMOJI = re.compile(f"{_REGION}|{_KEYCAP}|{_FLAG}|{_JOINED}")
"""One emoji: a sequence as UTS #51 defines them."""


def check_emoji(emoji: Any) -> str:
    """Return an emoji. Raises Refused for whatever is none."""
    if not isinstance(emoji, str) or len(emoji) > MOST_CODE_POINTS or not EMOJI.fullmatch(emoji):
        raise Refused("invalid", "`emoji` is one emoji.", reason="emoji")
    return emoji


def vote(seq: int, id: str, emoji: str, person: Person, on: bool) -> Vote:
    """Return how a person reacts to the message with this number and id, or no longer does (`on` is false).
    The log refuses it for anything but a message that is still there. Its notices have ids of their own."""
    return Vote(seq, id, emoji, person.id, person.name, on, BEGINS, dedup=False)


def notice(seq: int, emoji: str, person: Person, on: bool) -> bytes:
    """Return the data of the entry that says so. The log adds the count."""
    author = {"id": person.id, "name": person.name}
    return encode({"reacts": seq, "emoji": emoji, "on": on, "author": author})


def reactions_to(entry: Entry, mine: Collection[tuple[int, str]] = ()) -> dict[str, Any]:
    """Return `{reactions}` of a message, and nothing if it has none. `mine`: the emoji that one has chosen
    oneself, each with its message's number."""
    if not entry.tally or not has_text(entry):
        return {}
    return {
        "reactions": [
            {
                "emoji": each.key,
                "count": each.count,
                "since": each.since,
                **({"mine": True} if (entry.seq, each.key) in mine else {}),
            }
            for each in entry.tally
        ]
    }


def too_many(most: int) -> Refused:
    """Return the refusal of one more emoji than a message may have."""
    detail = f"The message has {most} kinds of reactions, the most there can be."
    return Refused("limit", detail, reason="reactions_of_message", most=most)
