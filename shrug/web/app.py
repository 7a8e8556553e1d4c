"""The application: pages, API, static files, errors and middleware."""

from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import vl_convert
from starlette.applications import Starlette
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from analysis.messages import LANGUAGES
from analysis.report import render
from db.core.errors import BadInput
from shrug.health.sources import SourceHealth
from shrug.web.api import Api, problem
from shrug.web.pages import Pages, not_found
from shrug.web.rate_limit import RateLimitMiddleware
from shrug.web.security import SecurityHeadersMiddleware
from shrug.web.site import NotMeasuredYet, Site, read_static

EMBED = "window.vegaEmbed = vegaEmbed;"
STATIC_HEADERS = {"cache-control": "public, max-age=86400"}


class _Language(StringConvertor):
    regex = "|".join(LANGUAGES)


register_url_convertor("lang", _Language())


def create_app(
    site: Site, health: Callable[[], Sequence[SourceHealth]], hosts: Sequence[str], rate: int = 0
) -> Starlette:
    """Return the application of a site; its refresher runs as long as the application.

    hosts: the accepted Host headers, against DNS rebinding. rate: requests a minute of one reader;
    0: no limit.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> Any:
        site.refresher.start()
        yield
        site.refresher.stop()

    def bad_input(request: Request, error: Exception) -> Response:
        if _is_for_programs(request):
            return problem(400, str(error))
        return site.page(request, "bad_query.html.j2", status=400, why=str(error))

    def not_measured_yet(request: Request, _error: Exception) -> Response:
        done, total = site.refresher.progress
        if _is_for_programs(request):
            response = problem(503, f"not yet measured: {done} of {total} outages")
        else:
            response = site.page(request, "measuring.html.j2", status=503, done=done, total=total)
        response.headers["retry-after"] = "2"
        return response

    def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404 and not _is_for_programs(request):
            return not_found(site, request)
        response = problem(status, str(getattr(error, "detail", "")))
        response.headers.update(getattr(error, "headers", None) or {})
        return response

    return Starlette(
        routes=[*_static_routes(), *Api(site, health).routes(), *Pages(site, health).routes()],
        middleware=[
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=4),
            Middleware(SecurityHeadersMiddleware),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            *([Middleware(RateLimitMiddleware, requests_per_minute=rate)] if rate else []),
        ],
        exception_handlers={
            BadInput: bad_input,
            NotMeasuredYet: not_measured_yet,
            HTTPException: http_error,
        },
        lifespan=lifespan,
    )


def _is_for_programs(request: Request) -> bool:
    path = request.url.path.removeprefix(str(request.scope.get("root_path", "")))
    return path.startswith(("/api/", "/charts/", "/badge/", "/feed"))


def _static_routes() -> list[Route]:
    style = render.STYLE.read_text(encoding="utf-8") + read_static("page.css")
    served = {
        "vega.js": (vl_convert.javascript_bundle(EMBED), "text/javascript"),
        "page.js": (read_static("page.js"), "text/javascript"),
        "page.css": (style, "text/css"),
    }

    def route(name: str, text: str, media: str) -> Route:
        def served(_request: Request) -> Response:
            return Response(text, media_type=media, headers=STATIC_HEADERS)

        return Route(f"/static/{name}", served)

    return [route(name, *of) for name, of in served.items()]
