"""The validation as last measured, kept beside the code, for docs and reports."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from analysis.validation.row import Row

FILE = Path(__file__).parent / "last.json"


@dataclass(frozen=True, slots=True)
class Validation:
    """Rows of a trial, and the seed that made them."""

    seed: int
    rows: tuple[Row, ...]


def write(rows: Sequence[Row], seed: int, path: Path = FILE) -> None:
    """Keep a trial; figures to four places."""
    text = json.dumps({"seed": seed, "rows": [_rounded(row) for row in rows]}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


@cache
def last() -> Validation:
    """The trial as last kept."""
    value = json.loads(FILE.read_text(encoding="utf-8"))
    return Validation(value["seed"], tuple(_row(row) for row in value["rows"]))


def _rounded(row: Row) -> dict[str, object]:
    def short(value: object) -> object:
        if isinstance(value, float):
            return round(value, 4)
        return [short(v) for v in value] if isinstance(value, tuple) else value

    return {name: short(value) for name, value in asdict(row).items()}


def _row(value: dict[str, object]) -> Row:
    return Row(**{k: tuple(v) if isinstance(v, list) else v for k, v in value.items()})  # type: ignore[arg-type]
