"""Measures everything and writes docs/bench.md: `make bench`, or some parts of it by name."""

import os
import platform
import sys
from pathlib import Path
from types import ModuleType

from bench import archive, cluster, page, parts, sentiment, starts

PAGE = Path(__file__).parents[1] / "docs" / "bench.md"
HEAD = ("what", "rival", "ratio (min, median, max)", "here", "rival's")
PARTS: dict[str, ModuleType] = {
    "How posts feel": sentiment,
    "The page, on a million posts": page,
    "A cluster": cluster,
    "An archive that grows": archive,
    "Starts": starts,
}


def section(title: str, part: ModuleType) -> str:
    """A part, measured now."""
    rows = [HEAD, tuple("---" for _ in HEAD), *part.rows()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"## {title}\n\n{part.about()}\n\n{table}\n"


def main() -> None:
    """Measure the parts that are named, or all; a part that is not measured stays as it was."""
    wanted = sys.argv[1:] or list(PARTS)
    kept = parts.kept(PAGE)
    for title in wanted:
        kept[title] = section(title, PARTS[title])
        sys.stdout.write(kept[title] + "\n")
    head = (
        f"# Speed\n\n`make bench`, on {os.cpu_count()} cores ({platform.machine()}), Python "
        f"{platform.python_version()}. Each part compares with its rival in one run.\n"
    )
    own = [kept[title] for title in PARTS if title in kept]
    PAGE.write_text("\n".join([head, *own]), encoding="utf-8")


if __name__ == "__main__":
    main()
