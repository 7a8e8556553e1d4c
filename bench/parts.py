"""A page of parts, of which some are measured anew and the others stay as they were."""

from pathlib import Path


def kept(page: Path) -> dict[str, str]:
    """The parts of a page, by their titles."""
    if not page.exists():
        return {}
    parts = page.read_text(encoding="utf-8").split("\n## ")[1:]
    return {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in parts}
