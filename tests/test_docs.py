"""Docs that can't lie: what is generated is up to date, what is named exists."""

import re

import pytest

from db import catalog
from docs.generate import FOLDER, PAGES
from tests.paths import ROOT

GROUPS = "import|outages|sentiment"
WRITTEN = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TARGETS = [
    (page, target)
    for page in WRITTEN
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    if "://" not in target
]
COMMANDS = [
    (page, command)
    for page in WRITTEN
    for command in re.findall(
        rf"^(?:\$ )?shrug ((?:{GROUPS}) [a-z]+|[\w-]+)", page.read_text(encoding="utf-8"), re.M
    )
]


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "run make docs"


def test_every_file_that_a_page_links_to_exists() -> None:
    assert len(TARGETS) > 30
    assert [each for each in TARGETS if not (each[0].parent / each[1]).exists()] == []


def test_every_command_that_a_page_names_exists() -> None:
    known = (FOLDER / "commands.md").read_text(encoding="utf-8")
    assert len(COMMANDS) > 20
    assert [each for each in COMMANDS if f"## `shrug {each[1]}`" not in known] == []


def test_every_target_of_make_that_a_page_names_exists() -> None:
    known = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M)
    named = {
        (page, target)
        for page in WRITTEN
        for target in re.findall(r"`make (\w+)", page.read_text(encoding="utf-8"))
    }
    assert len(named) > 10
    assert {each for each in named if each[1] not in known} == set()


def test_the_lock_file_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "--index-url" not in lock
    assert "--find-links" not in lock
    assert "://" not in lock
    assert lock.count("--hash=sha256:") > 500


def test_the_readme_counts_what_is_in_the_catalogue() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"[{len(catalog.providers())} providers]" in readme
    assert f"of {len(catalog.ledger())} well-known outages" in readme
