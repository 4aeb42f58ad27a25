"""What one emoji is."""

import pytest
from chat.domain.reactions import check_emoji
from chat.domain.refusals import Refused

EMOJI = (
    "👍 👍🏽 ❤️ ☕ 🎂 😀 🫠 🫩 ✌️ ✌🏿 ☝🏻 ⛹🏽‍♀️ 👩‍🚀 👨‍👩‍👧‍👦 🧑🏿‍❤️‍💋‍🧑🏻 🏳️‍🌈 🏴‍☠️ 🇪🇸 🏴󠁧󠁢󠁥󠁮󠁧󠁿"
    " 1️⃣ #️⃣ *️⃣ ©️ ™️ 🕵️‍♂️ 🐻‍❄️ ⛓️‍💥 🙂‍↔️ 👁️‍🗨️ 🅰️ 🀄 ✅ ⭐ 〰️"
)
NONE = [
    "",
    " ",
    "a",
    "1",
    "#",
    "yes",
    "👍👍",
    "👍 ",
    "❤",
    "©",
    "🇪",
    "🇪🇸🇪",
    "🏽",
    "\u200d",
    "👍\u200d",
    "\ufe0f",
    "é",
    "中",
    "👍a",
    "👩‍🚀‍",
    "<b>",
    ":)",
    "\ud83d",
    "𝕏",
    "️⃣",
    "👨" + "‍👨" * 9,
]


@pytest.mark.parametrize("emoji", EMOJI.split())
def test_an_emoji_is_taken(emoji: str) -> None:
    assert check_emoji(emoji) == emoji


@pytest.mark.parametrize("text", [*NONE, None, 5, ["👍"]])
def test_what_is_not_one_emoji_is_refused(text: object) -> None:
    with pytest.raises(Refused) as refused:
        check_emoji(text)
    assert (refused.value.error, refused.value.values) == ("invalid", {"reason": "emoji"})
