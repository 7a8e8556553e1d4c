"""The HTTP server of the simulated sources, on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from shrug.demo.responses import SimulatedResponses
from shrug.demo.world import DemoWorld

PORT = 18_711
JSON, RSS, TEXT = "application/json; charset=utf-8", "application/rss+xml", "text/plain"


@contextmanager
def serve_world(world: DemoWorld) -> Iterator[dict[str, str]]:
    """Serve a world while the block runs; yield each source's base address.

    Addresses are keyed as `shrug crawl --address` takes them.
    """
    attributes = {"simulated": SimulatedResponses(world), "world": world, "requests": count()}
    server = _listen(type("WorldHandler", (_Handler,), attributes))
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


def _listen(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    """Listen on PORT, so that two runs write the same addresses; on another if it is taken."""
    try:
        return _Server(("127.0.0.1", PORT), handler)
    except OSError:
        return _Server(("127.0.0.1", 0), handler)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a full queue would cost a client a second
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    """Answers as the sources do; the board's answers carry the date of their snapshot."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for each answer: two would wait for an acknowledgement
    disable_nagle_algorithm = True
    simulated: ClassVar[SimulatedResponses]
    world: ClassVar[DemoWorld]
    requests: ClassVar[Iterator[int]]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        match parts.path.strip("/").split("/"):
            case ["robots.txt"]:
                self._answer(TEXT, b"User-agent: *\nAllow: /\n")
            case ["hackernews", "api", "v1", "search_by_date"]:
                self._answer(JSON, self.simulated.hackernews(query))
            case ["mastodon", "api", "v1", "timelines", "tag", tag]:
                self._answer(JSON, self.simulated.mastodon(tag, query))
            case ["feed.xml"]:
                self._answer(RSS, self.simulated.feed())
            case ["weibo", "ajax", "side", "hotSearch"]:
                self._board()
            case ["statuspage", provider, "api", "v2", "incidents.json"]:
                self._answer(JSON, self.simulated.incidents(provider))
            case ["statuspage", provider, "api", "v2", "scheduled-maintenances.json"]:
                self._answer(JSON, self.simulated.maintenances(provider))
            case _:
                self._answer(TEXT, b"not found", 404)

    def _board(self) -> None:
        number = min(next(self.requests), len(self.world.board_snapshots) - 1)
        date = format_datetime(self.world.board_snapshots[number].seen_at, usegmt=True)
        self._answer(JSON, self.simulated.board(number), date=date)

    def _answer(self, kind: str, body: bytes, status: int = 200, date: str | None = None) -> None:
        self.send_response_only(status)
        self.send_header("Date", date or self.date_time_string())
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Log nothing: the crawl reports what it got."""
