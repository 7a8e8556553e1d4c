"""Opening a store: one writer, many readers, migrated to the newest form."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
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
# PostgreSQL: readers see one state throughout, and whoever writes holds this lock.
ONE_STATE: Any = {"isolation_level": "REPEATABLE READ"}
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
ONE_WRITER = 0x5348525547
MOST_TOLD = 20


class Store:
    """An open store. Read with `reading()`, write with `writing()`: one transaction each.

    Writers go one after the other on either kind of store: counts are made anew from the posts that
    they count, which two at once would each do without the other's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, it is opened anew where it is unpickled.
        return open_again, (self.url,)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the store throughout."""
        level = {} if self._engine.dialect.name == "sqlite" else ONE_STATE
        with self._told(), self._engine.connect().execution_options(**level) as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose changes are stored all together, or, on an error, not at all."""
        with (
            self._told(),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            if connection.dialect.name == "postgresql":
                wait = f"{round(BUSY_SECONDS * 1000)}ms"
                connection.execute(select(func.set_config("lock_timeout", wait, True)))
                connection.execute(select(func.pg_advisory_xact_lock(ONE_WRITER)))
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """A store that is locked, full or damaged is said in one line."""
        try:
            yield
        except (OperationalError, DatabaseError) as error:
            if type(error) not in {OperationalError, DatabaseError}:
                raise  # a broken rule is a mistake of ours
            told = f"the store failed: {error.orig}; nothing was half-written"
            raise ShrugError(told + _advice(error.orig)) from None

    @property
    def url(self) -> str:
        """Its address, with the password that it may hold: for another process, never shown."""
        return self._engine.url.render_as_string(hide_password=False)

    @property
    def file(self) -> Path | None:
        """The file that it is kept in; None where it is kept elsewhere."""
        return _file(self._engine.url)

    def close(self) -> None:
        self._engine.dispose()


def open_store(url: str) -> Store:
    """Open the store at `url` (an SQLAlchemy URL), creating and migrating it as needed.

    Raises BadInput where the URL is none, and ShrugError where the store can't be opened.
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


def open_again(url: str) -> Store:
    """Open a store that another process has opened, and made or migrated where that was due.

    Raises ShrugError where there is none: a file is on one machine only.
    """
    if (file := file_of(url)) and not file.exists():
        raise ShrugError(f"the store {file} is not on this machine: keep it in PostgreSQL")
    return open_store(url)


def file_of(url: str) -> Path | None:
    """The file that the store at a URL is kept in; None where it is kept elsewhere."""
    return _file(_parsed(url))


def password_of(url: str) -> str:
    """The password in a URL, so that no log shows it; empty where there is none."""
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
    """What to do about SQLite's more common failures, by the names of its result codes."""
    name = str(getattr(error, "sqlite_errorname", ""))
    return next((f". {told}" for code, told in ADVICE.items() if name.startswith(code)), "")


def revisions(store: Store) -> tuple[str | None, str | None]:
    """The revision that a store has, and the newest that there is."""
    with store.reading() as connection:
        return _current(connection), known_revisions()[-1]


def damage(store: Store) -> str | None:
    """What a quick look over the whole file finds wrong; None where all is well, or where the
    store is no file of ours."""
    with store.reading() as connection:
        if connection.dialect.name != "sqlite":
            return None
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    return None if found == "ok" else found


def whole_damage(store: Store) -> list[str]:
    """Everything that a look at every page, index and reference of the file finds wrong, at most
    MOST_TOLD lines; nothing where the store is no file of ours: its server looks after itself."""
    with store.reading() as connection:
        if connection.dialect.name != "sqlite":
            return []
        pages = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_TOLD})").scalars().all()
        found = [str(line) for line in pages if line != "ok"]
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MOST_TOLD)
    return found + [f"row {row[1]} of {row[0]} refers to no row of {row[2]}" for row in lost]


def known_revisions() -> list[str]:
    """Every revision that this version knows, the newest last: what their files' names begin
    with."""
    return sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def _current(connection: Connection) -> str | None:
    """The revision that Alembic wrote into a store; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def migrations_config() -> "Config":
    """Where the migrations are."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver would begin transactions of its own, too late to take the write lock.
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
    from alembic import command  # takes as long to load as all else: most stores need none

    config = migrations_config()
    with Store(engine).writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    # What a migration may do only once nothing can be rolled back.
    for action in config.attributes.get("after_commit", []):
        action()
