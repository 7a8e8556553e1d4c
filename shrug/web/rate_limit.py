"""A limit of requests a minute for each reader."""

import math
import time
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from shrug.web.api import problem

# A reader with one IPv6 address has all that share its first 64 bits.
NETWORK_BITS = 64


class RateLimitMiddleware:
    """Answers 429 with Retry-After if a reader exceeds the limit.

    Behind a proxy on this machine, Uvicorn takes the reader from X-Forwarded-For.
    """

    def __init__(self, app: ASGIApp, requests_per_minute: int) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(requests_per_minute)
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reader = _reader(scope)
        if scope["type"] != "http" or self._windows.hit(self._limit, reader):
            await self._app(scope, receive, send)
            return
        until = self._windows.get_window_stats(self._limit, reader).reset_time
        wait = max(1, math.ceil(until - time.time()))
        answer = problem(429, f"too many requests: at most {self._limit.amount} a minute")
        answer.headers["retry-after"] = str(wait)
        await answer(scope, receive, send)


def _reader(scope: Scope) -> str:
    host = str((scope.get("client") or ("",))[0])
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(int(address) >> (128 - NETWORK_BITS))
    return host
