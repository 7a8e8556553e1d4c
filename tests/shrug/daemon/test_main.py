"""The daemon, as a process: one for each store, ended and killed, its limits, its settings."""

import json
import logging
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

import shrug
from analysis.messages import Messages
from db.core.engine import Store
from db.core.errors import BadInput
from db.core.records import Span
from db.crawl import coverage
from db.ops import jobs, leases
from shrug import settings
from shrug.daemon.jobs import Job
from shrug.daemon.jobs import jobs as planned
from shrug.daemon.lease import DEAD, NAME, Holder, is_alive
from shrug.daemon.logs import begin
from shrug.daemon.runner import Limits, Runner
from shrug.demo import plan, server
from shrug.demo.world import World, make
from shrug.health.alerts import alert
from shrug.health.sources import Health
from shrug.store.bootstrap import opened
from tests.conftest import Run
from tests.crawling import crawl
from tests.paths import ROOT
from tests.processes import run as run_process
from tests.serving import Answer, Site
from tests.waiting import PATIENCE, wait_for

PROVIDERS = ["chatgpt", "deepseek"]
HUSH = "hush-in-file"
PLENTY = Limits(PATIENCE, 4_000_000_000)


@dataclass
class Running:
    """A daemon as a process, with what it has said so far."""

    process: "subprocess.Popen[str]"
    port: int
    said: list[str] = field(default_factory=list)

    def until(self, words: str) -> str:
        """Wait until it says this; gives the line."""

        def line() -> str:
            over = self.process.poll() is not None
            found = next((line for line in self.said if words in line), "")
            assert found or not over, f"it ended before it said: {words}"
            return found

        return wait_for(line, words)

    def again(self, words: str) -> None:
        """Wait until it has said this a second time."""
        wait_for(lambda: sum(words in line for line in self.said) > 1, f"{words}, twice")

    def end(self) -> None:
        """Ask it to end, and wait until it has, in good order."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0

    def get(self, path: str) -> tuple[int, str]:
        wait_for(lambda: _listens(self.port), "it listens")
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE
            ) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


DAILY = {"ledger", "suggest", "verify"}
QUIET = {
    "crawl_minutes": 0, "score_minutes": 0, "watch_minutes": 0, "backup_hours": 0,
    "verify_hours": 0, "measure_hours": 0,
}  # fmt: skip


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of settings that asks for few jobs."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("SHRUG_CONFIG", str(path))
    configure(path)
    return path


def configure(path: Path, **told: object) -> None:
    folders = {name: str(path.parent / name) for name in ("report_folder", "backup_folder")}
    rows = {**QUIET, **folders, "subscribers": str(path.parent / "none.yaml"), **told}
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in rows.items()))
    path.chmod(0o600)


@contextmanager
def daemon(url: str, config: Path, **told: object) -> Iterator[Running]:
    port = free_port()
    configure(config, daemon_port=port, **told)
    process = subprocess.Popen(
        [sys.executable, "-m", "shrug", "daemon", "--database", url],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "SHRUG_LANG": "en"},
    )  # fmt: skip
    running = Running(process, port)

    def listen() -> None:
        for line in process.stderr or ():
            running.said.append(line)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        running.until("the daemon keeps the store")
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        listener.join(PATIENCE)


def test_one_daemon_keeps_a_store_and_ends_in_good_order(url: str, config: Path, run: Run) -> None:
    with daemon(url, config) as first:
        first.until("job ledger: done")
        code, _, err = run("daemon")
        assert code == 2
        assert f"process {first.process.pid} on" in err
        assert first.get("/health") == (200, "well\n")
        assert first.get("/ready") == (200, "well\n")
        first.end()
    assert any("the daemon has ended" in line for line in first.said)
    with daemon(url, config) as second:
        assert second.get("/health")[0] == 200


def test_one_that_was_killed_is_taken_over_at_once_and_its_children_end(
    url: str, config: Path, store: Store
) -> None:
    with daemon(url, config, score_minutes=0.02) as first:
        first.until("job score: done")
        children = wait_for(psutil.Process(first.process.pid).children, "a child")
        first.process.kill()
        first.process.wait()
        wait_for(lambda: not any(is_alive(child.pid) for child in children), "children end")
    with daemon(url, config, score_minutes=0.02) as second:
        second.until("job score: done")
        with store.reading() as connection:
            held = leases.read(connection, NAME)
        assert held is not None
        assert f"/{second.process.pid}/" in held.owner


def going_on() -> World:
    """Two providers' posts of the last two days and the hours to come: they are published as time
    goes by."""
    whole = plan.plan()
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    span = Span(now - timedelta(days=2), now + timedelta(hours=4))
    few = tuple(p for p in whole.providers if p.key in PROVIDERS)
    return make(replace(whole, span=span, providers=few, outages=()))


def test_killed_at_any_instant_it_ends_with_the_posts_of_one_that_never_was(
    url: str, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Daemon and children with -9, as often as SHRUG_KILLS says, while posts are published."""
    kills, rng = int(os.environ.get("SHRUG_KILLS", "3")), random.Random(20250811)
    sources, whole = ["hackernews", "mastodon"], f"sqlite:///{tmp_path / 'whole.sqlite3'}"
    with server.serving(going_on()) as all_addresses:
        addresses = {name: all_addresses[name] for name in sources}
        monkeypatch.setenv("SHRUG_ADDRESSES", json.dumps(addresses))
        told = {
            "crawl_minutes": 0.01, "verify_hours": 24, "sources": sources, "providers": PROVIDERS
        }  # fmt: skip
        for _ in range(kills):
            with daemon(url, config, **told) as running:
                time.sleep(rng.uniform(0.5, 5))
                for child in psutil.Process(running.process.pid).children():
                    child.kill()
                running.process.kill()
        until = datetime.now(UTC).replace(microsecond=0)
        only = [part for key in PROVIDERS for part in ("--provider", key)]
        given = [part for n, a in addresses.items() for part in ("--address", f"{n}={a}")]
        assert crawl(whole, *sources, *only, *given, "--until", until.isoformat())[0] == 0
        published = posts_of(whole, until)
        with daemon(url, config, **told) as running:
            wait_for(lambda: posts_of(url, until) == published, "all posts")
            wait_for(lambda: set(done_of(url)) >= DAILY, "what runs by the day has run")
            wait_for(lambda: all(r.whole for r in runs_of(url)), "no job is lost")
            running.end()
    assert len(published) > 300
    hours = until.replace(minute=0, second=0)
    left, right = (
        shrug.counts(each, end=hours).drop(columns="engagement") for each in (url, whole)
    )
    assert left.equals(right)
    assert run_process("verify", "--database", url).code == 0
    with opened(url) as store, store.reading() as connection:
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
    found = shrug.posts(url, end=until)
    return sorted(found[["source", "id", "text"]].itertuples(index=False, name=None))


