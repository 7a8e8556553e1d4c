"""The description of the API (OpenAPI 3.1), with schemas from the response models."""

from functools import cache
from typing import Any

from analysis.report.data import OutageReport, Report
from analysis.report.json_schema import component_schemas, public_name
from shrug.report.query import MOST_PER_PAGE, PER_PAGE, PROVIDER_CLASSES, SORTS, VERDICTS
from shrug.version import __version__
from shrug.web import response_models as models

Json = dict[str, Any]
RESPONSES = (
    models.ClaimList,
    models.CurrentState,
    models.OutageComparison,
    models.OutagePage,
    models.Problem,
    models.ProviderList,
    Report,
    models.SourceList,
)


def description(base: str) -> Json:
    """Return the description of the API as served under the path `base`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "shrug",
            "version": __version__,
            "description": "How much attention outages drew. Read-only. Every answer carries an "
            "ETag. Times are UTC.",
        },
        "servers": [{"url": base or "/"}],
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }


def _paths() -> Json:
    v1 = "/api/v1"
    return {
        f"{v1}/now": _get(
            "Outages that go on, and the last hour of each provider", models.CurrentState
        ),
        f"{v1}/report": _get("Everything measured", Report),
        f"{v1}/outages": _get(
            "Confirmed outages, filtered, page by page", models.OutagePage, _FILTERS
        ),
        f"{v1}/outages/{{id}}": _get("One outage", OutageReport, [_ID], missing=True),
        f"{v1}/providers": _get("Providers and their verdicts", models.ProviderList),
        f"{v1}/compare": _get("Two to six outages side by side", models.OutageComparison, [_IDS]),
        f"{v1}/claims": _get("The article's claims", models.ClaimList),
        f"{v1}/sources": _get("What was crawled, and the health of each source", models.SourceList),
    }


def _parameter(name: str, schema: Json, about: str) -> Json:
    return {"name": name, "in": "query", "description": about, "schema": schema}


_FILTERS = [
    _parameter("provider", {"type": "string"}, "a provider's key"),
    _parameter("verdict", {"enum": list(VERDICTS)}, "its verdict"),
    _parameter("class", {"enum": list(PROVIDER_CLASSES)}, "the provider's class"),
    _parameter("q", {"type": "string", "maxLength": 100}, "a text in titles and names"),
    _parameter("sort", {"enum": list(SORTS), "default": "newest"}, "the order"),
    _parameter("page", {"type": "integer", "minimum": 1, "default": 1}, "which page"),
    _parameter(
        "per_page",
        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
        "how many a page",
    ),
]
_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
_IDS: Json = {
    "name": "id",
    "in": "query",
    "required": True,
    "description": "two to six, repeated",
    "schema": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 6},
}


def _get(
    about: str, answer: type[Any], parameters: list[Json] | None = None, *, missing: bool = False
) -> Json:
    def response(about: str, type_: type[Any], media: str = "application/json") -> Json:
        return {"description": about, "content": {media: {"schema": _ref(type_)}}}

    media = "application/problem+json"
    responses = {
        "200": response("the figures", answer),
        "304": {"description": "as the reader has it already"},
        "503": response("not yet measured", models.Problem, media),
    }
    if parameters:
        responses["400"] = response("can't be understood", models.Problem, media)
    if missing:
        responses["404"] = response("there is none", models.Problem, media)
    return {"get": {"summary": about, "parameters": parameters or [], "responses": responses}}


def _ref(type_: type[Any]) -> Json:
    return {"$ref": f"#/components/schemas/{public_name(type_.__name__)}"}


@cache
def _schemas() -> Json:
    return component_schemas(RESPONSES)
