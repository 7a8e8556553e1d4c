"""So many requests a minute for one reader, so that none takes the page from all others."""

import math
import time
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from shrug.web.api import problem

# Whoever has one IPv6 address has all that share its first 64 bits.
NETWORK = 64


class Limited:
    """Answers with 429 and Retry-After where a reader has asked too often.

    Behind a proxy on this machine a reader is who the proxy says (X-Forwarded-For, by uvicorn).
    """

    def __init__(self, app: ASGIApp, a_minute: int) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(a_minute)
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
        return str(int(address) >> (128 - NETWORK))
    return host
