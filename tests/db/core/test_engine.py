"""The store: migrated to what the models say, one transaction a page, clear about what fails."""

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from db.core.engine import MIGRATIONS, Store, open_store
from db.core.errors import BadInput, ShrugError
from db.core.models import Base
from db.core.records import Covered, NewMention, NewOutage, NewPost, Page, Span
from db.crawl import coverage, cursors, outages
from db.posts import queries, storage
from shrug.store.bootstrap import opened
from tests.waiting import PATIENCE

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def new_post(id_: str, at: datetime = T0, **changed: object) -> NewPost:
    values: dict[str, object] = {
        "external_id": id_,
        "created_at": at,
        "text": f"DeepSeek {id_}",
        "lang": "en",
        "fingerprint": hash(id_) % 2**60,
        "author": f"author {id_}",
        "mentions": (NewMention("deepseek", "subject"),),
    }
    return NewPost(**{**values, **changed})  # type: ignore[arg-type]


def page(*, until: datetime = T0 + HOUR, cursor: str = "c") -> Page:
    return Page("hackernews", "DeepSeek", cursor=cursor, covered=(Covered(Span(T0, until)),))


def counted(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        rows = connection.execute(
            text(
                "select hour, posts, texts, authors, engagement, voices "
                "from hourly_counts order by hour"
            )
        )
        return [tuple(row) for row in rows]


# On PostgreSQL posts and mentions are in partitions (migration 0011): nothing refers to them, and
# their keys hold the time as well.
PARTED = re.compile(r"fk_\w+_post_id_posts|uq_posts_source_external_id|(posts|mentions)_\d{4}_\d\d")


def test_migrations_make_what_the_models_say(store: Store) -> None:
    def compared(_: object, name: str | None, *__: object) -> bool:
        return store.file is not None or not PARTED.match(name or "")

    opts = {"compare_type": True, "include_object": compared}
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.sqlite_only
def test_sqlite_runs_with_a_write_ahead_log_and_foreign_keys(store: Store) -> None:
    with store.reading() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
        assert connection.execute(text("pragma foreign_keys")).scalar() == 1
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(
            text("insert into mentions values (99, 1, 'subject', 's', '2026-01-01')")
        )


def test_a_page_is_stored_whole_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the last step fails")

    monkeypatch.setattr(coverage, "add", fail)
    with pytest.raises(RuntimeError), store.writing() as connection:
        storage.store_page(connection, page(), [new_post("a")])
    with store.reading() as connection:
        assert queries.sources(connection) == []
        assert cursors.read(connection, "hackernews", "DeepSeek") is None
    assert counted(store) == []


def test_a_post_seen_twice_is_kept_once_with_its_newest_text(store: Store) -> None:
    for likes in (1, 5):
        with store.writing() as connection:
            new = storage.store_page(
                connection, page(), [new_post("a", likes=likes), new_post("b")]
            )
        assert new == (2 if likes == 1 else 0)
    ((hour, *counts),) = counted(store)
    assert str(hour).startswith("2026-03-01 12:00:00")
    assert counts == [2, 2, 2, 5, 2]


def test_counts_follow_edits_copies_and_authors(store: Store) -> None:
    copies = [new_post(i, fingerprint=7, author="bot") for i in "abc"]
    with store.writing() as connection:
        storage.store_page(connection, page(), [*copies, new_post("d", T0 + HOUR)])
    assert [row[1:4] for row in counted(store)] == [(3, 1, 1), (1, 1, 1)]
    gone = new_post("a", mentions=())
    turned = new_post("b", mentions=(NewMention("deepseek", "alternative"),))
    with store.writing() as connection:
        storage.store_page(connection, page(), [gone, turned])
    assert [row[1:4] for row in counted(store)] == [(1, 1, 1), (1, 1, 1)]


def test_no_text_and_no_author_is_two_voices_of_an_hour(store: Store) -> None:
    many = [new_post(f"bot {i}", author="bot") for i in range(5)]
    copies = [new_post(f"copy {i}", fingerprint=7) for i in range(5)]
    nobodys = [new_post(f"nobody {i}", author=None) for i in range(5)]
    with store.writing() as connection:
        storage.store_page(connection, page(), [*many, *copies, *nobodys])
        later = [new_post(f"later {i}", T0 + HOUR, author="bot") for i in range(2)]
        storage.store_page(connection, page(), later)
    assert [(row[1], row[5]) for row in counted(store)] == [(15, 7), (2, 1)]
    with store.reading() as connection:
        times = queries.times(connection, "deepseek", "hackernews", T0, T0 + 2 * HOUR)
    assert sum(new for _, new in times) == 8


def test_an_older_store_is_counted_anew_when_voices_come(store: Store, url: str) -> None:
    with store.writing() as connection:
        copies = [new_post(i, fingerprint=7, author=f"a{i}") for i in "abc"]
        storage.store_page(connection, page(), [*copies, new_post("d", T0 + HOUR, author=None)])
    before = counted(store)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    with opened(url) as again:
        assert counted(again) == before
    assert [row[5] for row in before] == [1, 1]


def test_coverage_grows_page_by_page_and_keeps_gaps(store: Store) -> None:
    spans = [(0, 1), (1, 2), (5, 6), (1.5, 2.5)]
    for start, end in spans:
        covered = Covered(Span(T0 + start * HOUR, T0 + end * HOUR), "deepseek")
        with store.writing() as connection:
            storage.store_page(connection, Page("hackernews", "DeepSeek", covered=(covered,)), [])
    with store.reading() as connection:
        known = coverage.read(connection, "deepseek", T0, T0 + 10 * HOUR)
    assert [(k.span.start, k.span.end) for k in known] == [
        (T0, T0 + 2.5 * HOUR),
        (T0 + 5 * HOUR, T0 + 6 * HOUR),
    ]


def test_times_without_a_zone_are_refused_and_others_come_back_as_utc(store: Store) -> None:
    beijing = datetime.fromisoformat("2026-03-01T20:00:00+08:00")
    with store.writing() as connection:
        storage.store_page(connection, page(), [new_post("a", beijing)])
    with store.reading() as connection:
        times = queries.times(connection, "deepseek", "hackernews", T0, T0 + HOUR)
        assert [at for at, _ in times] == [T0]
    with pytest.raises(Exception, match="without a zone"), store.writing() as connection:
        storage.store_page(connection, page(), [new_post("b", beijing.replace(tzinfo=None))])


def test_readers_see_one_state_while_a_writer_writes(store: Store, url: str) -> None:
    with store.reading() as before, opened(url) as other:
        assert queries.total(before, "hackernews", T0, T0 + HOUR) == 0
        with other.writing() as connection:
            storage.store_page(connection, page(), [new_post("a")])
        assert queries.total(before, "hackernews", T0, T0 + HOUR) == 0
    with store.reading() as after:
        assert queries.total(after, "hackernews", T0, T0 + HOUR) == 1


def test_writers_wait_for_each_other(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.core.engine.BUSY_SECONDS", PATIENCE)
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with opened(url) as store:
                for number in range(20):
                    with store.writing() as connection:
                        storage.store_page(connection, page(), [new_post(f"{name}{number}")])
        except BaseException as error:
            failures.append(error)

    with opened(url):
        threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    with opened(url) as store:
        assert [row[1] for row in counted(store)] == [60]


def test_what_a_person_confirmed_stays_confirmed(store: Store) -> None:
    def suggested(start: datetime) -> NewOutage:
        id_ = f"weibo/deepseek/{start.isoformat()}"
        return NewOutage(
            "deepseek", start, start + HOUR, "outage", "t", "board", id_, confirmed=False
        )

    with store.writing() as connection:
        outages.replace_suggested(
            connection, "board", "weibo/", [suggested(T0), suggested(T0 + 9 * HOUR)]
        )
        known = outages.read(connection)
        assert outages.confirm(connection, known[0].id)
        assert not outages.confirm(connection, 999)
        outages.replace_suggested(connection, "board", "weibo/", [suggested(T0)])
        outages.replace_suggested(connection, "board", "weibo/", [])
        known = outages.read(connection)
    assert [(o.start, o.confirmed) for o in known] == [(T0, True)]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("no url at all", BadInput, "not a database URL"),
        ("sqlite:////proc/nothing/here.sqlite3", ShrugError, "cannot be opened"),
        ("nosuchdialect://host/db", ShrugError, "nosuchdialect"),
    ],
)
def test_a_store_that_cannot_be_opened_says_so(
    given: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        open_store(given)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes, not a database, and longer than a header " * 50)
    with pytest.raises(ShrugError, match="not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text().startswith("my notes")


def test_a_locked_store_is_said_in_one_line(
    url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.core.engine.BUSY_SECONDS", 0.1)
    impatient = open_store(url)
    why = "locked|lock timeout"
    with (
        store.writing(),
        pytest.raises(ShrugError, match=why),
        impatient.writing() as connection,
    ):
        storage.store_page(connection, page(), [new_post("a")])
    impatient.close()


@pytest.mark.sqlite_only
def test_another_process_finds_a_file_wherever_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with opened("sqlite:///own.sqlite3") as store:
        monkeypatch.chdir("/")
        assert store.url == f"sqlite:///{tmp_path / 'own.sqlite3'}"
        with opened(store.url) as again:
            assert again.url == store.url
