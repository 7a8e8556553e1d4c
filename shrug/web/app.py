"""The page and the API as one application."""

from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import vl_convert
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
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
from shrug.health.sources import Health
from shrug.web.api import Api, problem
from shrug.web.pages import Pages, missing
from shrug.web.rate_limit import Limited
from shrug.web.security import Headed
from shrug.web.site import NotYet, Site, static

EMBED = "window.vegaEmbed = vegaEmbed;"
FOR_GOOD = {"cache-control": "public, max-age=86400"}


class _Language(Convertor[str]):
    regex = "|".join(LANGUAGES)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("lang", _Language())


def create(
    site: Site, health: Callable[[], Sequence[Health]], hosts: Sequence[str], rate: int = 0
) -> Starlette:
    """The application on a site; its keeper measures for as long as it runs.

    hosts: the names by which readers may come, so that no other site's script reads it by a name
    of its own that it points here. rate: requests a minute that one reader may make; 0: any.
    """

    @asynccontextmanager
    async def measuring(_app: Starlette) -> Any:
        site.keeper.start()
        yield
        site.keeper.stop()

    def wrong(request: Request, error: Exception) -> Response:
        if _for_programs(request):
            return problem(400, str(error))
        return site.page(request, "bad_query.html.j2", status=400, why=str(error))

    def not_yet(request: Request, _error: Exception) -> Response:
        done, total = site.keeper.progress
        if _for_programs(request):
            response = problem(503, f"not yet measured: {done} of {total} outages")
        else:
            response = site.page(request, "measuring.html.j2", status=503, done=done, total=total)
        response.headers["retry-after"] = "2"
        return response

    def failed(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404 and not _for_programs(request):
            return missing(site, request)
        response = problem(status, str(getattr(error, "detail", "")))
        response.headers.update(getattr(error, "headers", None) or {})
        return response

    return Starlette(
        routes=[
            *_static_routes(),
            *Api(site, health).routes(),
            *Pages(site, health).routes(),
        ],
        middleware=[
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=4),
            Middleware(Headed),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            *([Middleware(Limited, a_minute=rate)] if rate else []),
        ],
        exception_handlers={BadInput: wrong, NotYet: not_yet, HTTPException: failed},
        lifespan=measuring,
    )


def _for_programs(request: Request) -> bool:
    own = request.url.path.removeprefix(str(request.scope.get("root_path", "")))
    return own.startswith(("/api/", "/charts/", "/badge/", "/feed"))


def _static_routes() -> list[Route]:
    style = render.STYLE.read_text(encoding="utf-8") + static("page.css")
    served = {
        "vega.js": (vl_convert.javascript_bundle(EMBED), "text/javascript"),
        "page.js": (static("page.js"), "text/javascript"),
        "page.css": (style, "text/css"),
    }

    def route(name: str, text: str, media: str) -> Route:
        def served(_request: Request) -> Response:
            return Response(text, media_type=media, headers=FOR_GOOD)

        return Route(f"/static/{name}", served)

    return [route(name, *of) for name, of in served.items()]
