"""Security headers and ETags of every response."""

import hashlib
from collections.abc import Awaitable, Callable

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A report's file contains its style, and no script.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-cache",
}

Next = Callable[[Request], Awaitable[Response]]


class SecurityHeadersMiddleware(BaseHTTPMiddleware):
    """Adds an ETag and the HEADERS that a response lacks; answers 304 if the reader has it."""

    async def dispatch(self, request: Request, call_next: Next) -> Response:
        streamed = await call_next(request)
        body = b"".join([part async for part in streamed.body_iterator])  # type: ignore[attr-defined]
        response = Response(body, streamed.status_code)
        response.raw_headers = list(streamed.raw_headers)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.status_code != 200 or request.method not in {"GET", "HEAD"}:
            return response
        tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        response.headers["etag"] = tag
        if tag in _tags(request.headers.get("if-none-match", "")):
            names = {"etag", "cache-control", "vary", "content-security-policy"}
            return Response(
                status_code=304, headers={k: v for k, v in response.headers.items() if k in names}
            )
        return response


def _tags(if_none_match: str) -> set[str]:
    """Return the tags of If-None-Match; a proxy that compresses makes them weak."""
    return {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
