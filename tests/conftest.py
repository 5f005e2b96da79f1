"""Hypothesis profiles, chosen by HYPOTHESIS_PROFILE.

`default` draws 20 new examples a law. `ci` draws the same ten every time, and is chosen when CI is set: more of them
would find nothing that the first gate did not find. `quick` draws five of these. `deep` draws 3,000 and takes half an
hour.

In all tests, what a command writes as JSON has the form of its schema.

Coverage is not measured while a law runs. What a law reaches depends on the examples that are drawn, so each line also
needs a test with a fixed case. The laws take half the time without the measuring. The laws of the engines are measured:
each of their examples has many rows.
"""

import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from kolmisla.cli import RUN
from tests.printed import watched

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("default", max_examples=20, deadline=None, suppress_health_check=SLOW)
settings.register_profile("ci", settings.get_profile("default"), max_examples=10, derandomize=True)
settings.register_profile("deep", settings.get_profile("default"), max_examples=3_000)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=5)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))

RUN.update({command: watched(command, run) for command, run in RUN.items()})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run a law without the tracer that measures coverage, unless it is a law of the engines."""
    if item.path.parent.name == "engines" or not getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)
