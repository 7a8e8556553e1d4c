"""Running the real `shrug crawl` in its own process, as a user does."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from db.core.records import Span
from db.crawl import coverage
from db.posts import queries
from shrug.store.bootstrap import open_ready_store
from tests.processes import Fault, run

SINCE = datetime(2026, 8, 1, tzinfo=UTC)
UNTIL = datetime(2026, 8, 3, tzinfo=UTC)


def command(url: str, arguments: Sequence[object]) -> list[str]:
    options = ["--database", url, "--delay", "0"]
    return [sys.executable, "-m", "shrug", "crawl", *(str(a) for a in arguments), *options]


def crawl(url: str, *arguments: object, fault: Fault | None = None) -> tuple[int, str]:
    """Crawl into the store at `url`; return (exit code, stdout and stderr)."""
    done = run("crawl", *arguments, "--database", url, "--delay", "0", fault=fault)
    return done.code, done.output


def count_posts(url: str, source: str) -> int:
    """Return the number of a source's stored posts on DeepSeek in [SINCE, UNTIL)."""
    with open_ready_store(url) as store, store.reading() as connection:
        return len(queries.mention_times(connection, "deepseek", source, SINCE, UNTIL))


def covered_spans(url: str) -> list[tuple[Span, bool]]:
    """Return the covered spans on DeepSeek in [SINCE, UNTIL), and whether each is capped."""
    with open_ready_store(url) as store, store.reading() as connection:
        spans = coverage.read(connection, "deepseek", SINCE, UNTIL)
    return [(known.span, known.capped) for known in spans]
