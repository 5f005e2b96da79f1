"""`kolmisla schema`: print a JSON Schema of what kolmisla reads or writes, or list the names of all schemas."""

import argparse
import json

from kolmisla.cli.ports.schemas import SCHEMAS, schema_named
from kolmisla.cli.terminal import EXIT_DONE, say

__all__ = ["run_json_schema"]


def run_json_schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema with the given name. Without a name, list all names and what each schema describes."""
    if options.name is None:
        width = max(map(len, SCHEMAS))
        for name, (about, _) in SCHEMAS.items():
            say(f"{name:{width}}  {about}")
    else:
        print(json.dumps(schema_named(options.name), indent=2))
    return EXIT_DONE
