"""A simulated search on loopback that answers as fast as it can: `python -m bench.server N`."""

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from bench.stream import posts

MAX_HITS = 1000
STEP = 60
# So early that ten million posts, a minute apart, all lie in the past.
SINCE = datetime(2007, 1, 1, tzinfo=UTC)


class Search(BaseHTTPRequestHandler):
    """Answers as Algolia does, with posts a minute apart, and plain pages for the rival."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    hits: tuple[bytes, ...] = ()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        if parts.path == "/robots.txt":
            body = b"User-agent: *\nAllow: /\n"
        elif "page" in query:
            first = int(query["page"]) * MAX_HITS
            body = self.answer(first, first + MAX_HITS)
        else:
            since, until = map(int, re.findall(r"[<>]=?(\d+)", query["numericFilters"]))
            began = int(SINCE.timestamp())
            body = self.answer(-(-(since - began) // STEP), -(-(until - began) // STEP))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @classmethod
    @lru_cache(maxsize=64)
    def answer(cls, first: int, end: int) -> bytes:
        """Return the newest posts of a span, and their number."""
        hits = cls.hits[max(0, first) : max(0, end)]
        return b'{"hits":[' + b",".join(hits[-MAX_HITS:]) + b'],"nbHits":%d}' % len(hits)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def hits(number: int) -> Iterator[bytes]:
    """Return posts as the search returns them."""
    for n, post in enumerate(posts(number)):
        hit = {
            "objectID": post.external_id,
            "created_at_i": int(SINCE.timestamp()) + n * STEP,
            "comment_text": post.text,
            "author": post.author,
            "points": post.likes,
        }
        yield json.dumps(hit).encode()


def main() -> None:
    """Serve that many posts, and print the port."""
    Search.hits = tuple(hits(int(sys.argv[1])))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Search)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
