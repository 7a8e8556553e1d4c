"""The daemon, as a process: one for each store, ended and killed, its limits, its settings."""

import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

import shrug
from db.core.engine import Store
from db.core.records import Span
from db.crawl import coverage
from db.ops import jobs, leases
from shrug.daemon.lease import NAME, is_alive
from shrug.demo import plan, server
from shrug.demo.world import DemoWorld, make_world
from shrug.store.bootstrap import open_ready_store
from tests.conftest import Run
from tests.crawling import crawl
from tests.paths import ROOT
from tests.processes import run as run_process
from tests.shrug.config_files import configure
from tests.shrug.daemon.processes import daemon
from tests.waiting import wait_for

PROVIDERS = ["chatgpt", "deepseek"]


DAILY = {"ledger", "suggest", "verify"}


def test_a_store_has_one_daemon_which_ends_in_good_order(url: str, config: Path, run: Run) -> None:
    with daemon(url, config) as first:
        first.wait_for_line("job ledger: done")
        code, _, err = run("daemon")
        assert code == 2
        assert f"process {first.process.pid} on" in err
        assert first.get("/health") == (200, "well\n")
        assert first.get("/ready") == (200, "well\n")
        first.stop()
    assert any("the daemon has ended" in line for line in first.log_lines)
    with daemon(url, config) as second:
        assert second.get("/health")[0] == 200


def test_a_killed_daemon_is_replaced_at_once_and_its_children_end(
    url: str, config: Path, store: Store
) -> None:
    with daemon(url, config, score_minutes=0.02) as first:
        first.wait_for_line("job score: done")
        children = wait_for(psutil.Process(first.process.pid).children, "a child")
        first.process.kill()
        first.process.wait()
        wait_for(lambda: not any(is_alive(child.pid) for child in children), "children end")
    with daemon(url, config, score_minutes=0.02) as second:
        second.wait_for_line("job score: done")
        with store.reading() as connection:
            lease = leases.read(connection, NAME)
        assert lease is not None
        assert f"/{second.process.pid}/" in lease.owner


def current_world() -> DemoWorld:
    """Two providers' posts of the last two days and the hours to come: they are published as time
    goes by."""
    whole = plan.read_plan()
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    span = Span(now - timedelta(days=2), now + timedelta(hours=4))
    few = tuple(p for p in whole.providers if p.key in PROVIDERS)
    return make_world(replace(whole, span=span, providers=few, outages=()))


