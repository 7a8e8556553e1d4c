"""The store that many tests look at, filled once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.shrug.filling import fill


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a filled store; not to be written to."""
    folder = tmp_path_factory.mktemp("filled")
    file = folder / "store.sqlite3"

    def run(*arguments: object, database: bool = True) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "shrug", *map(str, arguments), "--database", str(file)]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    fill(run, folder)
    assert run("score")[0] == 0
    return file


@pytest.fixture
def full(filled_once: Path, run: Run, url: str) -> Run:
    """The command line on a filled store of the test's own."""
    shutil.copy(filled_once, url.removeprefix("sqlite:///"))
    return run