def runs_of(url: str, *, every: bool = False) -> list[jobs.KeptRun]:
    """Runs of jobs, the newest of each or all; jobs that run by the minute are left out."""
    with opened(url) as store, store.reading() as connection:
        found = jobs.all_runs(connection) if every else jobs.latest(connection)
    return [run for run in found if run.job not in {"crawl", "score"}]


def done_of(url: str) -> Counter[str]:
    """How often each job has run to its end."""
    return Counter(run.job for run in runs_of(url, every=True) if run.outcome == "done")


def test_what_a_kill_broke_off_is_run_again_once(url: str, config: Path) -> None:
    """A job of every day, killed with the daemon, does not wait for the next day."""
    with daemon(url, config, verify_hours=24) as first:
        wait_for(lambda: {"ledger", "verify"} <= begun_of(url), "both begin")
        first.process.kill()
        first.process.wait()
    assert not any(r.whole for r in runs_of(url) if r.job == "verify")
    with daemon(url, config, verify_hours=24) as second:
        second.until("job verify is due at once")
        second.until("job verify: done")
    with daemon(url, config, verify_hours=24, score_minutes=0.02) as third:
        third.again("job score: done")  # so that what is due at once has begun
        assert not any("job verify" in line for line in third.said)
    ran = [r.outcome for r in runs_of(url, every=True) if r.job == "verify"]
    assert ran == [None, "done"]


def begun_of(url: str) -> set[str]:
    return {run.job for run in runs_of(url)}


