"""All benches of one process, as one table: what, the ratio, its limit.

python -m tests.bench            a few minutes
python -m tests.bench engines    also ten million rows through Polars, DuckDB, Spark and the file job
"""

import subprocess
import sys
from pathlib import Path

from tests.bench import columns, files, reports, scalar, startup

commit = subprocess.run(
    ["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
).stdout.strip()
print(f"kolmisla {commit or '(no commit)'}, Python {sys.version.split()[0]}, ratios of CPU")
for bench in (scalar, startup, files, columns, reports):
    bench.main()
if "engines" in sys.argv[1:]:
    columns.engines()
