"""The limit of requests a minute for each reader."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from shrug.web.rate_limit import RateLimitMiddleware
from tests.shrug.web.conftest import serve


def test_a_reader_over_the_limit_waits_and_others_do_not() -> None:
    application = Starlette(
        routes=[Route("/", lambda _: PlainTextResponse("here"))],
        middleware=[Middleware(RateLimitMiddleware, requests_per_minute=5)],
    )
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as clock:
        greedy, other = (
            TestClient(application, client=(a, 1)) for a in ("203.0.113.5", "2001:db8::1")
        )
        assert [greedy.get("/").status_code for _ in range(7)] == [200] * 5 + [429] * 2
        refused = greedy.get("/")
        assert refused.headers["content-type"] == "application/problem+json"
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert other.get("/").status_code == 200
        # One network of IPv6 is one reader, whatever address it takes.
        near = TestClient(application, client=("2001:db8::ffff", 1))
        assert [near.get("/").status_code for _ in range(5)] == [200] * 4 + [429]
        clock.shift(timedelta(minutes=2))
        assert greedy.get("/").status_code == 200


def test_the_command_limits_readers(tmp_path: Path) -> None:
    with serve(f"sqlite:///{tmp_path / 's.db'}", tmp_path, "--rate", "40") as page:
        answers = [page.get("/static/page.css").status for _ in range(45)]
    assert answers[0] == 200
    assert answers[-1] == 429
