"""The page on a million posts, against asking raw sqlite3 for one figure at each request."""

import http.client
import json
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import million
from bench.million import END, POSTS, Million
from bench.parts import BenchRow

ROUNDS = 60
PAGES = {
    "now": "/en",
    "outages": "/en/outages?sort=loudest",
    "one outage": "/en/outages/{id}",
    "one provider": "/en/providers/deepseek",
    "compare": "/en/compare?id={id}&id={other}",
    "the article": "/en/claims",
    "sources": "/en/sources",
    "API: outages": "/api/v1/outages?per_page=25",
    "API: one outage": "/api/v1/outages/{id}",
    "a chart's figures": "/charts/timeline/{id}.json",
    "feed": "/feed.atom",
    "badge": "/badge/deepseek.svg",
}
# The query of a page without stored counts at each request: the posts of one provider, hour by
# hour, over the eight weeks before an outage.
RAW = """
select m.source, strftime('%Y-%m-%d %H', m.created_at) as hour, count(*)
from mentions m join providers p on p.id = m.provider_id
where p.key = ? and m.role = 'subject' and m.created_at >= ? and m.created_at < ?
group by m.source, hour
"""


def rows() -> list[BenchRow]:
    """Return a row for each page: its median, its 95th percentile, and the ratio to the rival."""
    with tempfile.TemporaryDirectory() as folder:
        return measure_pages(million.make_store(Path(folder)))


def measure_pages(made: Million) -> list[BenchRow]:
    """Time each page of `shrug serve` on a store."""
    command = [sys.executable, "-m", "shrug", "serve", "--port", "0", "--rate", "0"]
    command += ["--at", END.isoformat()]
    server = subprocess.Popen([*command, "--database", made.url], stderr=subprocess.PIPE, text=True)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", _port(server))
        while _get(connection, "/api/v1/now")[0] != 200:
            time.sleep(1)
        first = json.loads(_get(connection, "/api/v1/outages")[1])["items"][:2]
        ids = {"id": first[0]["id"], "other": first[1]["id"]}
        raw = _times(lambda: _raw(made.file, first[0]))
        rows = []
        for name, path in PAGES.items():
            ask = partial(_get, connection, path.format(**ids))
            rows.append(_row(name, _times(ask), raw))
        return rows
    finally:
        server.terminate()
        server.wait()


def _port(server: "subprocess.Popen[str]") -> int:
    line = server.stderr.readline() if server.stderr else ""
    match = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
    if match is None:
        raise RuntimeError(f"the page did not start: {line}")
    return int(match[1])


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def _raw(file: Path, outage: dict[str, object]) -> object:
    with sqlite3.connect(file) as connection:
        start = str(outage["start"])[:10]
        eight_weeks = "2026-01-05", start
        return connection.execute(RAW, (outage["provider"], *eight_weeks)).fetchall()


def _times(work: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        before = time.perf_counter()
        work()
        times.append((time.perf_counter() - before) * 1000)
    return sorted(times)


def _row(name: str, here: list[float], raw: list[float]) -> BenchRow:
    median, its = statistics.median(here), statistics.median(raw)
    late = here[round(0.95 * (len(here) - 1))]
    shown = f"**{median:.1f} ms**, 95% within {late:.1f} ms"
    return name, "raw sqlite3, one figure", f"**{its / median:.0f}**", shown, f"{its:.0f} ms"


def about() -> str:
    """Describe what is measured."""
    return (
        f"{POSTS:,} simulated posts, imported by the command; `shrug serve` answers over HTTP on "
        f"loopback, one request at a time, {ROUNDS} of each. The rival is one query of raw sqlite3 "
        "for the posts of one provider by the hour before one outage, which a page that kept no "
        "counts and no measurement would ask at each request."
    )
