"""Kolmisoft's published support page as a policy: `kolmisoft.toml`, beside this file.

Each of its entries has the words of the page it comes from. What the page leaves open, and how it was read,
stands in docs/decisions.md.
"""

from pathlib import Path

from kolmisla.policies.policy import Policy

__all__ = ["KOLMISOFT"]

KOLMISOFT = Policy.load(Path(__file__).with_suffix(".toml"))
"""Kolmisoft's support page: working hours of Lithuania, plans ENTERPRISE and PREMIUM, BLOCKER round the clock."""
