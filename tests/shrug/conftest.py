"""The store that many tests look at, filled once."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import processes
from tests.conftest import Ran, Run, copy_database, database
from tests.shrug.config_files import configure
from tests.shrug.filling import fill

KEY = "pseudonym.key"


@pytest.fixture(scope="session")
def filled_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key of the pseudonyms of the filled store."""
    return tmp_path_factory.mktemp("filled") / KEY


@pytest.fixture(scope="session")
def filled_once(request: pytest.FixtureRequest, filled_key: Path) -> Iterator[str]:
    """The address of a filled store; not to be written to."""
    folder = filled_key.parent
    with ExitStack() as stores:
        url = f"sqlite:///{folder}/store.sqlite3"
        if request.config.getoption("--store") == "postgresql":
            url = stores.enter_context(database(request.getfixturevalue("postgresql")))

        def run(*arguments: object, database: bool = True) -> Ran:
            key = str(filled_key)
            done = processes.run(*arguments, "--database", url, SHRUG_KEY_FILE=key)
            return done.code, done.output, ""

        fill(run, folder)
        assert run("score")[0] == 0
        yield url


@pytest.fixture
def full(filled_once: str, filled_key: Path, run: Run, url: str, tmp_path: Path) -> Run:
    """The command line on a filled store of the test's own."""
    shutil.copy(filled_key, tmp_path / KEY)
    if url.startswith("sqlite:///"):
        shutil.copy(filled_once.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
    else:
        copy_database(filled_once, url)
    return run


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of settings that asks for few jobs."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("SHRUG_CONFIG", str(path))
    configure(path)
    return path