@pytest.mark.parametrize("hours", [30, -30], ids=["slept, or set ahead", "set back"])
def test_after_the_clock_has_jumped_what_is_due_is_run(
    url: str, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    ahead = tmp_path / "ahead"
    monkeypatch.setenv("TEST_CLOCK", str(ahead))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "clock"))
    with daemon(url, config) as running:
        running.until("job ledger: done")
        running.until("job suggest: done")
        ahead.write_text(str(hours * 3600))

        def looks() -> bool:
            running.process.send_signal(signal.SIGHUP)
            return any("the clock has jumped" in line for line in running.said)

        wait_for(looks, "it sees its clock jump")
        for job in ("ledger", "suggest"):
            running.again(f"job {job}: done")


@pytest.mark.sqlite_only
def test_what_is_due_is_kept_over_a_restart(url: str, config: Path, tmp_path: Path) -> None:
    """A job of every day is not run again because the daemon was started again."""
    backups = tmp_path / "backup_folder"
    for _ in range(2):
        with daemon(url, config, backup_hours=24, score_minutes=0.02) as running:
            wait_for(lambda: list(backups.glob("*.sqlite3")), "a backup")
            running.until("the daemon keeps the store: backup, ledger")
            running.again("job score: done")  # so that what is due at once has begun
            running.end()
    assert len(list(backups.glob("*.sqlite3"))) == 1


def test_the_configuration_is_read_again_when_asked(url: str, config: Path) -> None:
    with daemon(url, config) as running:
        configure(config, score_minutes=0.02, daemon_port=running.port)
        running.process.send_signal(signal.SIGHUP)
        running.until("read again: ledger, names, report, score, suggest")
        running.until("job score: done")
        config.write_text("score_minutes = 'often'")
        running.process.send_signal(signal.SIGHUP)
        line = running.until("the configuration stays as it was")
        assert "score_minutes" in line
        assert "often" not in line
        assert running.get("/health")[0] == 200


def test_metrics_are_what_prometheus_reads(url: str, config: Path) -> None:
    with daemon(url, config) as running:
        running.until("job ledger: done")
        status, text = running.get("/metrics")
        assert status == 200
        families = {f.name: f for f in text_string_to_metric_families(text)}
        assert {"shrug_source_posts", "shrug_source_lag_seconds"} <= set(families)
        done = [s for s in families["shrug_job_runs"].samples if s.labels.get("job") == "ledger"]
        assert {s.labels["outcome"] for s in done} == {"done"}


class TestRunner:
    """One job in a child, within its limits."""

    def test_what_it_came_to_is_written_down(self, store: Store, url: str) -> None:
        told: list[tuple[str, str]] = []
        runner = Runner(store, url, PLENTY, lambda job, outcome, _: told.append((job, outcome)))
        assert runner.run(Job("ledger", ("outages", "sync"))) == "done"
        assert runner.run(Job("wrong", ("outages", "confirm", "99"))) == "failed"
        assert told == [("ledger", "done"), ("wrong", "failed")]
        with store.reading() as connection:
            kept = jobs.latest(connection)
        assert [(r.job, r.outcome) for r in kept] == [("ledger", "done"), ("wrong", "failed")]
        assert all(r.ended_at and r.ended_at > r.started_at for r in kept)

    def test_all_figures_are_written_for_other_programs(
        self, full: Run, store: Store, url: str, config: Path
    ) -> None:
        configure(config, measure_hours=6)
        (job,) = (j for j in planned(settings.read()) if j.name == "measure")
        assert Runner(store, url, PLENTY).run(job) == "done"
        file = settings.read().report_folder / "figures.json"
        figures = json.loads(file.read_text(encoding="utf-8"))
        told = json.loads(full("measure", "--json")[1])
        assert [o["verdict"] for o in figures["outages"]] == [o["verdict"] for o in told["outages"]]
        assert len(figures["outages"]) == 2

    def test_one_that_takes_too_long_is_ended(self, store: Store, url: str) -> None:
        runner = Runner(store, url, Limits(1, PLENTY.memory))
        # It would never end by itself.
        assert runner.run(Job("page", ("serve", "--port", "0"))) == "timeout"

    def test_one_that_takes_too_much_is_ended(self, store: Store, url: str) -> None:
        runner = Runner(store, url, Limits(PATIENCE, 50_000_000))
        assert runner.run(Job("page", ("serve", "--port", "0"))) == "memory"

    def test_two_of_one_job_never_run_at_once(self, store: Store, url: str) -> None:
        runner, job = Runner(store, url, PLENTY), Job("page", ("serve", "--port", "0"))
        with ThreadPoolExecutor() as pool:
            first = pool.submit(runner.run, job)
            wait_for(lambda: runner.running == {"page"}, "it runs")
            assert runner.run(job) == "refused"
            runner.stop()
            assert first.result(PATIENCE) == "ended"
        assert runner.run(job) == "refused"


