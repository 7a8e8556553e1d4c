"""The page of one store, served by the real command."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tests import processes
from tests.conftest import Ran
from tests.shrug.filling import START, fill
from tests.waiting import MAX_WAIT_SECONDS, wait_for

NOW = START + timedelta(days=1)


@dataclass(frozen=True)
class PageResponse:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class PageClient:
    """A running page at `base`, on the store at `url`."""

    base: str
    url: str

    def get(self, path: str, method: str = "GET", **headers: str) -> PageResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, headers=named, method=method)  # noqa: S310 - loopback
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            with opener.open(request, timeout=MAX_WAIT_SECONDS) as answer:
                return PageResponse(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return PageResponse(error.code, error.headers, error.read())


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


SERVE = [sys.executable, "-m", "shrug", "serve", "--port", "0", "--rate", "0"]


@contextmanager
def serve(url: str, folder: Path, *options: str) -> Iterator[PageClient]:
    """`shrug serve` on a free port, until it has measured."""
    done = subprocess.Popen(
        [*SERVE, "--database", url, *options],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SHRUG_KEY_FILE": str(folder / "key"), "SHRUG_LANG": "en"},
    )
    try:
        assert done.stderr is not None
        match = re.search(r"http://\S+?/(?= |$)", done.stderr.readline())
        assert match
        page = PageClient(match[0].rstrip("/"), url)
        wait_for(lambda: page.get("/api/v1/now").status != 503, "it has measured")
        yield page
    finally:
        done.send_signal(signal.SIGINT)
        done.wait(MAX_WAIT_SECONDS)


@pytest.fixture(scope="session")
def filled_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    url = f"sqlite:///{folder / 'store.sqlite3'}"

    def run(*arguments: object, database: bool = True) -> Ran:
        done = processes.run(
            *arguments, "--database", url, SHRUG_KEY_FILE=str(folder / "key"), SHRUG_LANG="en"
        )
        return done.code, done.output, ""

    fill(run, folder)
    going = (START + timedelta(hours=23)).isoformat()
    maintenance = ("2026-04-12T03:00Z", "2026-04-12T05:00Z", "--kind", "maintenance")
    assert run("outages", "add", "deepseek", going, "--title", "still going on")[0] == 0
    assert run("outages", "add", "genshin", *maintenance)[0] == 0
    board = folder / "board.jsonl"
    entries = [
        {"rank": n, "title": t, "heat": 10**6 // n} for n, t in ((1, "DeepSeek崩了"), (2, "x"))
    ]
    looks = [
        {"seen_at": (START + timedelta(hours=h)).isoformat(), "board": "weibo", "entries": entries}
        for h in range(3)
    ]
    board.write_text("\n".join(json.dumps(look) for look in looks))
    assert run("import", "board", board)[0] == 0
    return url


@pytest.fixture(scope="session")
def page(filled_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageClient]:
    folder = tmp_path_factory.mktemp("serve")
    with serve(filled_url, folder, "--at", NOW.isoformat(), "--every", "1") as client:
        yield client
