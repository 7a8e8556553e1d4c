"""`make bench`: measure all parts, or those that are named, and write docs/bench.md."""

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
    """Measure a part and return its text."""
    rows = [HEAD, tuple("---" for _ in HEAD), *part.rows()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"## {title}\n\n{part.about()}\n\n{table}\n"


def main() -> None:
    """Measure the parts that are named, or all; the others stay as they are."""
    wanted = sys.argv[1:] or list(PARTS)
    known = parts.read_parts(PAGE)
    for title in wanted:
        known[title] = section(title, PARTS[title])
        sys.stdout.write(known[title] + "\n")
    head = (
        f"# Speed\n\n`make bench`, on {os.cpu_count()} cores ({platform.machine()}), Python "
        f"{platform.python_version()}. Each part compares with its rival in one run.\n"
    )
    measured = [known[title] for title in PARTS if title in known]
    PAGE.write_text("\n".join([head, *measured]), encoding="utf-8")


if __name__ == "__main__":
    main()
