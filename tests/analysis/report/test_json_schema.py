"""The JSON schema of a report says all of its keys, and allows no other."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import jsonschema
import pytest

from analysis.report.json_schema import report_schema
from analysis.report.serialization import to_plain
from analysis.statistics.interval import Interval
from tests.analysis.report.reports import make_outage

SCHEMA = report_schema()
OUTAGE = make_outage(1, "deepseek", None, ratio=2.0)


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every description of an object in a schema."""
    if isinstance(node, dict):
        if "properties" in node and node.get("type") == "object":
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for value in node:
            yield from objects(value)


def test_the_schema_is_one_of_its_draft() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_object_is_described_whole_and_closed() -> None:
    described = list(objects(SCHEMA))
    assert len(described) > 20
    for each in described:
        if each["additionalProperties"] is True:
            # The values that a message names differ from message to message.
            assert each["required"] == ["message"]
            continue
        assert each["description"]
        assert each["additionalProperties"] is False
        assert set(each["required"]) == set(each["properties"])


def test_every_part_is_used() -> None:
    text = json.dumps(SCHEMA)
    for name in SCHEMA["$defs"]:
        assert f'"#/$defs/{name}"' in text, name


@pytest.mark.parametrize("ongoing", [False, True])
def test_an_outage_is_as_its_schema_says(ongoing: bool) -> None:
    whole = {"$ref": "#/$defs/outage", "$defs": SCHEMA["$defs"]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = to_plain(replace(OUTAGE, ongoing=ongoing))
    jsonschema.validate(plain, whole, format_checker=jsonschema.FormatChecker())
    assert (plain["end"] is None) == (plain["component_minutes"] is None) == ongoing
    assert plain["behaviour"] == {}
    for spoilt in (
        {**plain, "more": 1},
        {k: v for k, v in plain.items() if k != "end"},
        {**plain, "verdict": "loud"},
        {**plain, "reason": "x"},
        {**plain, "behaviour": {"posts": 1}},
        {**plain, "window": plain["window"][:1]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoilt, whole)


def test_infinity_becomes_null_and_a_time_is_in_utc() -> None:
    assert to_plain(Interval(1.0, 0.5, inf)) == {"estimate": 1.0, "low": 0.5, "high": None}
    at = datetime(2026, 4, 15, 8, 0, 0, 120, tzinfo=UTC)
    plain = to_plain(replace(OUTAGE, start=at, end=at + timedelta(minutes=1)))
    assert plain["start"] == "2026-04-15T08:00:00.000120Z"
