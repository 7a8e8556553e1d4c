"""Reports and their parts as JSON, in the form that their dataclasses declare."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from analysis.report.data import Report

# Building one takes a moment.
adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def to_json(report: Report) -> str:
    """The whole report; the same report gives the same bytes."""
    return json.dumps(to_plain(report), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def to_plain(value: object) -> Any:
    """A dataclass as the dictionaries, lists, strings and numbers of its JSON."""
    return adapter(type(value)).dump_python(value, mode="json", by_alias=True)
