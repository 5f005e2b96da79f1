"""Hypothesis profiles, chosen by HYPOTHESIS_PROFILE.

`default` draws 20 new examples a law. `ci` draws the same ten every time, and is chosen when CI is set: more of them
would find nothing that the first gate did not find. `quick` draws five of these. `deep` draws 3,000 and takes half an
hour.

In all tests, what a command writes as JSON has the form of its schema.
"""

import os

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
