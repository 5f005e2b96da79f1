"""Metrics: what the clock of a ticket measures."""

from typing import Literal, get_args

from kolmisla.documents.names import folded
from kolmisla.errors import PolicyError, shown

__all__ = ["FIRST_RESPONSE", "METRICS", "NEXT_RESPONSE", "RESOLUTION", "MetricName", "metric_named"]

MetricName = Literal["first-response", "next-response", "resolution"]
METRICS: tuple[MetricName, ...] = get_args(MetricName)
FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION = METRICS


def metric_named(name: object) -> MetricName:
    """Return the metric with a name in any letter case. For an unknown name, raise PolicyError, which lists all names.

    >>> metric_named("First response")
    'first-response'
    """
    for metric in METRICS:
        if isinstance(name, str) and metric == folded(name):
            return metric
    raise PolicyError(f"metric {shown(name)} is not one of {', '.join(METRICS)}")
