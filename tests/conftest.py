"""Hypothesis profiles: the default for every run, `deep` for half an hour (--hypothesis-profile=deep)."""

from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("default", max_examples=150, deadline=None, suppress_health_check=SLOW)
settings.register_profile("deep", max_examples=3_000, deadline=None, suppress_health_check=SLOW)
settings.load_profile("default")
