"""A file beside an import's that holds the lines which were refused, each with its reason."""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any


class RejectWriter(AbstractContextManager["RejectWriter"]):
    """Writes JSONL of `where`, `why` and `line`; the file is made at the first line.

    append: whether lines of an earlier import stay in the file.
    """

    def __init__(self, path: Path, *, append: bool) -> None:
        self._mode = "a" if append else "w"
        self.path = path
        self.written = 0
        self._file: IO[str] | None = None
        self._error = ""

    def write(self, where: str, why: str, line: str) -> None:
        """Write one refused line; after an error of the file nothing more is written."""
        if self._error:
            return
        try:
            file = self._file or self.path.open(self._mode, encoding="utf-8", errors="replace")
            self._file = file
            row = {"where": where, "why": why, "line": line}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            self.written += 1
        except OSError as error:
            self._error = f"{self.path}: {error.strerror}"

    @property
    def warning(self) -> str:
        """Where the refused lines are, or why they could not be written; empty without any."""
        if self._error:
            return f"bad lines could not be written aside: {self._error}"
        return f"{self.written} bad lines are in {self.path}" if self.written else ""

    def __exit__(self, *_: Any) -> None:
        if self._file is not None:
            self._file.close()
