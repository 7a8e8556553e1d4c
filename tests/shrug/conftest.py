"""The store that many tests look at, filled once."""

import shutil
from pathlib import Path

import pytest

from tests import processes
from tests.conftest import Ran, Run
from tests.shrug.filling import fill

KEY = "pseudonym.key"


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a filled store; not to be written to."""
    folder = tmp_path_factory.mktemp("filled")
    file = folder / "store.sqlite3"

    def run(*arguments: object, database: bool = True) -> Ran:
        key = str(folder / KEY)
        done = processes.run(*arguments, "--database", file, SHRUG_KEY_FILE=key)
        return done.code, done.said, ""

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
