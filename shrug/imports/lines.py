"""What the readers of files share: bounded lines, times and addresses, and an import's result."""

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.parsing import as_text, parse_time

LONGEST_LINE = 4_000_000
MOST_REFUSALS_NAMED = 20
BAD_VALUE = (ValueError, KeyError, TypeError, OverflowError, AttributeError)

# Called with the number of bytes, or commits, that were read since the last call.
ProgressCallback = Callable[[int], None]


@dataclass
class ImportResult:
    """The counts of an import; `refused` names file, line and reason of the first bad lines."""

    read: int = 0
    new: int = 0
    bad: int = 0
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, other: "ImportResult") -> None:
        """Add the counts and messages of another import."""
        self.read += other.read
        self.new += other.new
        self.bad += other.bad
        self.refused += other.refused
        self.warnings += other.warnings

    def refuse(self, where: str, why: str) -> None:
        """Count a bad line; the first MOST_REFUSALS_NAMED are named."""
        self.bad += 1
        if len(self.refused) < MOST_REFUSALS_NAMED:
            self.refused.append(f"{where}: {why}")


def open_unzipped(raw: io.BufferedReader) -> Any:
    """Return a binary file of the contents, whether they are gzipped or not."""
    return gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw


def parse_object(line: bytes) -> dict[str, Any]:
    """Parse a line that is a JSON object. Raises ValueError if it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not a line of JSON") from None
    if not isinstance(value, dict):
        raise ValueError(f"an object was due, {type(value).__name__} came")
    return value


def describe_error(error: Exception) -> str:
    """Return why a value was refused, in words."""
    return f"no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__


def parse_iso_time(value: Any) -> datetime:
    """Parse an ISO 8601 time with a zone, as UTC. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("a time must be ISO 8601 text with a zone")
    return parse_time(value)


def http_url(value: Any) -> str | None:
    """Return an address if it is one of HTTP, else None."""
    url = as_text(value)
    return url if url and url.startswith(("http://", "https://")) else None
