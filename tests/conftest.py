"""What tests share: a store of their own, the command line, and a real HTTP server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from db.engine import Store
from shrug.cli import main
from shrug.ingest import Ingest
from shrug.opening import opened
from tests.serving import Site, serving

# How long a strategy takes to draw says nothing about what is tested.
settings.register_profile("shrug", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shrug")

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHRUG_DATABASE_URL", "SHRUG_ZONE", "SHRUG_LANG", "SHRUG_CONTACT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHRUG_KEY_FILE", str(tmp_path / "pseudonym.key"))
    monkeypatch.setenv("SHRUG_CACHE_FOLDER", str(tmp_path / "cache"))
    monkeypatch.setenv("SHRUG_MODELS_FOLDER", str(tmp_path / "models"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite3'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with opened(url) as found:
        yield found


@pytest.fixture
def ingest(store: Store, tmp_path: Path) -> Ingest:
    return Ingest(store, tmp_path / "pseudonym.key")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as found:
        yield found


Ran = tuple[int, str, str]
Run = Callable[..., Ran]


@pytest.fixture
def run(url: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the test's store: (exit code, stdout, stderr)."""

    def ran(*arguments: object, database: bool = True) -> Ran:
        own = ["--database", url] if database else []
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments] + own)
        written = capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else 0, written.out, written.err

    return ran


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The archives beside the checkout; a test that needs them is skipped, aloud, without."""
    if not (REAL_DATA / "weibo-board").is_dir():
        pytest.skip(f"no real archives at {REAL_DATA}: nothing to hold the figures against")
    return REAL_DATA
