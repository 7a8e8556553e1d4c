"""Texts made ready beside the process that stores them."""

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
from shrug.crawl.enrichment import Preparing, Told
from shrug.daemon.lease import is_alive
from tests.waiting import wait_for

POSTS = [
    RawPost(str(n), datetime(2026, 3, 1, tzinfo=UTC), text, author=f"user{n}")
    for n, text in enumerate(
        ["DeepSeek 又崩了，改用Kimi", "is ChatGPT down for anyone", "", "\x07"]
    )
]
# Begins as a crawl does, and tells which process works beside it.
BESIDE = """
import multiprocessing, os, sys, time
from pathlib import Path
from db.records import RawPost
from shrug import preparing
preparing.MANY, os.sched_getaffinity = 1, lambda _: {0, 1}
if __name__ == "__main__":
    own = preparing.Preparing(Path(sys.argv[1]))
    own.begin("forum", [None])
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Preparing:
    monkeypatch.setattr(enrichment, "MANY", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    return Preparing(tmp_path / "key")


def begun(own: Preparing) -> Future[list[Told]]:
    """What is begun beside this process, once the other one is awake."""
    found = wait_for(lambda: own.begin("forum", POSTS), "it is begun beside")
    assert found is not None
    return found


def beside_this() -> set[int]:
    """The processes that this one has begun."""
    return {child.pid for child in active_children() if child.pid is not None}


def test_another_process_tells_what_this_one_would(beside: Preparing) -> None:
    alone = beside.now("forum", POSTS)
    assert beside.now("forum", POSTS, begun(beside)) == alone
    assert alone[0][1] == "zh"
    assert alone[0][4] == (("deepseek", "subject"), ("kimi", "alternative"))
    assert alone[1][1] == "en"
    assert alone[3][0] == ""
    assert len({told[3] for told in alone}) == len(POSTS)


def test_where_the_other_process_is_killed_this_one_does_its_work(beside: Preparing) -> None:
    before = beside_this()
    begun(beside).result()
    (child,) = beside_this() - before
    os.kill(child, signal.SIGKILL)
    # Whether that is noticed before the next page or while it waits makes no difference.
    for _ in range(3):
        waiting = beside.begin("forum", POSTS)
        assert beside.now("forum", POSTS, waiting) == beside.now("forum", POSTS)
    assert beside.begin("forum", POSTS) is None


def test_where_no_process_can_be_begun_this_one_works_alone(
    beside: Preparing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(enrichment, "ProcessPoolExecutor", refused)
    assert beside.begin("forum", POSTS) is None
    assert len(beside.now("forum", POSTS)) == len(POSTS)


def test_few_posts_and_one_core_begin_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, before = Preparing(tmp_path / "key"), beside_this()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert few.begin("forum", POSTS) is None
    monkeypatch.setattr(enrichment, "MANY", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert few.begin("forum", POSTS) is None
    assert beside_this() == before


def test_a_process_that_is_killed_leaves_none_behind(tmp_path: Path) -> None:
    script = tmp_path / "beside.py"
    script.write_text(BESIDE)
    command = [sys.executable, str(script), str(tmp_path / "key")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()  # as a rule while the other one still loads
    wait_for(lambda: not is_alive(child), "the other one ends as well")
