"""A report's page as a browser shows it: nothing is wider than the screen, one request, hostile names stay text."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.laws.test_report_views import ALL, HOSTILE, SCRIPT, made_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

# The colour of the ground, and what is wider than the screen
WIDER_THAN_THE_SCREEN = """
    [
        getComputedStyle(document.body).backgroundColor,
        ...[...document.querySelectorAll('body, body *')]
            .filter(each => {
                const box = each.getBoundingClientRect()
                return box.right > innerWidth + 1 || box.left < -1
            })
            .filter(each => !each.closest('svg') && !each.closest('details:not([open]) > :not(summary)'))
            .map(each => each.outerHTML.slice(0, 100)),
    ]
"""


@pytest.fixture(scope="module")
def browser() -> Any:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    for name in ALL:
        report = made_of(name)
        (made / f"{name}.html").write_text(report.to_html(), encoding="utf-8")
    return made


GROUND = {"light": "rgb(251, 251, 250)", "dark": "rgb(20, 23, 27)"}


class Watched(NamedTuple):
    """A page of the browser, the addresses that it asked for, and what it said."""

    page: Any
    asked: list[str]
    spoken: list[str]


@pytest.fixture(scope="module")
def watched(browser: Any) -> Watched:
    """A page that shows one report after the other: to open a page takes longer than to look at it."""
    page, asked, spoken = browser.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: spoken.append(dialog.message))
    page.on("console", lambda message: spoken.append(message.text))
    return Watched(page, asked, spoken)


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_wider_than_the_screen(watched: Watched, folder: Path, name: str) -> None:
    page, asked, spoken = watched
    asked.clear()
    page.goto(address := (folder / f"{name}.html").as_uri())
    for is_open in (False, True):
        page.evaluate("open => document.querySelectorAll('details').forEach(each => each.open = open)", is_open)
        for width in (375, 768, 1180):
            page.set_viewport_size({"width": width, "height": 900})
            for scheme, ground in GROUND.items():
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate(WIDER_THAN_THE_SCREEN) == [ground], (is_open, width, scheme)
    assert asked == [address]
    assert spoken == []


def test_hostile_names_are_shown_as_text(browser: Any, folder: Path) -> None:
    page = browser.new_page()
    page.goto((folder / "year.html").as_uri())
    text = page.inner_text("body")
    assert HOSTILE in text
    assert SCRIPT in text
    assert page.query_selector_all("img, script") == []
    page.close()


def test_paper_is_light_and_shows_the_numbers(browser: Any, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 794, "height": 1123}, color_scheme="dark")
    page.goto((folder / "year.html").as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.query_selector("section details table").is_visible()
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000
    page.close()
