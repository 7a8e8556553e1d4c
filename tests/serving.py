"""A stub HTTP server on loopback, which records the requests that it gets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

QueryParameters = dict[str, str]


@dataclass
class StubResponse:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class StubSite:
    """The server's routes, and its requests as (path, parameters, headers) and bodies.

    A route takes the parameters of a request; a path without a route has status 404.
    """

    base: str = ""
    routes: dict[str, Callable[[QueryParameters], StubResponse]] = field(default_factory=dict)
    requests: list[tuple[str, QueryParameters, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def on(
        self, path: str, answer: StubResponse | Callable[[QueryParameters], StubResponse]
    ) -> None:
        self.routes[path] = answer if callable(answer) else lambda _: answer

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.requests]


@contextmanager
def serve_site() -> Iterator[StubSite]:
    """Serve a stub site until the block ends."""
    site = StubSite()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            site.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.do_GET()

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            site.requests.append((parts.path, query, dict(self.headers)))
            route = site.routes.get(parts.path)
            answer = route(query) if route else StubResponse(b"not here", 404)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site.base = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
