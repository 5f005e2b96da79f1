"""100,000 CSV rows through `measure`, against a plain loop over the same rows; and a queue of them.

    python -m tests.bench.files

The plain loop reads with csv.DictReader, parses both times, formats both and writes with csv.DictWriter:
what a script does that computes nothing.
"""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from kolmisla.files import Measuring
from kolmisla.files.outputs.drafts import drafts
from kolmisla.files.tables import CsvTable
from tests.bench.table import process_ratio, ratio, report

ROWS = 100_000
RUNS = 5
WITHOUT_POLARS = "import sys; sys.modules['polars'] = None; from kolmisla.__main__ import run; run()"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Vilnius")


def write(path: Path, *, offsets: bool) -> None:
    """Tickets of 2026; wall times leave out the hour that DST repeats and the one it skips."""
    random = Random(7)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["id", "plan", "priority", "opened_at", "answered_at"])
        for number in range(ROWS):
            opened = datetime.fromtimestamp(random.randrange(1_767_300_000, 1_798_000_000), ZONE)
            answered = opened + timedelta(minutes=random.randrange(3000))
            times = [opened, answered.astimezone(ZONE)]
            if not offsets:
                times = [at.replace(hour=4 if at.hour == 3 else at.hour, tzinfo=None) for at in (opened, answered)]
            plan, priority = (
                random.choice(["premium", "enterprise"]),
                random.choice(["blocker", "high", "medium", "low"]),
            )
            writer.writerow([number, plan, priority, *sorted(at.isoformat() for at in times)])


def plain(source: Path, target: Path) -> None:
    with source.open(encoding="utf-8", newline="") as stream, target.open("w", encoding="utf-8", newline="") as out:
        rows = csv.DictReader(stream)
        writer = csv.DictWriter(out, [*(rows.fieldnames or ()), "due_at", "breaches_after"])
        writer.writeheader()
        for row in rows:
            row["due_at"] = datetime.fromisoformat(row["opened_at"]).isoformat()
            row["breaches_after"] = datetime.fromisoformat(row["answered_at"]).isoformat()
            writer.writerow(row)


def measured(source: Path, target: Path) -> None:
    with source.open(encoding="utf-8-sig", newline="") as stream, drafts() as new:
        out, bad = new.stream(str(target)), new.stream(f"{target}.r")
        summary = Measuring(at=NOW).run(CsvTable(stream), out, bad)
    assert summary.rows == ROWS
    assert summary.rejected < ROWS // 1000


def main() -> None:
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "tickets.csv", Path(folder) / "out.csv"
        for name, offsets, limit in (("times with an offset", True, "<= 1.7"), ("wall times", False, "")):
            write(source, offsets=offsets)
            found = ratio(lambda: measured(source, target), lambda: plain(source, target), runs=RUNS)
            report(f"measure, CSV, {name}, x a DictReader loop", found, limit)
        write(source, offsets=True)
        waiting = source.with_name("waiting.csv")
        waiting.write_text(
            "".join(f"{line.rsplit(',', 1)[0]}\n" for line in source.read_text(encoding="utf-8").splitlines()),
            encoding="utf-8",
        )
        at = ["--at", NOW.isoformat()]
        queue = ["-m", "kolmisla", "queue", str(waiting), *at]
        measure = ["-c", WITHOUT_POLARS, "measure", str(waiting), "-o", str(target), "--map", "answered_at=", *at]
        report(
            "kolmisla queue, x measure of the same file", process_ratio(queue, measure, folder=folder, runs=5), "<= 2"
        )


if __name__ == "__main__":
    main()
