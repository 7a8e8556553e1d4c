"""Every page in a real browser, in both languages, on a phone and on a desk."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.paths import ROOT
from tests.shrug.filling import HOSTILE, HOSTILE_TITLE
from tests.shrug.web.conftest import PageClient
from tests.waiting import MAX_WAIT_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    not CHROMIUM and "CI" not in os.environ,
    reason="no Chromium here: the page is not opened in a browser",
)
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
# Kept by CI, to be looked at.
PICTURES = ROOT / "out" / "pages"
SIZES = {"desk": (1200, 900), "phone": (390, 844)}
PAGES = {
    "now": "",
    "outages": "/outages",
    "found": "/outages?q=nobody&sort=quietest&verdict=shrugged",
    "outage": "/outages/1",
    "ongoing": "/outages/3",
    "provider": "/providers/deepseek",
    "pick": "/compare",
    "compare": "/compare?id=1&id=2",
    "claims": "/claims",
    "sources": "/sources",
    "reports": "/reports",
    "report": "/reports/2026-W16.html",
    "missing": "/nothing",
    "wrong": "/outages?page=none",
}
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield browser
        browser.close()


def opened(
    browser: "Browser", served: PageClient, path: str, **options: Any
) -> tuple["Page", list[str]]:
    """A page with all its charts drawn, and what was wrong: console errors, foreign requests."""
    wrong: list[str] = []
    shown = browser.new_page(**options)
    shown.set_default_timeout(MAX_WAIT_SECONDS * 1000)
    shown.on("console", lambda m: wrong.append(m.text) if m.type in {"error", "warning"} else None)
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    host = urlsplit(served.base).netloc

    def check_host(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != host:
            wrong.append(f"asked {request.url}")

    shown.on("request", check_host)
    shown.goto(served.base + path)
    for place in shown.locator("[data-chart]").all():
        place.scroll_into_view_if_needed()
        place.locator("svg").first.wait_for()
    shown.evaluate("window.scrollTo(0, 0)")
    return shown, wrong


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_errors_and_is_accessible(
    browser: "Browser", page: PageClient, name: str, lang: str, size: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    shown, wrong = opened(browser, page, f"/{lang}{PAGES[name]}", viewport=viewport)
    try:
        # Chromium itself says in the console that a page answered 404 or 400.
        wrong = [w for w in wrong if name not in {"missing", "wrong"} or "status of 4" not in w]
        assert wrong == []
        assert shown.title() != "owned"
        assert shown.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[lang]
        assert shown.locator("h1").count() == 1
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        violations = Axe().run(shown).response["violations"]
        serious = [
            (v["id"], v["help"], [n["html"][:200] for n in v["nodes"]])
            for v in violations
            if v["impact"] in SERIOUS
        ]
        assert serious == []
        PICTURES.mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=PICTURES / f"{name}.{lang}.{size}.png", full_page=True)
    finally:
        shown.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dark_and_light_are_legible(browser: "Browser", page: PageClient, scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown, wrong = opened(browser, page, "/en/outages/1", color_scheme=scheme)
    violations = Axe().run(shown).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in SERIOUS] == []
    dark = scheme == "dark"
    paper = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(15, 20, 25)" if dark else "rgb(255, 255, 255)")
    ink = shown.evaluate("getComputedStyle(document.body).color")
    labels = shown.locator("[data-chart] svg text").first
    assert labels.evaluate("e => getComputedStyle(e).fill") == ink
    assert wrong == []
    shown.close()


def test_a_hostile_post_is_shown_as_text(browser: "Browser", page: PageClient) -> None:
    shown, wrong = opened(browser, page, "/en/outages/1")
    quotes = shown.locator("blockquote").all_text_contents()
    assert HOSTILE[0] in quotes
    assert shown.locator("main img, main script, main b").count() == 0
    assert HOSTILE_TITLE in shown.locator("main").inner_text()
    assert wrong == []
    shown.close()


def test_the_page_works_by_keyboard_alone(browser: "Browser", page: PageClient) -> None:
    shown, _ = opened(browser, page, "/en/outages")
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.className") == "skip"
    shown.keyboard.press("Enter")
    assert shown.url.endswith("#main")
    search = shown.get_by_label("Search")
    search.focus()
    shown.keyboard.type("nobody")
    shown.keyboard.press("Enter")
    shown.wait_for_url("**q=nobody*")
    assert shown.locator("table.verdicts tbody tr").count() == 1
    shown.close()


def test_two_to_six_are_compared_and_no_other_number(browser: "Browser", page: PageClient) -> None:
    shown, _ = opened(browser, page, "/en/compare")
    button = shown.get_by_role("button", name="Compare selected")
    assert button.is_disabled()
    for id_ in (1, 2):
        shown.locator(f"input[value='{id_}']").check()
    button.click()
    shown.wait_for_url("**/compare?id=*")
    assert shown.locator("table").count() == 2
    shown.close()


def test_the_other_language_shows_the_same(browser: "Browser", page: PageClient) -> None:
    shown, _ = opened(browser, page, "/en/outages?q=nobody")
    shown.get_by_role("link", name="中文").click()
    shown.wait_for_url("**/zh/outages?q=nobody")
    assert shown.get_by_label("搜索").input_value() == "nobody"
    shown.close()


def test_without_a_script_charts_are_pictures(browser: "Browser", page: PageClient) -> None:
    context = browser.new_context(java_script_enabled=False)
    shown = context.new_page()
    shown.goto(f"{page.base}/en/outages/1")
    picture = shown.locator("figure img").first
    assert page.get(str(picture.get_attribute("src"))).headers["content-type"] == "image/svg+xml"
    assert picture.bounding_box()["height"] > 100  # type: ignore[index]
    context.close()


def test_the_report_prints_to_pages(browser: "Browser", page: PageClient, tmp_path: Path) -> None:
    shown, _ = opened(browser, page, "/en/reports/2026-W16.html")
    printed = shown.pdf(path=tmp_path / "report.pdf", format="A4")
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 2
    shown.emulate_media(media="print", color_scheme="dark")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    shown.close()
