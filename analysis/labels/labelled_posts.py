"""Posts written for this project and labelled by hand. None was published by anybody.

`learn` is what models and rules may be made from, `held` what they are measured on. Which of
both a post belongs to is fixed by its text (`assign_part`), so none can be moved to where it helps.
`tried` was written when the rules were finished for the first time; they failed on it and were
widened by it. `fresh` was written after that, and has changed neither models nor rules.
"""

import csv
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PARTS = ("learn", "held", "tried", "fresh")


@dataclass(frozen=True, slots=True)
class LabelledPost:
    """A post with its labels by hand.

    feeling: good, bad or neutral. acts: what the post does. failed: the provider that it says
    failed. turned_to: the provider that it turns to instead.
    """

    feeling: str
    acts: frozenset[str]
    failed: str | None
    turned_to: str | None
    lang: str
    text: str


def assign_part(text: str) -> str:
    """Return which of `learn` and `held` a text belongs to."""
    return PARTS[zlib.crc32(text.encode("utf-8")) % 2]


@cache
def load_posts(part: str) -> tuple[LabelledPost, ...]:
    """Return the posts of a part."""
    path = Path(__file__).parent / "posts" / f"{part}.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(_post(row) for row in rows)


def _post(row: dict[str, str]) -> LabelledPost:
    filled = {name: None if value == "-" else value for name, value in row.items()}
    return LabelledPost(
        feeling=row["feeling"],
        acts=frozenset((filled["acts"] or "").split(",")) - {""},
        failed=filled["failed"],
        turned_to=filled["turned_to"],
        lang=row["lang"],
        text=row["text"],
    )
