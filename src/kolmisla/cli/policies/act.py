"""How the chosen act of `kolmisla policy`, such as check, is run, and which policy the act reads."""

import argparse
from collections.abc import Callable
from importlib import import_module

from kolmisla.cli.options import layout_file_of, loaded, policy_file_of
from kolmisla.cli.terminal import refuse_overwriting
from kolmisla.policies.policy import Policy

__all__ = ["file_read", "policy_in", "run_policy"]


def run_policy(options: argparse.Namespace) -> int:
    """Run the chosen act of `kolmisla policy`. The module of an act has the name of the act.

    Raise ValueError if standard output is a file that the act reads.
    """
    read = {name: getattr(options, name, None) for name in ("old", "new", "tickets", "events")}
    policy = file_read(options) if "file" in options else None
    refuse_overwriting({**read, "layout": layout_file_of(options), "policy": policy})
    run: Callable[[argparse.Namespace], int] = getattr(
        import_module(f"kolmisla.cli.policies.{options.act}"), f"run_{options.act}"
    )
    return run(options)


def file_read(options: argparse.Namespace) -> str | None:
    """Return the file of the policy that the chosen act reads, or None for the built-in policy.

    The file is FILE, else that of `--policy`, else that of KOLMISLA_POLICY. Raise ValueError if both FILE and
    `--policy` are given.
    """
    if options.file is not None and options.policy is not None:
        raise ValueError("give the policy once: as FILE or with --policy")
    return policy_file_of(options) if options.file is None else options.file


def policy_in(options: argparse.Namespace) -> Policy:
    """Return the policy that the chosen act reads."""
    return loaded(file_read(options))
