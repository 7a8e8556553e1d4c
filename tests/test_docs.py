"""Docs that can't lie: what is generated is up to date, what is named exists."""

import re
from pathlib import Path

import pytest

from db import catalogue
from docs.generate import FOLDER, PAGES

ROOT = Path(__file__).parents[1]
WRITTEN = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/design.md",
    "docs/measurement.md",
    "docs/sentiment.md",
    "docs/scorers.md",
    "docs/behaviour.md",
    "docs/page.md",
    "docs/delivery.md",
    "docs/daemon.md",
    "docs/privacy.md",
    "docs/did-anybody-care.md",
]


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "run make docs"


@pytest.mark.parametrize("name", WRITTEN)
def test_every_file_that_a_page_links_to_exists(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", WRITTEN)
def test_every_command_that_a_page_names_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    known = (FOLDER / "commands.md").read_text(encoding="utf-8")
    groups = "import|outages|sentiment"
    for command in re.findall(rf"^(?:\$ )?shrug ((?:{groups}) [a-z]+|[\w-]+)", text, re.M):
        assert f"## `shrug {command}`" in known, command
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make (\w+)`", text):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_the_lock_file_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "--index-url" not in lock
    assert "--find-links" not in lock
    assert "://" not in lock
    assert lock.count("--hash=sha256:") > 500


def test_the_readme_counts_what_is_in_the_catalogue() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"[{len(catalogue.providers())} providers]" in readme
    assert f"of {len(catalogue.ledger())} well-known outages" in readme
