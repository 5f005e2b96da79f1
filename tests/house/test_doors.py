"""Five packages have public names; each name is loaded when it is first used, and no other with it."""

import subprocess
import sys
from importlib import import_module, util

import pytest

DOORS = {
    "schedules": ["read", "reason_closed"],
    "policies": ["Attainment", "Channel", "Credit", "Owner", "Rate", "Task", "Versions", "WorkRates", "policy_schema"],
    "files": ["Layout", "Log", "Measuring", "intake"],
    "reports": [
        *["CalendarDay", "Report", "WorstWait"],
        *["calendar_days", "due_calendar", "example_faults", "hours_calendar", "report", "worst_wait"],
    ],
    "columns": [
        "breakdown",
        "cycles",
        "due",
        "elapsed",
        "measure",
        "next_open",
        "with_due",
        "with_elapsed",
        "with_next_open",
    ],
}
HERE = [door for door in DOORS if door != "columns" or all(map(util.find_spec, ("numpy", "narwhals")))]


@pytest.mark.parametrize("door", HERE)
def test_the_names_of_a_door(door: str) -> None:
    folder = import_module(f"kolmisla.{door}")
    assert folder.__all__ == DOORS[door]
    assert set(DOORS[door]) <= set(dir(folder))
    for name in DOORS[door]:
        assert getattr(folder, name).__name__ == name
        assert getattr(folder, name).__doc__


@pytest.mark.parametrize("door", HERE)
def test_a_name_that_is_not_there(door: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'kolmisla.{door}' has no attribute 'nothing'"):
        import_module(f"kolmisla.{door}").nothing  # noqa: B018


@pytest.mark.parametrize("door", HERE)
def test_a_name_of_a_door_is_no_file_of_it(door: str) -> None:
    """Else the file would take its place once it is imported."""
    assert not [name for name in DOORS[door] if util.find_spec(f"kolmisla.{door}.{name}")]


@pytest.mark.parametrize("door", HERE)
def test_a_door_loads_nothing_of_its_own(door: str) -> None:
    code = f"import sys, kolmisla; before = {{*sys.modules}}; import kolmisla.{door}; print(*{{*sys.modules}} - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith(f"kolmisla.{door}.")]
