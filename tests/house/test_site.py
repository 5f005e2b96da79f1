"""The documentation site: its list of pages is docs/, its links lead somewhere, and its pages ask no other server."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CONFIG = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
PAGES = sorted(path.name for path in DOCS.glob("*.md"))


def listed(entries: list[dict[str, Any]]) -> Iterator[str]:
    """The pages of a list, with those of the lists in it."""
    for entry in entries:
        for below in entry.values():
            yield from [below] if isinstance(below, str) else listed(below)


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as the site makes them."""
    text = re.sub(r"^```.*?^```", "", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in titles}


def test_the_site_lists_each_page_once() -> None:
    assert sorted(listed(CONFIG["nav"])) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_links_stay_in_the_site_and_name_a_heading(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", (DOCS / page).read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, heading = target.partition("#")
        assert (DOCS / name).is_file() or not name, target
        assert ".." not in name, f"{target} is not part of the site"
        assert not heading or heading in anchors(name or page), target


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec("zensical") is None:
        pytest.skip("zensical is not installed")
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "zensical.toml", folder)
    shutil.copytree(DOCS, folder / "docs")
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"], cwd=folder, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "site"


def test_the_site_has_each_page(site: Path) -> None:
    assert {page.replace(".md", ".html") for page in PAGES} <= {path.name for path in site.glob("*.html")}


def test_a_page_asks_no_other_server(site: Path) -> None:
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=[\"']?(https?:[^\"' >]+)", text)
        assert [address for address in loaded if 'rel="canonical' not in address] == []
        assert "fonts.googleapis" not in text


def test_links_between_pages_lead_to_a_heading(site: Path) -> None:
    ids = {
        page.name: set(re.findall(r"\bid=[\"']?([^\"' >]+)", page.read_text(encoding="utf-8")))
        for page in site.glob("*.html")
    }
    for page in site.glob("*.html"):
        for name, heading in re.findall(r"href=\"([\w-]*(?:\.html)?)#([^\"]+)\"", page.read_text(encoding="utf-8")):
            assert heading in ids[name or page.name], f"{page.name}: {name}#{heading}"
