"""`kolmisla policy schema`: print the JSON Schema of policies."""

import argparse
import json

from kolmisla.cli.terminal import EXIT_DONE
from kolmisla.policies.json_schema import policy_schema

__all__ = ["run_schema"]


def run_schema(options: argparse.Namespace) -> int:  # noqa: ARG001
    """Print the JSON Schema of policies."""
    print(json.dumps(policy_schema(), indent=2))
    return EXIT_DONE
