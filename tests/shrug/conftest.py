"""The store that many tests look at, filled once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.shrug.filling import fill

KEY = "pseudonym.key"


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a filled store; not to be written to."""
    folder = tmp_path_factory.mktemp("filled")
    file = folder / "store.sqlite3"

    def run(*arguments: object, database: bool = True) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "shrug", *map(str, arguments), "--database", str(file)]
        own = {**os.environ, "SHRUG_KEY_FILE": str(folder / KEY)}
        done = subprocess.run(command, capture_output=True, text=True, env=own)
        return done.returncode, done.stdout, done.stderr

    fill(run, folder)
    assert run("score")[0] == 0
    return file


@pytest.fixture
def full(request: pytest.FixtureRequest, run: Run, url: str, tmp_path: Path) -> Run:
    """The command line on a filled store of the test's own."""
    if url.startswith("sqlite:///"):
        once: Path = request.getfixturevalue("filled_once")
        shutil.copy(once, url.removeprefix("sqlite:///"))
        shutil.copy(once.with_name(KEY), tmp_path / KEY)
    else:
        fill(run, tmp_path)
        assert run("score")[0] == 0
    return run
