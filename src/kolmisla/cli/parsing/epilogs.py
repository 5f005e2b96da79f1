"""The end of each command's help: examples, and the exit statuses that the command may have."""

from kolmisla.cli.terminal import (
    EXIT_CLOSED,
    EXIT_DIFFERENT,
    EXIT_DONE,
    EXIT_NO_DUE_TIME,
    EXIT_NOT_COVERED,
    EXIT_REJECTED,
    EXIT_UNUSABLE,
)

__all__ = ["EXAMPLES_OF", "epilog"]

# Examples of each command and act. Each is run by a test, in a folder with the files of docs/.
EXAMPLES_OF: dict[str, tuple[str, ...]] = {
    "": (
        "kolmisla due 2026-07-03T16:30 --plan premium --priority high",
        "kolmisla queue tickets.csv --at 2026-07-14T11:00",
        'kolmisla covers "firewall setup" --plan premium',
    ),
    "due": (
        "kolmisla due 2026-07-03T16:30 --plan premium --priority high",
        "kolmisla due now --plan premium --priority blocker --explain",
        "kolmisla due 2026-07-03T16:30 --plan premium --priority high --used 50,75",
        "kolmisla due now --within PT4H",
    ),
    "status": (
        "kolmisla status 2026-07-03T16:30 --plan premium --priority high",
        "kolmisla status 2026-07-03T16:30 --plan premium --priority high --metric all",
    ),
    "elapsed": ("kolmisla elapsed 2026-07-03T16:30 2026-07-07T08:30",),
    "open": ("kolmisla open 2026-07-02T10:00", "kolmisla open 2026-07-02", "kolmisla open -q 2026-07-02T10:00"),
    "calendar": ("kolmisla calendar 2026-12", "kolmisla calendar 2027 -o hours.ics"),
    "measure": (
        "kolmisla measure tickets.csv -o measured.csv --at 2026-07-14T11:00",
        "kolmisla measure issues.json --layout jira -o measured.jsonl",
    ),
    "queue": ("kolmisla queue tickets.csv --at 2026-07-14T11:00", "kolmisla queue tickets.csv -o due.ics"),
    "alarms": (
        "kolmisla alarms tickets.csv --after 2026-07-14T11:00 --until now",
        "kolmisla alarms tickets.csv --after 2026-07-14T11:00 --json",
    ),
    "report": ("kolmisla report tickets.csv", "kolmisla report tickets.csv --by week -o report.html"),
    "covers": (
        'kolmisla covers "firewall setup" --plan premium',
        'kolmisla covers "online group training"',
        "kolmisla covers --list --plan premium",
    ),
    "quote": (
        "kolmisla quote --task installation=2",
        "kolmisla quote --work 2026-11-20T17:50/2026-11-20T18:10",
    ),
    "sql": (
        "kolmisla sql --dialect postgres --years 2020-2035 -o deadlines.sql",
        "kolmisla sql --dialect duckdb --policy desk.toml -o desk.sql",
    ),
    "schema": ("kolmisla schema", "kolmisla schema ticket > ticket.schema.json"),
    "vectors": ("kolmisla vectors run vectors python3 port.py",),
    "layout": ("kolmisla layout show", "kolmisla layout guess tickets.csv"),
    "policy": ("kolmisla policy show", "kolmisla policy check desk.toml"),
    "policy show": ("kolmisla policy show desk.toml --year 2027",),
    "policy check": ("kolmisla policy check desk.toml --strict",),
    "policy worst": ("kolmisla policy worst --years 2026 --plan premium",),
    "policy freeze": ("kolmisla policy freeze desk.toml -o frozen.toml",),
    "policy diff": ("kolmisla policy diff desk.toml desk.toml",),
    "policy schema": ("kolmisla policy schema > policy.schema.json",),
    "help": ("kolmisla help due", "kolmisla help policy check"),
    "completion": ("kolmisla completion bash > ~/.local/share/bash-completion/completions/kolmisla",),
}
STATUSES: dict[int, str] = {
    EXIT_DONE: "done",
    EXIT_REJECTED: "a row, line or event was rejected",
    EXIT_UNUSABLE: "wrong usage or input, or an instant beyond the known years",
    EXIT_NOT_COVERED: "not covered",
    EXIT_CLOSED: "closed",
    EXIT_NO_DUE_TIME: "no due time is known",
    EXIT_DIFFERENT: "the policies differ",
}
USUAL_STATUSES = (EXIT_DONE, EXIT_UNUSABLE)
STATUSES_OF_FILES = (EXIT_DONE, EXIT_REJECTED, EXIT_UNUSABLE)
STATUSES_OF: dict[str, tuple[int, ...]] = {
    "": (*STATUSES,),
    "due": (EXIT_DONE, EXIT_REJECTED, EXIT_UNUSABLE, EXIT_NOT_COVERED, EXIT_NO_DUE_TIME),
    "status": (EXIT_DONE, EXIT_UNUSABLE, EXIT_NOT_COVERED, EXIT_NO_DUE_TIME),
    "open": (EXIT_DONE, EXIT_UNUSABLE, EXIT_CLOSED),
    "measure": STATUSES_OF_FILES,
    "queue": STATUSES_OF_FILES,
    "alarms": STATUSES_OF_FILES,
    "report": STATUSES_OF_FILES,
    "covers": (EXIT_DONE, EXIT_UNUSABLE, EXIT_NOT_COVERED),
    "vectors": STATUSES_OF_FILES,
    "policy": (EXIT_DONE, EXIT_REJECTED, EXIT_UNUSABLE, EXIT_DIFFERENT),
    "policy diff": (EXIT_DONE, EXIT_REJECTED, EXIT_UNUSABLE, EXIT_DIFFERENT),
}
WORDED: dict[tuple[str, int], str] = {  # where a status means something else
    ("open", EXIT_DONE): "open",
    ("covers", EXIT_DONE): "included",
    ("covers", EXIT_UNUSABLE): "unknown task, or wrong usage",
    ("covers", EXIT_NOT_COVERED): "not included",
    ("vectors", EXIT_REJECTED): "an answer differs or is missing, or a question has no answer",
}


def epilog(name: str) -> str:
    """Return the end of the help of a command, such as `due` or `policy check`. The name "" stands for the program."""
    lines = [f"  {example}" for example in EXAMPLES_OF.get(name, ())]
    statuses = [
        f"{status} {WORDED.get((name, status), STATUSES[status])}" for status in STATUSES_OF.get(name, USUAL_STATUSES)
    ]
    told = f"exit status: {'; '.join(statuses)}"
    return "\n\n".join(["\n".join(["examples:", *lines]), told] if lines else [told])
