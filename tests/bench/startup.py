"""`kolmisla due` as a whole process, against a bare one that imports what any such command must.

    python -m tests.bench.startup

The floor builds one small pydantic model, imports argparse and zoneinfo, and asks `holidays` for LT. Both
run from compiled files, in turn; the ratio is taken pair by pair.
"""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

RUNS = 25

FLOOR = """
import argparse
from zoneinfo import ZoneInfo

from pydantic import BaseModel


class Ticket(BaseModel):
    plan: str
    priority: str


ZoneInfo("Europe/Vilnius")
argparse.ArgumentParser().add_argument("opened_at")
Ticket(plan="premium", priority="high")

from holidays import country_holidays

country_holidays("LT", years=2026)
"""

DUE = ["-m", "kolmisla", "due", "2026-07-03T16:30+03:00", "--plan", "premium", "--priority", "high"]


def seconds(argv: list[str], environment: dict[str, str]) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, *argv], env=environment, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start


def main() -> None:
    with TemporaryDirectory() as folder:
        floor = Path(folder) / "floor.py"
        floor.write_text(FLOOR, encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = {**kept, "PYTHONPYCACHEPREFIX": folder}
        pairs = [(seconds(DUE, environment), seconds([str(floor)], environment)) for _ in range(RUNS + 2)][2:]
    print(f"kolmisla due, x the bare process: {median(due / bare for due, bare in pairs):.2f}")
    print(f"seconds: {median(due for due, _ in pairs):.3f} against {median(bare for _, bare in pairs):.3f}")


if __name__ == "__main__":
    main()
