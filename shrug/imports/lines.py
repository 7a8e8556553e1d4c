"""Reading a file line by line: bounded, gzipped or not, what is bad is named."""

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.parsing import instant

LONGEST_LINE = 4_000_000
SHOWN = 20
BAD_VALUE = (ValueError, KeyError, TypeError, OverflowError, AttributeError)

Told = Callable[[int], None]


@dataclass
class Imported:
    """What an import came to; `refused` names file, line and reason of the first bad lines."""

    read: int = 0
    new: int = 0
    bad: int = 0
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, other: "Imported") -> None:
        """Count what another import came to as well."""
        self.read += other.read
        self.new += other.new
        self.bad += other.bad
        self.refused += other.refused
        self.warnings += other.warnings

    def refuse(self, where: str, why: str) -> None:
        self.bad += 1
        if len(self.refused) < SHOWN:
            self.refused.append(f"{where}: {why}")


def unzipped(raw: io.BufferedReader) -> Any:
    """What a file holds, as bytes, gzipped or not."""
    return gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw


def value_of(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not a line of JSON") from None
    if not isinstance(value, dict):
        raise ValueError(f"an object was due, {type(value).__name__} came")
    return value


def reason(error: Exception) -> str:
    return (
        f"{str(error) or type(error).__name__}"
        if not isinstance(error, KeyError)
        else f"no {error}"
    )


def iso(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("a time must be ISO 8601 text with a zone")
    return instant(value)
