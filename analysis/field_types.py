"""Types of dataclass fields, with their limits and their form in JSON."""

from datetime import timedelta
from math import isinf
from typing import Annotated, TypeVar

from pydantic import Field, PlainSerializer, WithJsonSchema

T = TypeVar("T")


def _finite_or_none(bound: float | None) -> float | None:
    return None if bound is None or isinf(bound) else bound


def _in_minutes(duration: timedelta) -> float:
    return duration / timedelta(minutes=1)


PROVIDER_KINDS = ("ai", "game", "cloud", "app")

# Left out of JSON.
Internal = Annotated[T, Field(exclude=True)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Probability = Annotated[float, Field(ge=0, le=1)]
# JSON has no infinity: it becomes null.
Bound = Annotated[float | None, PlainSerializer(_finite_or_none, return_type=float | None)]
UpperBound = Annotated[float, PlainSerializer(_finite_or_none, return_type=float | None)]
Minutes = Annotated[timedelta, PlainSerializer(_in_minutes, return_type=float)]
ProviderKind = Annotated[str, WithJsonSchema({"enum": [*PROVIDER_KINDS]})]
OutageKind = Annotated[str, WithJsonSchema({"enum": ["outage", "degraded", "maintenance"]})]
Origin = Annotated[
    str,
    WithJsonSchema({"enum": ["ledger", "statuspage", "file", "manual", "board", "burst"]}),
]
