"""The search for the highest rate that is held."""

from collections.abc import Callable
from math import sqrt

LEAST = 1000.0
MOST = 3_000_000.0


def highest(held: Callable[[float], bool], start: float, halvings: int) -> float:
    """Return the highest rate for which `held` was true, 0.0 if none was.

    Doubles or halves from `start` until one rate is held and its double is not, then halves that interval
    (on a logarithmic scale) so many times: the result is exact to a factor of 2 ** (1 / 2 ** halvings).
    """
    low, high = 0.0, 0.0
    rate = start
    while LEAST <= rate <= MOST and not (low and high):
        if held(rate):
            low, rate = rate, rate * 2
        else:
            high, rate = rate, rate / 2
    if not (low and high):
        return low
    for _ in range(halvings):
        middle = sqrt(low * high)
        low, high = (middle, high) if held(middle) else (low, middle)
    return low
