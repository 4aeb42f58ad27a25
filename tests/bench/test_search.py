"""What the benchmark makes of what it measured."""

import pytest

from tests.bench.load import Histogram
from tests.bench.search import highest


@pytest.mark.parametrize("start", [1_000, 20_000, 900_000])
@pytest.mark.parametrize("limit", [5_000, 33_000, 250_000])
def test_the_search_finds_the_limit_from_wherever_it_begins(start: float, limit: float) -> None:
    """To a factor of 2 ** (1 / 8), and from below."""
    found = highest(lambda rate: rate <= limit, start, halvings=3)
    assert limit / 2**0.125 <= found <= limit


def test_a_peer_that_holds_nothing_has_a_limit_of_zero() -> None:
    assert highest(lambda rate: False, 20_000, halvings=3) == 0


def test_a_quantile_is_what_that_share_was_at_or_below() -> None:
    histogram = Histogram(((1_000, 98), (5_000, 1), (250_000, 1)))
    assert [histogram.at(share) for share in (0.5, 0.98, 0.99, 1.0)] == [1, 1, 5, 250]
