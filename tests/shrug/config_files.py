"""A file of settings for tests, in which no job runs unless the test asks for it."""

import json
from pathlib import Path

QUIET = {
    "crawl_minutes": 0, "score_minutes": 0, "watch_minutes": 0, "backup_hours": 0,
    "verify_hours": 0, "measure_hours": 0,
}  # fmt: skip


def configure(path: Path, **settings: object) -> None:
    """Write a file of settings; what is not given is switched off."""
    folders = {name: str(path.parent / name) for name in ("report_folder", "backup_folder")}
    rows = {**QUIET, **folders, "subscribers": str(path.parent / "none.yaml"), **settings}
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in rows.items()))
    path.chmod(0o600)
