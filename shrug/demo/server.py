"""The simulated world over real HTTP, on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from shrug.demo.responses import Forms
from shrug.demo.world import World

PORT = 18_711
JSON, RSS, TEXT = "application/json; charset=utf-8", "application/rss+xml", "text/plain"


@contextmanager
def serving(world: World) -> Iterator[dict[str, str]]:
    """Serve a world while the block runs; gives each source's base address.

    Addresses are keyed as `shrug crawl --address` takes them.
    """
    forms, looks = Forms(world), count()
    bound = type("Bound", (_Handler,), {"forms": forms, "world": world, "looks": looks})
    server = _listening(bound)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    status = {f"statuspage:{p.key}": f"{base}/statuspage/{p.key}" for p in world.plan.providers}
    try:
        yield {
            "hackernews": f"{base}/hackernews",
            "mastodon": f"{base}/mastodon",
            "feed": f"{base}/feed.xml",
            "weibo_board": f"{base}/weibo",
            **status,
        }
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _listening(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    """At the usual port, so that two runs write the same addresses; elsewhere if it is taken."""
    try:
        return _Server(("127.0.0.1", PORT), handler)
    except OSError:
        return _Server(("127.0.0.1", 0), handler)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a full queue would cost a client a second
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    """Each answer is dated by the world's clock where it tells the time of a look."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would wait for an acknowledgement each
    disable_nagle_algorithm = True
    forms: ClassVar[Forms]
    world: ClassVar[World]
    looks: ClassVar[Any]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        match parts.path.strip("/").split("/"):
            case ["robots.txt"]:
                self._answer(TEXT, b"User-agent: *\nAllow: /\n")
            case ["hackernews", "api", "v1", "search_by_date"]:
                self._answer(JSON, self.forms.hackernews(query))
            case ["mastodon", "api", "v1", "timelines", "tag", tag]:
                self._answer(JSON, self.forms.mastodon(tag, query))
            case ["feed.xml"]:
                self._answer(RSS, self.forms.feed())
            case ["weibo", "ajax", "side", "hotSearch"]:
                self._board()
            case ["statuspage", provider, "api", "v2", "incidents.json"]:
                self._answer(JSON, self.forms.incidents(provider))
            case ["statuspage", provider, "api", "v2", "scheduled-maintenances.json"]:
                self._answer(JSON, self.forms.maintenances(provider))
            case _:
                self._answer(TEXT, b"not found", 404)

    def _board(self) -> None:
        look = min(next(self.looks), len(self.world.looks) - 1)
        date = format_datetime(self.world.looks[look].seen_at, usegmt=True)
        self._answer(JSON, self.forms.board(look), date=date)

    def _answer(self, kind: str, body: bytes, status: int = 200, date: str | None = None) -> None:
        self.send_response_only(status)
        self.send_header("Date", date or self.date_time_string())
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Silent: the crawl says what came and what did not."""
