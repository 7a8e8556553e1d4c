"""Opening a store: one writer, many readers, migrated to the newest revision."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    Engine,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy import (
    Connection as Connection,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from db.core.errors import BadInput, ShrugError
from db.core.extras import require_extra

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parents[1] / "migrations"
VERSIONS = MIGRATIONS / "versions"
BUSY_SECONDS = 30
# PostgreSQL: a reader sees one state throughout; a writer holds the advisory lock of this key.
SNAPSHOT_ISOLATION: Any = {"isolation_level": "REPEATABLE READ"}
WRITER_LOCK_KEY = 0x5348525547
# Result codes: sqlite.org/rescode.html.
ADVICE = {
    "SQLITE_FULL": "The disk is full: make room, then go on; what is stored is whole",
    "SQLITE_IOERR": "The disk fails, or is full: see to it, then look with `shrug verify`",
    "SQLITE_READONLY": "It can't be written to: see the rights of its file and folder",
    "SQLITE_BUSY": f"Another process kept it busy for {BUSY_SECONDS} s: wait for it, or end it",
    "SQLITE_CORRUPT": "It is damaged: `shrug verify` says where, `shrug restore FILE` puts a "
    "backup in its place",
    "SQLITE_NOTADB": "`shrug restore FILE` puts a backup in its place",
}
MAX_DAMAGE_LINES = 20


class Store:
    """An open store. Read with `reading()`, write with `writing()`: one transaction each.

    Only one writer at a time writes, on either database: two that recount the same hour at once
    would each miss the other's posts.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __reduce__(self) -> tuple[Any, ...]:
        return reopen_store, (self.url,)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the store throughout."""
        level = {} if self._engine.dialect.name == "sqlite" else SNAPSHOT_ISOLATION
        with self._store_errors(), self._engine.connect().execution_options(**level) as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all committed at the end, or, on an error, none."""
        with (
            self._store_errors(),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            if connection.dialect.name == "postgresql":
                wait = f"{round(BUSY_SECONDS * 1000)}ms"
                connection.execute(select(func.set_config("lock_timeout", wait, True)))
                connection.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK_KEY)))
            yield connection

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        """Raise ShrugError with one line of advice if the store is locked, full or damaged."""
        try:
            yield
        except (OperationalError, DatabaseError) as error:
            if type(error) not in {OperationalError, DatabaseError}:
                raise  # a broken constraint is a bug
            message = f"the store failed: {error.orig}; nothing was half-written"
            raise ShrugError(message + _advice(error.orig)) from None

    @property
    def url(self) -> str:
        """Its URL with the password, for another process; never show it."""
        return self._engine.url.render_as_string(hide_password=False)

    @property
    def file(self) -> Path | None:
        """Its SQLite file; None if it is in another database."""
        return _file(self._engine.url)

    def close(self) -> None:
        self._engine.dispose()


def open_store(url: str) -> Store:
    """Open the store at `url` (an SQLAlchemy URL), creating and migrating it as needed.

    Raises BadInput if it is not a URL, and ShrugError if the store can't be opened.
    """
    parsed = _parsed(url)
    shown = parsed.render_as_string(hide_password=True)
    try:
        if (file := _file(parsed)) and "uri" not in parsed.query:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Another process may work in another folder.
            parsed = parsed.set(database=str(file.absolute()))
        engine = _engine(parsed)
        _migrate(engine)
    except BadInput:
        raise
    except (ArgumentError, DatabaseError, ImportError, OSError, ShrugError) as error:
        cause = getattr(error, "orig", error)
        reason = str(cause).splitlines()[0] + _advice(cause)
        raise ShrugError(f"the store {shown} cannot be opened: {reason}") from None
    return Store(engine)


def _engine(url: URL) -> Engine:
    with require_extra("postgresql", "a PostgreSQL store"):
        engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


def reopen_store(url: str) -> Store:
    """Open a store that another process has created and opened.

    Raises ShrugError if its file is missing: a file is on one machine only.
    """
    if (file := store_file(url)) and not file.exists():
        raise ShrugError(f"the store {file} is not on this machine: keep it in PostgreSQL")
    return open_store(url)


def store_file(url: str) -> Path | None:
    """Return the SQLite file that a URL names; None if it names another database."""
    return _file(_parsed(url))


def password_of(url: str) -> str:
    """Return the password in a URL, so that logs can leave it out; empty if it has none."""
    return str(_parsed(url).password or "")


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise BadInput(
            "--database: not a database URL; it should look like sqlite:////path/to/file.sqlite3"
        ) from None


def _file(url: URL) -> Path | None:
    named = url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" and named else None


def _advice(error: BaseException | None) -> str:
    """Return what to do about a common failure of SQLite, by its result code's name."""
    name = str(getattr(error, "sqlite_errorname", ""))
    return next((f". {advice}" for code, advice in ADVICE.items() if name.startswith(code)), "")


def revisions(store: Store) -> tuple[str | None, str | None]:
    """Return the revision of a store, and the newest known one."""
    with store.reading() as connection:
        return _current(connection), known_revisions()[-1]


def quick_check(store: Store) -> str | None:
    """Return the first damage that SQLite's quick check finds; None if there is none, or if the
    store is not SQLite."""
    with store.reading() as connection:
        if connection.dialect.name != "sqlite":
            return None
        result = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    return None if result == "ok" else result


def integrity_check(store: Store) -> list[str]:
    """Return the damage found in every page, index and reference of the file, at most
    MAX_DAMAGE_LINES lines of each kind; nothing if the store is not SQLite."""
    with store.reading() as connection:
        if connection.dialect.name != "sqlite":
            return []
        integrity = connection.exec_driver_sql(f"PRAGMA integrity_check({MAX_DAMAGE_LINES})")
        damage = [str(line) for line in integrity.scalars() if line != "ok"]
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MAX_DAMAGE_LINES)
    return damage + [f"row {row[1]} of {row[0]} refers to no row of {row[2]}" for row in lost]


def known_revisions() -> list[str]:
    """Return every revision that this version knows, by its file's name, the newest last."""
    return sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def _current(connection: Connection) -> str | None:
    """Return the revision that Alembic wrote into a store; None if it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def migrations_config() -> "Config":
    """Return the Alembic configuration that names the folder of migrations."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver's own transactions would begin too late to take the write lock.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "cache_size=-32768",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Taking the write lock at once turns a later deadlock into a wait.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        if _current(connection) == known_revisions()[-1]:
            return
    from alembic import command  # slow to import, and most stores are up to date

    config = migrations_config()
    with Store(engine).writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    # What a migration may do only once its transaction is committed.
    for action in config.attributes.get("after_commit", []):
        action()
