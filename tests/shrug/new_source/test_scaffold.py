"""`shrug new-source`: what it writes works at once, in the checkout and as another's package."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from db.posts import queries
from shrug.store.bootstrap import open_ready_store
from tests.conftest import Run
from tests.crawling import SINCE, UNTIL
from tests.paths import ROOT
from tests.serving import StubResponse, StubSite


def run_checked(command: list[str | Path], **env: str) -> str:
    """What a command says; it must succeed."""
    completed = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **env}
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return completed.stdout


@pytest.mark.parametrize("shape", ["window", "backward"])
def test_a_new_source_in_a_checkout_passes_its_tests_at_once(
    shape: str, tmp_path: Path, run: Run
) -> None:
    copy = tmp_path / "shrug"
    for part in ("analysis", "crawler", "db", "docs", "shrug", "tests"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    code, out, said = run("new-source", "a_forum", "--shape", shape, "--into", copy, database=False)
    assert code == 0, said
    assert "crawler/spiders/a_forum.py" in out
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "a_forum"]
    output = run_checked(
        [*command, "--rootdir", copy, copy / "tests/crawler/spiders/test_contract.py"],
        PYTHONPATH=str(copy),
    )
    assert "4 passed" in output
    spider = copy / "crawler/spiders/a_forum.py"
    for check in (["check"], ["format", "--check"]):
        run_checked([sys.executable, "-m", "ruff", *check, spider])
    before = spider.read_text("utf-8")
    assert run("new-source", "a_forum", "--into", copy, database=False)[0] == 2
    assert spider.read_text("utf-8") == before


def test_a_package_adds_a_source(tmp_path: Path, run: Run, url: str, site: StubSite) -> None:
    package, place = tmp_path / "package", tmp_path / "installed"
    code, _, said = run("new-source", "a_forum", "--package", "--into", package, database=False)
    assert code == 0, said
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    run_checked([*pip, "--no-index", "--target", place, package])
    run_checked([sys.executable, "-m", "pytest", "-q", package / "tests"], PYTHONPATH=str(place))
    site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))
    post = {
        "id": 1,
        "created_at": SINCE.isoformat(),
        "text": "DeepSeek is down",
        "url": "https://x",
    }
    site.on("/api/search", StubResponse(json.dumps({"posts": [post]}).encode()))
    when = ["--since", SINCE.isoformat(), "--until", UNTIL.isoformat(), "--provider", "deepseek"]
    at = ["--address", f"a_forum={site.base}", "--delay", "0", "--database", url]
    run_checked(
        [sys.executable, "-m", "shrug", "crawl", "a_forum", *when, *at], PYTHONPATH=str(place)
    )
    with open_ready_store(url) as store, store.reading() as connection:
        assert len(queries.mention_times(connection, "deepseek", "a_forum", SINCE, UNTIL)) == 1


def test_a_broken_package_is_named(tmp_path: Path, run: Run) -> None:
    package = tmp_path / "package"
    run("new-source", "a_forum", "--package", "--into", package, database=False)
    place = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    run_checked([*pip, "--no-index", "--target", place, package])
    (place / "shrug_a_forum.py").write_text("ENTRY = {'spider': 'x'}\n", encoding="utf-8")
    completed = subprocess.run(
        [sys.executable, "-m", "shrug", "doctor", "--database", f"sqlite:///{tmp_path / 's.db'}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(place)},
    )
    assert completed.returncode == 2
    assert "the source a_forum (shrug_a_forum:ENTRY) can't be added" in completed.stderr


@pytest.mark.parametrize("name", ["hackernews", "../etc", "A", "x" * 50])
def test_an_invalid_name_is_refused(name: str, tmp_path: Path, run: Run) -> None:
    code, _, said = run("new-source", name, "--package", "--into", tmp_path, database=False)
    assert code == 2
    assert "a name that no source has yet" in said
    assert list(tmp_path.glob("*.toml")) == []
