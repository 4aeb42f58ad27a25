"""Anything that can come in: texts, JSON, bytes, cookies."""

from typing import Any

from hypothesis import strategies as st

# Everything that json.loads can return: lone surrogates, infinities and integers of any size included.
TEXTS = st.text(st.characters(codec=None), max_size=50) | st.text(
    "\ud800\udfff\u202e\x00\u200d /.<", max_size=6
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**53, 2**63, -(2**64), 10**99])
    | st.floats()
    | TEXTS
    | st.sampled_from(["lobby", "tea", "tea\n", "../etc", "Tea", "a" * 33])
)
KEYS = st.sampled_from(["room", "id", "after", "before", "limit", "epoch", "typing", "name", "code"]) | TEXTS


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return such values, and lists and dictionaries of them."""
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=6,
    )


JSON = nested(SCALARS)
# A client may send bytes too, wherever an event's arguments have a scalar.
SENT_SCALARS = SCALARS | st.binary(max_size=9)
SENT = nested(SENT_SCALARS)
# A header's bytes are one character each.
COOKIES = st.binary(max_size=80).map(lambda data: f"tertulia={data.decode('latin-1')}") | st.from_regex(
    r"(a=b; )?tertulia=[A-Za-z0-9_.-]{0,80}", fullmatch=True
)
