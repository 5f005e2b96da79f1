"""A report's page as a browser shows it: nothing is wider than the screen, one request, hostile names stay text."""

import shutil
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.laws.test_report_views import ALL, HOSTILE, SCRIPT, made_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

WIDER_THAN_THE_SCREEN = """
    [...document.querySelectorAll('body, body *')]
        .filter(each => !each.closest('svg') && !each.closest('details:not([open]) > :not(summary)'))
        .filter(each => each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().left < -1)
        .map(each => each.outerHTML.slice(0, 100))
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


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_wider_than_the_screen(browser: Any, folder: Path, name: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    spoken: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: spoken.append(dialog.message))
    page.on("console", lambda message: spoken.append(message.text))
    page.goto((folder / f"{name}.html").as_uri())
    for is_open in (False, True):
        page.evaluate("open => document.querySelectorAll('details').forEach(each => each.open = open)", is_open)
        for width in (375, 768, 1180):
            page.set_viewport_size({"width": width, "height": 900})
            for scheme, ground in GROUND.items():
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate(WIDER_THAN_THE_SCREEN) == [], (is_open, width, scheme)
                assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
    assert len(asked) == 1
    assert spoken == []
    page.close()


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
