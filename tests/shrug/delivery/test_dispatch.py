"""Reports to subscribers: a real web hook, a real mail server, kills, nights, filters."""

import base64
import email
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from db.core.engine import Store
from db.ops import deliveries
from shrug.delivery.dispatch import DeliveryResult, deliver
from shrug.delivery.subscribers import Subscriber
from shrug.measure import measurement
from tests.conftest import Run
from tests.serving import StubResponse, StubSite
from tests.shrug.filling import fill
from tests.waiting import MAX_WAIT_SECONDS, wait_for

MONDAY = datetime(2026, 4, 20, tzinfo=UTC)
WEEK = timedelta(weeks=1)
NOW = MONDAY + timedelta(hours=9)


def subscriber(to: str, **options: Any) -> Subscriber:
    return Subscriber.model_validate({"name": "desk", "to": to, **options})


def hook(site: StubSite, path: str = "/hook", status: int = 200) -> str:
    site.on(path, StubResponse(b"{}", status))
    return site.base.replace("http://", "json://") + path


@pytest.fixture
def filled(tmp_path: Path, run: Run, store: Store) -> Store:
    fill(run, tmp_path)
    return store


def sent(store: Store, *who: Subscriber, at: datetime = NOW, **how: bool) -> list[DeliveryResult]:
    def measure(start: datetime, end: datetime) -> Any:
        return measurement.measure(store, start, end)

    return deliver(store, who, measure, at, **how)


def test_a_week_is_told_with_its_verdicts_and_the_report(filled: Store, site: StubSite) -> None:
    (done,) = sent(filled, subscriber(hook(site)))
    assert (done.state, done.start, done.end) == ("sent", MONDAY - WEEK, MONDAY)
    (body,) = (json.loads(p) for p in site.bodies)
    assert body["title"] == "shrug · Week 16 of 2026"
    assert "2 confirmed outages: 1 noticed, 1 shrugged off" in body["message"]
    assert "DeepSeek, 2026-04-15 08:00 – 10:00: noticed; ratio 1" in body["message"]
    (attached,) = body["attachments"]
    page = base64.b64decode(attached["base64"]).decode()
    assert attached["filename"] == "shrug-2026-W16.en.html"
    assert page.startswith("<!doctype html>")
    assert "Week 16 of 2026" in page


def test_each_report_arrives_once(filled: Store, site: StubSite) -> None:
    who = subscriber(hook(site))
    for minutes in range(0, 60, 20):
        sent(filled, who, at=NOW + timedelta(minutes=minutes))
    assert len(site.bodies) == 1
    (later,) = sent(filled, who, at=NOW + WEEK)
    assert (later.state, later.start, later.end) == ("sent", MONDAY, MONDAY + WEEK)
    assert len(site.bodies) == 2


def test_after_a_failure_it_is_tried_again_and_covers_all_since_the_last(
    filled: Store, site: StubSite
) -> None:
    who = subscriber(hook(site))
    sent(filled, who, at=NOW - 2 * WEEK)
    hook(site, status=500)
    (failed,) = sent(filled, who, at=NOW - WEEK)
    assert (failed.state, failed.attempts, failed.why) == ("failed", 1, "JSON: failure")
    requests = len(site.bodies)
    (waiting,) = sent(filled, who, at=NOW - WEEK + timedelta(seconds=30))
    assert (waiting.state, len(site.bodies)) == ("waiting", requests)
    (again,) = sent(filled, who, at=NOW - WEEK + timedelta(minutes=2))
    assert (again.state, again.attempts) == ("failed", 2)
    hook(site)
    (done,) = sent(filled, who)
    # The last that arrived ended two weeks before.
    assert (done.start, done.end) == (MONDAY - 2 * WEEK, MONDAY)
    body = json.loads(site.bodies[-1])
    assert body["title"] == "shrug · 2026-04-06 to 2026-04-20"


def test_filters_languages_and_links_are_each_subscribers_own(
    filled: Store, site: StubSite
) -> None:
    names = {"loud": ["noticed"], "quiet": ["shrugged"]}
    who = [
        subscriber(hook(site, f"/{name}"), name=name, verdicts=verdicts, lang="zh")
        for name, verdicts in names.items()
    ]
    games = subscriber(hook(site, "/games"), name="games", classes=["game"])
    silent = subscriber(hook(site, "/silent"), name="silent", providers=["原神"], empty=False)
    linked = subscriber(hook(site, "/linked"), name="linked", link="https://page.example/shrug")
    deliveries_ = sent(filled, *who, games, silent, linked)
    assert [d.state for d in deliveries_] == ["sent", "sent", "sent", "nothing", "sent"]
    messages = dict(zip(site.paths(), (json.loads(p) for p in site.bodies), strict=True))
    assert set(messages) == {"/loud", "/quiet", "/games", "/linked"}
    assert "引起注意；倍数" in messages["/loud"]["message"]
    assert "无人在意；倍数" not in messages["/loud"]["message"]
    assert "无人在意；倍数" in messages["/quiet"]["message"]
    assert "No confirmed outage" in messages["/games"]["message"]
    assert messages["/linked"]["attachments"] == []
    address = "https://page.example/shrug/en/reports/2026-W16.html"
    assert address in messages["/linked"]["message"]


