"""The policy of the desk: the file that the environment names in KOLMISLA_POLICY, else the built-in policy."""

import os
from functools import cache

from kolmisla import KOLMISOFT, Policy


@cache
def policy() -> Policy:
    """Return the policy. Raise PolicyError, which lists every fault, or OSError if the file cannot be read."""
    path = os.environ.get("KOLMISLA_POLICY")
    return Policy.load(path) if path else KOLMISOFT


@cache
def fingerprint() -> str:
    """Return the fingerprint of the policy. It changes when a deadline can change, also by new holidays."""
    return policy().fingerprint()
