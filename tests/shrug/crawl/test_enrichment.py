"""Posts are enriched in a second process."""

import os
import signal
import subprocess
import sys
from concurrent.futures import Future
from datetime import UTC, datetime
from multiprocessing import active_children
from pathlib import Path

import pytest

from db.core.records import RawPost
from shrug.crawl import enrichment
from shrug.crawl.enrichment import EnrichedPost, PostEnricher
from shrug.daemon.lease import is_alive
from tests.waiting import wait_for

POSTS = [
    RawPost(str(n), datetime(2026, 3, 1, tzinfo=UTC), text, author=f"user{n}")
    for n, text in enumerate(
        ["DeepSeek 又崩了，改用Kimi", "is ChatGPT down for anyone", "", "\x07"]
    )
]
# Starts as a crawl does, and prints the id of its second process.
SCRIPT = """
import multiprocessing, os, sys, time
from pathlib import Path
from db.core.records import RawPost
from shrug.crawl import enrichment
enrichment.MIN_POSTS_FOR_PROCESS, os.sched_getaffinity = 1, lambda _: {0, 1}
if __name__ == "__main__":
    enricher = enrichment.PostEnricher(Path(sys.argv[1]))
    enricher.start("forum", [None])
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def enricher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PostEnricher:
    monkeypatch.setattr(enrichment, "MIN_POSTS_FOR_PROCESS", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    return PostEnricher(tmp_path / "key")


def started(enricher: PostEnricher) -> Future[list[EnrichedPost]]:
    """What the second process works on, once it has started."""
    future = wait_for(lambda: enricher.start("forum", POSTS), "the second process takes posts")
    assert future is not None
    return future


def child_processes() -> set[int]:
    """The ids of the processes that this one has started."""
    return {child.pid for child in active_children() if child.pid is not None}


def test_a_second_process_enriches_as_this_one_does(enricher: PostEnricher) -> None:
    alone = enricher.enrich("forum", POSTS)
    assert enricher.enrich("forum", POSTS, started(enricher)) == alone
    assert alone[0][1] == "zh"
    assert alone[0][4] == (("deepseek", "subject"), ("kimi", "alternative"))
    assert alone[1][1] == "en"
    assert alone[3][0] == ""
    assert len({post[3] for post in alone}) == len(POSTS)


def test_if_the_second_process_is_killed_this_one_does_its_work(enricher: PostEnricher) -> None:
    before = child_processes()
    started(enricher).result()
    (child,) = child_processes() - before
    os.kill(child, signal.SIGKILL)
    # It may be noticed before the next page or while that waits.
    for _ in range(3):
        waiting = enricher.start("forum", POSTS)
        assert enricher.enrich("forum", POSTS, waiting) == enricher.enrich("forum", POSTS)
    assert enricher.start("forum", POSTS) is None


def test_if_no_process_can_be_started_this_one_works_alone(
    enricher: PostEnricher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(enrichment, "ProcessPoolExecutor", refused)
    assert enricher.start("forum", POSTS) is None
    assert len(enricher.enrich("forum", POSTS)) == len(POSTS)


def test_few_posts_or_a_single_core_start_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enricher, before = PostEnricher(tmp_path / "key"), child_processes()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert enricher.start("forum", POSTS) is None
    monkeypatch.setattr(enrichment, "MIN_POSTS_FOR_PROCESS", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert enricher.start("forum", POSTS) is None
    assert child_processes() == before


def test_a_killed_process_leaves_no_second_process_behind(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(tmp_path / "key")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()  # usually while the second process still loads
    wait_for(lambda: not is_alive(child), "the second process ends as well")
