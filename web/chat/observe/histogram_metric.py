"""A histogram of the relay's, as a metric."""

from itertools import accumulate

from prometheus_client.metrics_core import HistogramMetricFamily
from relay import BOUNDS, Histogram


def histogram(name: str, text: str, kept: dict[str, Histogram], label: str = "") -> HistogramMetricFamily:
    """Return histograms as Prometheus wants them: the buckets added up, by the values of a label if there is
    one."""
    family = HistogramMetricFamily(name, text, labels=[label] if label else [])
    bounds = [*map(str, BOUNDS), "+Inf"]
    for value, one in kept.items():
        buckets = list(zip(bounds, accumulate(one.counts), strict=True))
        family.add_metric([value] if label else [], buckets, one.seconds)
    return family