class TestLease:
    """Who keeps a store."""

    def test_another_machines_daemon_is_believed_for_a_minute(self, store: Store) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        with store.writing() as connection:
            leases.take(connection, NAME, "elsewhere/1/x", now)
        with pytest.raises(BadInput, match="process 1 on elsewhere"):
            Holder(store, lambda: now + DEAD / 2).take()
        mine = Holder(store, lambda: now + DEAD + timedelta(seconds=1))
        mine.take()
        assert mine.beat()

    def test_one_that_was_taken_over_hears_it(self, store: Store) -> None:
        mine = Holder(store)
        mine.take()
        with store.writing() as connection:
            leases.take(connection, NAME, "elsewhere/1/x", datetime.now(UTC))
        assert not mine.beat()
        mine.give_back()
        with store.reading() as connection:
            held = leases.read(connection, NAME)
        assert held is not None
        assert held.owner == "elsewhere/1/x"


class TestSettings:
    """Where each value comes from, and what is wrong with one."""

    def test_each_value_names_its_origin(
        self, config: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configure(config, job_minutes=7, github_token=HUSH)
        monkeypatch.setenv("SHRUG_JOB_MINUTES", "9")
        out = run("config", "show", "--json", database=False)[1]
        told = {row["setting"]: row for row in map(json.loads, out.splitlines())}
        assert told["job_minutes"] == {
            "setting": "job_minutes",
            "value": "9",
            "from": "environment",
        }
        assert told["crawl_minutes"]["from"] == str(config)
        assert told["keep_answers"]["from"] == "default"
        assert told["github_token"]["value"] == "***"
        assert HUSH not in out

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("job_minutes = 'secret'", "job_minutes"),
            ("job_minutes = 0", "job_minutes"),
            ("colour = 'secret'", "no setting is called 'colour'"),
            ("alert = 'secret", "not TOML"),
        ],
    )
    def test_a_bad_file_is_named_and_no_value_is(
        self, config: Path, run: Run, text: str, why: str
    ) -> None:
        config.write_text(text)
        code, out, err = run("config", "show", database=False)
        assert code == 2
        assert str(config) in err
        assert why in err
        assert "secret" not in out + err

    def test_a_file_with_a_secret_is_for_its_owner_only(self, config: Path) -> None:
        configure(config, alert="json://secret")
        config.chmod(0o644)
        with pytest.raises(BadInput, match="chmod 600"):
            settings.read()


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_reaches_a_log(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers, logging.getLogger().level
    try:
        begin(form, ["hush-hush", ""])
        try:
            raise ValueError("hush-hush in a traceback")
        except ValueError:
            logging.getLogger("x").exception("asked https://a?key=hush-hush")
    finally:
        logging.getLogger().handlers, logging.getLogger().level = before
    said = capsys.readouterr().err
    assert "hush-hush" not in said
    assert said.count("***") >= 2
    if form == "json":
        told = json.loads(said)
        assert told["level"] == "ERROR"
        assert datetime.fromisoformat(told["at"]).tzinfo


def test_who_is_to_be_alerted_hears_once_of_each_change(store: Store, site: Site) -> None:
    site.on("/hook", Answer(b"{}"))
    address = site.base.replace("http://", "json://") + "/hook"
    well = [Health("hackernews", "A", "well"), Health("v2ex", "B", "off")]
    ill = [Health("hackernews", "A", "quiet"), Health("v2ex", "B", "off")]

    def heard(found: list[Health]) -> list[str]:
        before = len(site.posted)
        assert alert(store, found, address, Messages("en")) is None
        return [json.loads(p)["message"] for p in site.posted[before:]]

    assert heard(well) == []
    (told,) = heard(ill)
    assert re.match(r"hackernews: quiet\. three days", told)
    assert heard(ill) == []
    assert heard(well) == ["hackernews: well again"]
    site.on("/hook", Answer(b"", 500))
    assert alert(store, ill, address, Messages("en")) == "the alert was not taken: failure"
    site.on("/hook", Answer(b"{}"))
    assert len(heard(ill)) == 1
