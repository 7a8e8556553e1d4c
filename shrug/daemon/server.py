"""The daemon's HTTP server: /health, /ready and /metrics."""

import threading
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from db.core.errors import ShrugError
from shrug.daemon.metrics import Metrics


def application(
    metrics: Metrics, healthy: Callable[[], str | None], ready: Callable[[], str | None]
) -> Starlette:
    """Return the application. healthy, ready: return what is wrong, or None."""

    def answer(check: Callable[[], str | None]) -> Callable[[Request], Response]:
        def answered(_request: Request) -> Response:
            wrong = check()
            return PlainTextResponse(f"{wrong or 'well'}\n", 503 if wrong else 200)

        return answered

    def show_metrics(_request: Request) -> Response:
        try:
            return Response(metrics.text(), media_type="text/plain; version=0.0.4")
        except ShrugError as error:
            return PlainTextResponse(f"{error}\n", 503)

    return Starlette(
        routes=[
            Route("/health", answer(healthy)),
            Route("/ready", answer(ready)),
            Route("/metrics", show_metrics),
        ]
    )


class BackgroundServer:
    """An HTTP server in a thread of its own."""

    def __init__(self, application: Starlette, host: str, port: int) -> None:
        config = uvicorn.Config(
            application,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="server", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=2)
