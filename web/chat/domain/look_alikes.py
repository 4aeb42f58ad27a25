"""Look-alikes: names that are one to the eye, whatever characters they are written with.

After UTS #39, https://www.unicode.org/reports/tr39/#Confusable_Detection: characters are replaced by
prototypes; names that become the same look alike. Here neither case matters nor what is no letter or digit:
marks, spaces, punctuation, symbols and what is not seen.
"""

import unicodedata
from functools import cache
from importlib.resources import files


def skeletons(name: str) -> set[str]:
    """Return what a name looks like: as it is, in small letters and in capitals, since each resembles other
    characters. Two names look alike if they share one."""
    apart = unicodedata.normalize("NFKD", name)
    text = "".join(char for char in apart if unicodedata.category(char)[0] in "LN") or apart
    return {_prototype(form).casefold() for form in (text, text.casefold(), text.upper())}


def _prototype(text: str) -> str:
    prototypes = _prototypes()
    return "".join(prototypes.get(char, char) for char in text)


@cache
def _prototypes() -> dict[str, str]:
    lines = files(__package__).joinpath("look_alikes.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if not line.startswith("#"))
    return {char: prototype for prototype, chars in pairs for char in chars}
