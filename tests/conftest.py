"""Fixtures of all tests: an empty store, the command line, a real HTTP server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from db.core.engine import Store
from shrug.cli import main
from shrug.crawl.ingest import Ingest
from shrug.store.bootstrap import open_ready_store
from tests.servers import postgres
from tests.serving import StubResponse, StubSite, serve_site

# The time that an example takes is not tested.
settings.register_profile("shrug", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shrug")

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def _isolated_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHRUG_DATABASE_URL", "SHRUG_ZONE", "SHRUG_LANG", "SHRUG_CONTACT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHRUG_KEY_FILE", str(tmp_path / "pseudonym.key"))
    monkeypatch.setenv("SHRUG_CACHE_FOLDER", str(tmp_path / "cache"))
    monkeypatch.setenv("SHRUG_MODELS_FOLDER", str(tmp_path / "models"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("COLUMNS", "200")


def pytest_addoption(parser: pytest.Parser) -> None:
    help_text = "the kind of store that tests run on: sqlite or postgresql"
    parser.addoption("--store", choices=["sqlite", "postgresql"], default="sqlite", help=help_text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that are about the other kind of store."""
    other = "postgresql" if config.getoption("--store") == "sqlite" else "sqlite"
    deselected = [item for item in items if item.get_closest_marker(f"{other}_only")]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[str]:
    """Start a PostgreSQL server for the session; yield the address of an empty database."""
    with postgres() as address:
        yield address.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def fresh(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Return a function that makes an empty store of the kind of --store, and its address."""
    with ExitStack() as stores:
        number = count()
        if request.config.getoption("--store") == "sqlite":
            yield lambda: f"sqlite:///{tmp_path}/store{next(number) or ''}.sqlite3"
            return
        server = request.getfixturevalue("postgresql")
        yield lambda: stores.enter_context(database(server))


@pytest.fixture
def url(fresh: Callable[[], str]) -> str:
    """The address of an empty store, of the kind of --store."""
    return fresh()


@contextmanager
def database(server: str) -> Iterator[str]:
    """Make a database on a server; drop it afterwards even if it is in use."""
    name = f"test_{uuid4().hex}"
    plain = server.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield f"{server.rpartition('/')[0]}/{name}"
        gone = sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
        connection.execute(gone)


def copy_database(source: str, target: str) -> None:
    """Replace a database by a copy of another on the same server."""
    names = [sql.Identifier(url.rpartition("/")[2]) for url in (target, source)]
    server = f"{target.rpartition('/')[0]}/postgres".replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(names[0]))
        connection.execute(sql.SQL("create database {} template {}").format(*names))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_ready_store(url) as resource:
        yield resource


@pytest.fixture
def ingest(store: Store, tmp_path: Path) -> Ingest:
    return Ingest(store, tmp_path / "pseudonym.key")


@pytest.fixture
def site() -> Iterator[StubSite]:
    with serve_site() as resource:
        yield resource


@pytest.fixture
def robots_allowed(site: StubSite) -> None:
    """Let the stub site's robots.txt allow everything."""
    site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))


Ran = tuple[int, str, str]
Run = Callable[..., Ran]


@pytest.fixture
def run(url: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the test's store: (exit code, stdout, stderr)."""

    def ran(*arguments: object, database: bool = True) -> Ran:
        option = ["--database", url] if database else []
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments] + option)
        written = capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else 0, written.out, written.err

    return ran


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real archives beside the checkout; without it the test is skipped."""
    if not (REAL_DATA / "weibo-board").is_dir():
        pytest.skip(f"no real archives at {REAL_DATA}: nothing to hold the figures against")
    return REAL_DATA