def test_a_daemon_killed_at_any_instant_ends_with_all_posts_once(
    url: str, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Daemon and children with -9, as often as SHRUG_KILLS says, while posts are published."""
    kills, rng = int(os.environ.get("SHRUG_KILLS", "3")), random.Random(20250811)
    sources, whole = ["hackernews", "mastodon"], f"sqlite:///{tmp_path / 'whole.sqlite3'}"
    with server.serve_world(current_world()) as all_addresses:
        addresses = {name: all_addresses[name] for name in sources}
        monkeypatch.setenv("SHRUG_ADDRESSES", json.dumps(addresses))
        options = {
            "crawl_minutes": 0.01, "verify_hours": 24, "sources": sources, "providers": PROVIDERS
        }  # fmt: skip
        for _ in range(kills):
            with daemon(url, config, **options) as running:
                time.sleep(rng.uniform(0.5, 5))
                for child in psutil.Process(running.process.pid).children():
                    child.kill()
                running.process.kill()
        until = datetime.now(UTC).replace(microsecond=0)
        only = [part for key in PROVIDERS for part in ("--provider", key)]
        address_options = [part for n, a in addresses.items() for part in ("--address", f"{n}={a}")]
        assert crawl(whole, *sources, *only, *address_options, "--until", until.isoformat())[0] == 0
        published = posts_of(whole, until)
        with daemon(url, config, **options) as running:
            wait_for(lambda: posts_of(url, until) == published, "all posts")
            wait_for(lambda: set(done_of(url)) >= DAILY, "what runs by the day has run")
            wait_for(lambda: all(r.is_complete for r in runs_of(url)), "no job is lost")
            running.stop()
    assert len(published) > 300
    hours = until.replace(minute=0, second=0)
    counts, whole_counts = (
        shrug.counts(each, end=hours).drop(columns="engagement") for each in (url, whole)
    )
    assert counts.equals(whole_counts)
    assert run_process("verify", "--database", url).code == 0
    with open_ready_store(url) as store, store.reading() as connection:
        spans = coverage.read(connection, "deepseek", until - timedelta(hours=40), until)
    for source in sources:
        read = sorted((s.span.start, s.span.end) for s in spans if s.source == source)
        assert all(end >= start for (_, end), (start, _) in pairwise(read)), "a gap"
        assert read[0][0] <= until - timedelta(hours=40)
        assert read[-1][1] >= until - timedelta(seconds=1)
    # What runs by the day ran to its end once, however often it was begun.
    assert {job: number for job, number in done_of(url).items() if job in DAILY} == dict.fromkeys(
        DAILY, 1
    )


def posts_of(url: str, until: datetime) -> list[tuple[str, str, str]]:
    posts = shrug.posts(url, end=until)
    return sorted(posts[["source", "id", "text"]].itertuples(index=False, name=None))


def runs_of(url: str, *, every: bool = False) -> list[jobs.JobRunRecord]:
    """Runs of jobs, the newest of each or all; jobs that run by the minute are left out."""
    with open_ready_store(url) as store, store.reading() as connection:
        records = jobs.all_runs(connection) if every else jobs.latest(connection)
    return [run for run in records if run.job not in {"crawl", "score"}]


def done_of(url: str) -> Counter[str]:
    """How often each job has run to its end."""
    return Counter(run.job for run in runs_of(url, every=True) if run.outcome == "done")


def test_a_job_that_a_kill_interrupted_runs_again_once(url: str, config: Path) -> None:
    """A job of every day, killed with the daemon, does not wait for the next day."""
    with daemon(url, config, verify_hours=24) as first:
        wait_for(lambda: {"ledger", "verify"} <= begun_of(url), "both begin")
        first.process.kill()
        first.process.wait()
    assert not any(r.is_complete for r in runs_of(url) if r.job == "verify")
    with daemon(url, config, verify_hours=24) as second:
        second.wait_for_line("job verify is due at once")
        second.wait_for_line("job verify: done")
    with daemon(url, config, verify_hours=24, score_minutes=0.02) as third:
        third.wait_for_second_line("job score: done")  # so that what is due at once has begun
        assert not any("job verify" in line for line in third.log_lines)
    ran = [r.outcome for r in runs_of(url, every=True) if r.job == "verify"]
    assert ran == [None, "done"]


def begun_of(url: str) -> set[str]:
    return {run.job for run in runs_of(url)}


@pytest.mark.parametrize("hours", [30, -30], ids=["slept, or set ahead", "set back"])
def test_due_jobs_run_after_the_clock_has_jumped(
    url: str, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    ahead = tmp_path / "ahead"
    monkeypatch.setenv("TEST_CLOCK", str(ahead))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests" / "clock"))
    with daemon(url, config) as running:
        running.wait_for_line("job ledger: done")
        running.wait_for_line("job suggest: done")
        ahead.write_text(str(hours * 3600))

        def looks() -> bool:
            running.process.send_signal(signal.SIGHUP)
            return any("the clock has jumped" in line for line in running.log_lines)

        wait_for(looks, "it sees its clock jump")
        for job in ("ledger", "suggest"):
            running.wait_for_second_line(f"job {job}: done")


@pytest.mark.sqlite_only
def test_a_restart_does_not_run_daily_jobs_again(url: str, config: Path, tmp_path: Path) -> None:
    """A job of every day is not run again because the daemon was started again."""
    backups = tmp_path / "backup_folder"
    for _ in range(2):
        with daemon(url, config, backup_hours=24, score_minutes=0.02) as running:
            wait_for(lambda: list(backups.glob("*.sqlite3")), "a backup")
            running.wait_for_line("the daemon keeps the store: backup, ledger")
            running.wait_for_second_line("job score: done")  # so that what is due at once has begun
            running.stop()
    assert len(list(backups.glob("*.sqlite3"))) == 1


def test_sighup_reloads_the_configuration(url: str, config: Path) -> None:
    with daemon(url, config) as running:
        configure(config, score_minutes=0.02, daemon_port=running.port)
        running.process.send_signal(signal.SIGHUP)
        running.wait_for_line("read again: ledger, names, report, score, suggest")
        running.wait_for_line("job score: done")
        config.write_text("score_minutes = 'often'")
        running.process.send_signal(signal.SIGHUP)
        line = running.wait_for_line("the configuration stays as it was")
        assert "score_minutes" in line
        assert "often" not in line
        assert running.get("/health")[0] == 200
