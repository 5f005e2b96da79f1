"""Write docs/performance.md and its plot from the table that the benches print.

    python -m tests.bench | tee bench.txt && python scripts/performance.py bench.txt

The benches need the extra `bench`. This script needs nothing.
"""

import re
import sys
from math import log10
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
LINE = re.compile(r"(?P<name>\S.*?) {2,}(?P<ratio>[\d.]+) {3}(?P<limit>.*)$")
PEER = "workclock: "
WIDTH, BAR, LEFT = 760, 22, 330  # pixels

PAGE = """# Performance

Each figure is a ratio of two processor times that were measured in turn, in one run on one machine. So figures of
different machines can be compared. A lower figure is faster, unless the limit says `>=`. The limits are what we aim at;
no test depends on a figure. `python -m tests.bench` prints this table (it needs the extra `bench`), and
`scripts/performance.py` writes this page.

- **composition** is a bare function that does the same arithmetic on flat lists made beforehand, with aware datetimes
  in and out: what the answer costs without a schedule around it.
- **searchsorted** is one `numpy.searchsorted` of the same unsorted rows.
- **a DictReader loop** reads a CSV file with `csv.DictReader`, parses and formats two times a row, writes the row, and
  computes nothing.
- **the same tallies by hand** are those of a report (cells with percentiles, hours of the week, tenths, lateness,
  reasons, responses, the worst), grouped in Polars from the columns of `columns.measure`.

{head}:

| what | ratio | limit |
| --- | ---: | ---: |
{rows}

## Beside a peer

Both are asked the same question and give the same answer. The scale is logarithmic.

![kolmisla and workclock, as ratios to the bare composition](performance.svg)

A question takes kolmisla the same time for three days as for ten years, because the open time before each opening is
summed up beforehand.
"""


def plot(pairs: list[tuple[str, float, float]]) -> str:
    """Return bars of pairs of ratios as SVG."""
    most = max(theirs for _, _, theirs in pairs) * 2
    shapes, y = [], 10
    for name, ours, theirs in pairs:
        shapes.append(f'<text x="{LEFT - 10}" y="{y + 28}" text-anchor="end">{name}</text>')
        for who, value, colour in (("kolmisla", ours, "#2563eb"), ("workclock", theirs, "#9ca3af")):
            long = max(log10(value) + 0.1, 0.02) / (log10(most) + 0.1) * (WIDTH - LEFT - 130)
            shapes.append(f'<rect x="{LEFT}" y="{y}" width="{long:.0f}" height="{BAR - 4}" fill="{colour}"/>')
            shapes.append(f'<text x="{LEFT + long + 6:.0f}" y="{y + 14}">{value:.2f} {who}</text>')
            y += BAR
        y += 12
    style = 'font-family="sans-serif" font-size="13" fill="#374151"'
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" {style}>', *shapes, "</svg>", ""]
    )


def main() -> None:
    """Read the benches' table and write the page and the plot."""
    head, *lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    found = [match for match in map(LINE.match, map(str.lstrip, lines)) if match]
    ratios = {match["name"]: (float(match["ratio"]), match["limit"].strip()) for match in found}
    peers = {name.removeprefix(PEER): ratio for name, (ratio, _) in ratios.items() if name.startswith(PEER)}
    rows = [f"| {name} | {ratio:.2f} | {limit} |" for name, (ratio, limit) in ratios.items()]
    (DOCS / "performance.md").write_text(PAGE.format(head=head, rows="\n".join(rows)), encoding="utf-8")
    pairs = [(name, ratios[f"Schedule.{name}"][0], ratio) for name, ratio in peers.items()]
    (DOCS / "performance.svg").write_text(plot(pairs), encoding="utf-8")


if __name__ == "__main__":
    main()
