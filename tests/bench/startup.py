"""`kolmisla due` as a whole process, against a bare Python: what a person waits for besides the interpreter.

python -m tests.bench.startup
"""

from tempfile import TemporaryDirectory

from tests.bench.table import process_ratio, report

FACTS = ["2026-07-03T16:30+03:00", "--plan", "premium", "--priority", "high"]
DUE = ["-m", "kolmisla", "due", *FACTS]
DESK = ["-m", "kolmisla", "measure", "--help"]
IN_PYTHON = "import kolmisla as k; k.deadline(k.Ticket(plan='premium', priority='high', opened_at='2026-07-03T16:30Z'))"


def main() -> None:
    with TemporaryDirectory() as folder:
        for name, argv, limit in (
            ("kolmisla due, x python -c pass", DUE, "<= 4.5"),
            ("kolmisla measure --help", DESK, ""),
            ("import kolmisla; deadline(...)", ["-c", IN_PYTHON], ""),
        ):
            report(name, process_ratio(argv, ["-c", "pass"], folder=folder), limit)


if __name__ == "__main__":
    main()
