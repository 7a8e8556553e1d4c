"""What can befall a store, a clock and a network: each with a clear message, nothing lost."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from db.core.records import Span
from db.crawl import coverage
from db.posts import queries
from shrug.demo import server
from shrug.store.bootstrap import open_ready_store
from tests.conftest import Run
from tests.crawling import SINCE, UNTIL, count_posts, covered_spans, crawl
from tests.processes import Fault, run
from tests.serving import StubResponse, StubSite, serve_site
from tests.worlds import PROVIDERS, small_world

HOUR = timedelta(hours=1)
# Nobody listens there: the port of a service that nobody runs any more.
NOBODY = "http://127.0.0.1:9"


def item(number: int, at: datetime) -> str:
    command = f"<title>DeepSeek is down, {number}</title><guid>{number}</guid>"
    return f"<item>{command}<pubDate>{format_datetime(at)}</pubDate></item>"


def feed(numbers: range, since: datetime = SINCE) -> StubResponse:
    """Ten entries an hour, the newest first."""
    items = "".join(item(n, since + n * HOUR / 10) for n in reversed(numbers))
    return StubResponse(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())


def two_days_of_the_feed(site: StubSite) -> list[object]:
    """Two days of one feed, by its address."""
    span = ["--since", SINCE.isoformat(), "--until", UNTIL.isoformat()]
    return ["feed", "--address", f"feed={site.base}/feed", *span]


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.mark.sqlite_only
class TestStore:
    """A file that is full, read-only, locked or damaged."""

    def test_a_full_disk_is_named_and_all_is_had_once_there_is_room(
        self, site: StubSite, url: str
    ) -> None:
        site.on("/feed", feed(range(400)))
        assert run("outages", "sync", "--database", url).code == 0
        code, said = crawl(url, *two_days_of_the_feed(site), fault=Fault(free_pages=2))
        assert code == 2
        assert "The disk is full: make room" in said
        assert "Traceback" not in said
        assert count_posts(url, "feed") == 0
        assert covered_spans(url) == []
        assert crawl(url, *two_days_of_the_feed(site))[0] == 0
        assert count_posts(url, "feed") == 400
        assert run("verify", "--database", url).code == 0

    def test_a_read_only_store_is_read_and_what_would_write_says_so(
        self, full: Run, url: str, site: StubSite
    ) -> None:
        file = file_of(url)
        read_only = f"sqlite:///file:{file}?mode=ro&uri=true"
        before = file.read_bytes()
        measured = run("measure", "--database", read_only)
        assert measured.code == 0, measured.output
        assert "DeepSeek" in measured.output
        site.on("/feed", feed(range(4)))
        code, said = crawl(read_only, *two_days_of_the_feed(site))
        assert code == 2
        assert "can't be written to: see the rights of its file and folder" in said
        assert "Traceback" not in said
        assert file.read_bytes() == before

    def test_a_locked_store_is_waited_for_and_then_named(self, full: Run, url: str) -> None:
        with closing(sqlite3.connect(file_of(url), isolation_level=None)) as other:
            other.execute("begin immediate")
            began = time.monotonic()
            ended = run(
                "retention", "--days", "1", "--database", url, fault=Fault(busy_seconds=1.5)
            )
            assert time.monotonic() - began > 1.4
            assert ended.code == 2
            assert "Another process kept it busy" in ended.output
            # Who only reads waits for nobody.
            assert run("measure", "--database", url, fault=Fault(busy_seconds=0)).code == 0
            other.execute("rollback")
        assert run("retention", "--days", "1", "--database", url).code == 0

    @pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.9])
    def test_a_damaged_page_is_found_and_a_backup_mends_it(
        self, full: Run, url: str, tmp_path: Path, part: float
    ) -> None:
        copy, file = tmp_path / "copy.sqlite3", file_of(url)
        assert full("backup", "--out", copy)[0] == 0
        whole = file.read_bytes()
        at = round(len(whole) * part) // 4096 * 4096 + (100 if part == 0 else 0)
        damaged = whole[:at] + b"\xa5" * 4096 + whole[at + 4096 :]
        file.write_bytes(damaged)
        for command in (["verify"], ["doctor"]):
            ended = run(*command, "--database", url)
            assert ended.code != 0, command
            assert "amaged" in ended.output, ended.output
            assert "Traceback" not in ended.output
        # Without room for it, all stays as it was.
        assert (
            run("restore", copy, "--database", url, fault=Fault(max_file_bytes=200_000)).code == 2
        )
        assert file.read_bytes() == damaged
        ended = run("restore", copy, "--database", url)
        assert ended.code == 0, ended.output
        backup_of_damaged = file.with_name(f"{file.name}.before-restore")
        assert backup_of_damaged.read_bytes() == damaged
        assert run("verify", "--database", url).code == 0

    def test_a_full_disk_leaves_no_half_written_file(
        self, full: Run, url: str, tmp_path: Path
    ) -> None:
        folder = tmp_path / "out"
        week = ["report", "--week", "2026-W16", "--out", folder]
        for command in (week, ["backup", "--out", folder / "copy.sqlite3"]):
            ended = run(*command, "--database", url, fault=Fault(max_file_bytes=100_000))
            assert ended.code == 2, ended.output
            assert str(folder) in ended.output
            assert "Traceback" not in ended.output
        assert [p.name for p in folder.rglob("*") if p.name.endswith((".part", ".html"))] == []
        assert full(*week)[0] == 0
        assert (folder / "report.en.html").stat().st_size > 100_000


class TestClock:
    """A clock that is wrong, and one that is put right."""

    @pytest.mark.parametrize(("hours", "word"), [(25, "ahead of"), (-25, "behind")])
    def test_responses_are_refused_if_the_clock_is_wrong(
        self, site: StubSite, url: str, hours: int, word: str
    ) -> None:
        now = datetime.now(UTC)
        site.on("/feed", feed(range(1), now - HOUR))
        command = ["feed", "--due", "--address", f"feed={site.base}/feed"]
        code, said = crawl(url, *command, fault=Fault(clock_ahead_seconds=hours * 3600))
        assert code == 1
        assert f"this machine's clock is 25.0 hours {word}" in said
        with open_ready_store(url) as store, store.reading() as connection:
            wide = timedelta(days=9)
            assert coverage.read(connection, "deepseek", now - wide, now + wide) == []
        # What a clock wrote that was ahead stops nothing once it is right.
        code, said = crawl(url, *command)
        assert code == 0, said
        assert "1 new posts" in said
        with open_ready_store(url) as store, store.reading() as connection:
            spans = coverage.read(connection, "deepseek", now - wide, now + wide)
        assert [s.span.start for s in spans] == [now.replace(microsecond=0) - HOUR]
        assert all(s.span.end <= datetime.now(UTC) for s in spans)


def test_a_day_without_a_network_is_caught_up_with_or_marked(url: str) -> None:
    """A search goes back to where it was; a feed has forgotten, and the gap says so."""
    world = small_world(2)
    start = world.plan.span.start
    only = [part for key in PROVIDERS for part in ("--provider", key)]

    def at(hour: int, hackernews: str, base: str) -> tuple[int, str]:
        command = ["hackernews", "feed", "--until", (start + hour * HOUR).isoformat(), *only]
        command += ["--address", f"hackernews={hackernews}", "--address", f"feed={base}/feed"]
        return crawl(url, *command, fault=Fault(no_retries=True))

    with server.serve_world(world) as addresses, serve_site() as site:
        site.on("/feed", feed(range(100, 120), start))
        assert at(12, addresses["hackernews"], site.base)[0] == 0
    for hour in (18, 24, 30):
        code, said = at(hour, NOBODY, NOBODY)
        assert code == 1
        assert said.count("unreachable: DownloadConnectionRefused") == 2, said
    with server.serve_world(world) as addresses, serve_site() as site:
        site.on("/feed", feed(range(340, 360), start))
        code, said = at(36, addresses["hackernews"], site.base)
        assert code == 0, said
    published = {
        (p.provider, p.at)
        for p in world.posts
        if p.at < start + 36 * HOUR and p.source == "hackernews"
    }
    read = covered_by(url, start, start + 36 * HOUR)
    assert read["hackernews"] == [Span(start, start + 36 * HOUR)]
    # Both looks at the feed reached two hours back.
    assert read["feed"] == [
        Span(start + 10 * HOUR, start + 12 * HOUR),
        Span(start + 34 * HOUR, start + 36 * HOUR),
    ]
    with open_ready_store(url) as store, store.reading() as connection:
        had = {
            (key, at)
            for key in PROVIDERS
            for at, _ in queries.mention_times(
                connection, key, "hackernews", start, start + 36 * HOUR
            )
        }
    assert had == published


def covered_by(url: str, start: datetime, end: datetime) -> dict[str, list[Span]]:
    """What of a time was read for DeepSeek, by source, spans that touch as one."""
    with open_ready_store(url) as store, store.reading() as connection:
        known = coverage.read(connection, "deepseek", start, end)
    by_source: dict[str, list[Span]] = {}
    for each in sorted(known, key=lambda k: k.span.start):
        spans = by_source.setdefault(each.source, [])
        if spans and spans[-1].end >= each.span.start:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, each.span.end))
        else:
            spans.append(Span(max(start, each.span.start), each.span.end))
    return by_source
