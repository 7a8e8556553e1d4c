"""What the API answers, as OpenAPI 3.1; the parts of a report are those of its own schema."""

import json
from functools import cache
from typing import Any

from analysis.report import as_json
from shrug import __version__
from shrug.web.filters import CLASSES, MOST_PER_PAGE, PER_PAGE, SORTS, VERDICTS

Json = dict[str, Any]


def description(base: str) -> Json:
    """The description of the API as shown under `base`."""
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
    outage, number = _ref("outage"), {"type": "integer", "minimum": 0}
    listed = {"items": _array(outage), "page": number, "pages": number, "total": number}
    probability = {"type": "number", "minimum": 0, "maximum": 1}
    compared = {
        "items": _array(outage),
        "measured": _array(number),
        "probability_row_drew_more_than_column": _array(_array(probability)),
    }
    now = {
        "measured_at": {"type": "string", "format": "date-time"},
        "simulated": {"type": "boolean"},
        "ongoing": _array(outage),
        "live": _array(_ref("live")),
    }
    sources = {"items": _array(_ref("source")), "health": _array(_ref("health"))}
    v1 = "/api/v1"
    return {
        f"{v1}/now": _get("Outages that go on, and the last hour of each provider", _object(now)),
        f"{v1}/report": _get("Everything measured", _ref("report")),
        f"{v1}/outages": _get(
            "Confirmed outages, filtered, page by page", _object(listed), _FILTERS
        ),
        f"{v1}/outages/{{id}}": _get("One outage", outage, [_ID], missing=True),
        f"{v1}/providers": _get(
            "Providers and their verdicts", _object({"items": _array(_ref("provider"))})
        ),
        f"{v1}/compare": _get("Two to six outages side by side", _object(compared), [_IDS]),
        f"{v1}/claims": _get("The article's claims", _object({"items": _array(_ref("claim"))})),
        f"{v1}/sources": _get("What was read, and how each source is", _object(sources)),
    }


def _parameter(name: str, schema: Json, about: str) -> Json:
    return {"name": name, "in": "query", "description": about, "schema": schema}


_FILTERS = [
    _parameter("provider", {"type": "string"}, "a provider's key"),
    _parameter("verdict", {"enum": list(VERDICTS)}, "its verdict"),
    _parameter("class", {"enum": list(CLASSES)}, "the provider's class"),
    _parameter("q", {"type": "string", "maxLength": 100}, "found in titles and names"),
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
    about: str, schema: Json, parameters: list[Json] | None = None, *, missing: bool = False
) -> Json:
    def answer(about: str, of: Json, media: str = "application/json") -> Json:
        return {"description": about, "content": {media: {"schema": of}}}

    wrong = "application/problem+json"
    answers = {
        "200": answer("the figures", schema),
        "304": {"description": "as the reader has it already"},
        "503": answer("not yet measured", _ref("problem"), wrong),
    }
    if parameters:
        answers["400"] = answer("can't be understood", _ref("problem"), wrong)
    if missing:
        answers["404"] = answer("there is none", _ref("problem"), wrong)
    return {"get": {"summary": about, "parameters": parameters or [], "responses": answers}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _array(items: Json) -> Json:
    return {"type": "array", "items": items}


def _object(properties: Json) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(properties),
        "properties": properties,
    }


@cache
def _schemas() -> Json:
    told = json.dumps(as_json.schema()).replace("#/$defs/", "#/components/schemas/")
    report = json.loads(told)
    parts: Json = report.pop("$defs")
    report.pop("$schema")
    text, number = {"type": "string"}, {"type": "integer", "minimum": 0}
    own = {
        "report": report,
        "source": report["properties"]["sources"]["items"],
        "problem": _object({"title": text, "status": number}),
        "provider": _object(
            {
                "key": text,
                "kind": {"enum": list(CLASSES)},
                "name_en": text,
                "name_zh": text,
                "outages": number,
                "verdicts": _object(dict.fromkeys(VERDICTS, number)),
            }
        ),
        "live": _object(
            {
                "provider": text,
                "last_hour": {"anyOf": [_ref("channel"), {"type": "null"}]},
                "hours": parts["outage"]["properties"]["hours"],
            }
        ),
        "health": _object(
            {
                "source": text,
                "tier": text,
                "state": text,
                "last": {"type": ["string", "null"], "format": "date-time"},
                "posts": number,
                "why": {"type": ["string", "null"]},
                "needs": _array(text),
            }
        ),
    }
    return {**parts, **own}