def test_nothing_is_sent_in_quiet_hours(filled: Store, site: StubSite) -> None:
    who = subscriber(hook(site), quiet="22:00-10:00", zone="Asia/Shanghai")
    night = datetime(2026, 4, 20, 23, tzinfo=UTC)
    assert sent(filled, who, at=night)[0].state == "quiet"
    assert site.bodies == []
    assert sent(filled, who, at=night + timedelta(hours=3))[0].state == "sent"


def test_a_killed_delivery_is_neither_sent_twice_nor_lost(
    filled: Store, site: StubSite, url: str, tmp_path: Path
) -> None:
    """Killed while the service takes the message: nobody knows whether it arrived."""
    killed = threading.Event()

    def slow(_query: object) -> StubResponse:
        killed.wait(MAX_WAIT_SECONDS)
        return StubResponse(b"{}")

    path = tmp_path / "subscribers.yaml"
    address = hook(site)
    site.on("/hook", slow)
    path.write_text(f"subscribers:\n- name: desk\n  to: {address}\n")
    path.chmod(0o600)
    options = ["--file", str(path), "--database", url]
    command = [sys.executable, "-m", "shrug", "deliver", *options]
    process = subprocess.Popen(command, env={**os.environ})
    wait_for(lambda: site.bodies, "it is sent")
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed.set()
    assert len(site.bodies) == 1
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert "may have arrived" in done.stdout
    assert "--again" in done.stderr
    assert len(site.bodies) == 1
    with filled.reading() as connection:
        broken = deliveries.latest(connection, "desk")
    assert broken is not None
    hook(site)
    (later,) = sent(filled, subscriber(address), at=broken.end + WEEK + timedelta(hours=1))
    assert later.state == "sent"
    assert later.start is not None
    assert later.start <= broken.start


def test_again_sends_what_may_have_arrived(filled: Store, site: StubSite) -> None:
    who = subscriber(hook(site))
    with filled.writing() as connection:
        deliveries.claim(connection, "desk", MONDAY - WEEK, MONDAY, NOW)
    assert sent(filled, who)[0].state == "unsure"
    assert sent(filled, who, retry=True)[0].state == "sent"
    assert sent(filled, who, retry=True)[0].state == "delivered"


def test_a_dry_run_sends_and_writes_nothing(filled: Store, site: StubSite) -> None:
    who = subscriber(hook(site))
    assert sent(filled, who, dry_run=True)[0].state == "due"
    assert site.bodies == []
    assert sent(filled, who)[0].state == "sent"


class Mailbox:
    """A real mail server's letters."""

    def __init__(self) -> None:
        self.letters: list[Message] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.letters.append(email.message_from_bytes(envelope.content))
        return "250 taken"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


def test_a_letter_carries_verdicts_and_the_report(
    filled: Store, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    address = (
        f"mailto://127.0.0.1:{port}?from=shrug@here.example&to=desk@there.example&mode=insecure"
    )
    (done,) = sent(filled, subscriber(address, lang="zh", zone="Asia/Shanghai"))
    assert (done.state, done.why) == ("sent", None)
    (letter,) = box.letters
    parts = {part.get_content_type(): part for part in letter.walk()}
    text = parts["text/plain"].get_payload(decode=True)
    assert "1 次引起了注意".encode() in text
    assert parts["text/html"].get_filename() == "shrug-2026-W16.zh.html"


def test_an_address_that_is_none_fails_and_is_not_shown(
    filled: Store, url: str, run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "subscribers.yaml"
    path.write_text("subscribers:\n- {name: desk, to: 'nothing://secret-token'}")
    path.chmod(0o600)
    code, out, err = run("deliver", "--file", path)
    assert code == 1
    assert "none that Apprise knows" in " ".join(out.split())
    assert "secret-token" not in out + err + caplog.text
    code, out, _ = run("deliver", "--file", path, "--json")
    assert json.loads(out)["state"] == "waits after a failure"
    assert run("deliver", "nobody", "--file", path)[0] == 2
