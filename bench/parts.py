"""The rows and the parts of a page of benchmarks."""

from pathlib import Path

BenchRow = tuple[str, str, str, str, str]


def read_parts(page: Path) -> dict[str, str]:
    """Return the parts of a page by their titles, so that some can be measured again."""
    if not page.exists():
        return {}
    parts = page.read_text(encoding="utf-8").split("\n## ")[1:]
    return {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in parts}
