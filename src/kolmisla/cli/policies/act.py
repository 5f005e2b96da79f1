"""The act of `kolmisla policy` that the options choose, and the policy that it reads."""

import argparse
from collections.abc import Callable
from importlib import import_module

from kolmisla.cli.options import loaded, policy_file_of
from kolmisla.policies.policy import Policy

__all__ = ["file_read", "policy_in", "run_policy"]


def run_policy(options: argparse.Namespace) -> int:
    """Run the chosen act. Each act has a module of its name."""
    run: Callable[[argparse.Namespace], int] = getattr(
        import_module(f"kolmisla.cli.policies.{options.act}"), f"run_{options.act}"
    )
    return run(options)


def file_read(options: argparse.Namespace) -> str | None:
    """Return the file of the policy that an act reads. Return None for Kolmisoft's policy."""
    if options.file is not None and options.policy is not None:
        raise ValueError("give the policy once: as FILE or with --policy")
    return policy_file_of(options) if options.file is None else options.file


def policy_in(options: argparse.Namespace) -> Policy:
    """Return the policy that an act reads."""
    return loaded(file_read(options))
