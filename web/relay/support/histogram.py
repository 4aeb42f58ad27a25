"""A histogram: how often something took how long. It is kept in plain integers, so counting costs almost
nothing."""

from bisect import bisect_left

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper limits of the buckets in seconds; one more bucket is for what took longer."""


class Histogram:
    """How often something took how long. `counts`: for each of `BOUNDS` how often it was not passed, and then
    how often the last one was; none is in two of them. `seconds`: the sum of all times."""

    def __init__(self, whole: "Histogram | None" = None) -> None:
        """`whole`: one that counts the same, and what others count."""
        self._whole = whole
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def observe(self, seconds: float) -> None:
        """Count something that took so long."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds
        if self._whole is not None:
            self._whole.observe(seconds)
