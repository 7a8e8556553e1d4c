"""Texts made ready beside the process that stores them."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.records import RawPost
from shrug import preparing
from shrug.daemon.lease import is_alive
from shrug.preparing import Preparing, Told

POSTS = [
    RawPost(str(n), datetime(2026, 3, 1, tzinfo=UTC), text, author=f"user{n}")
    for n, text in enumerate(
        ["DeepSeek 又崩了，改用Kimi", "is ChatGPT down for anyone", "", "\x07"]
    )
]
# Begins as a crawl does, and tells which process works beside it.
BESIDE = """
import sys, time
from pathlib import Path
from db.records import RawPost
from shrug import preparing
preparing.MANY, preparing._cores = 1, lambda: 2
if __name__ == "__main__":
    own = preparing.Preparing(Path(sys.argv[1]))
    own.begin("forum", [None])
    print(*own._pool._processes, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Preparing:
    monkeypatch.setattr(preparing, "MANY", 1)
    monkeypatch.setattr(preparing, "_cores", lambda: 2)
    return Preparing(tmp_path / "key")


def begun(own: Preparing) -> Future[list[Told]]:
    """What is begun beside this process, once the other one is awake."""
    for _ in range(600):
        found = own.begin("forum", POSTS)
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError("nothing was begun in a minute")


def test_another_process_tells_what_this_one_would(beside: Preparing) -> None:
    alone = beside.now("forum", POSTS)
    assert beside.now("forum", POSTS, begun(beside)) == alone
    assert alone[0][1] == "zh"
    assert alone[0][4] == (("deepseek", "subject"), ("kimi", "alternative"))
    assert alone[1][1] == "en"
    assert alone[3][0] == ""
    assert len({told[3] for told in alone}) == len(POSTS)


def test_where_the_other_process_is_killed_this_one_does_its_work(beside: Preparing) -> None:
    begun(beside).result()
    assert beside._pool is not None
    for pid in beside._pool._processes:
        os.kill(pid, signal.SIGKILL)
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

    monkeypatch.setattr(preparing, "ProcessPoolExecutor", refused)
    assert beside.begin("forum", POSTS) is None
    assert len(beside.now("forum", POSTS)) == len(POSTS)


def test_few_posts_and_one_core_begin_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Preparing(tmp_path / "key")
    assert few.begin("forum", POSTS) is None
    assert few._pool is None
    monkeypatch.setattr(preparing, "MANY", 1)
    monkeypatch.setattr(preparing, "_cores", lambda: 1)
    assert few.begin("forum", POSTS) is None
    assert few._pool is None


def test_a_process_that_is_killed_leaves_none_behind(tmp_path: Path) -> None:
    script = tmp_path / "beside.py"
    script.write_text(BESIDE)
    command = [sys.executable, str(script), str(tmp_path / "key")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(1)  # it may be killed while it loads as well
        parent.kill()
    for _ in range(300):
        if not is_alive(child):
            return
        time.sleep(0.1)
    raise AssertionError(f"process {child} went on alone for half a minute")
