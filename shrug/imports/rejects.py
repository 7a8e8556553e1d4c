"""Writing lines that could not be taken in beside the file, each with its reason."""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any


class Aside(AbstractContextManager["Aside"]):
    """A JSONL file of `where`, `why` and `line`, made at the first bad line; `more`: what an
    earlier import wrote there stays."""

    def __init__(self, path: Path, *, more: bool) -> None:
        self._mode = "a" if more else "w"
        self.path = path
        self.written = 0
        self._file: IO[str] | None = None
        self._barred = ""

    def put(self, where: str, why: str, line: str) -> None:
        if self._barred:
            return
        try:
            file = self._file or self.path.open(self._mode, encoding="utf-8", errors="replace")
            self._file = file
            row = {"where": where, "why": why, "line": line}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            self.written += 1
        except OSError as error:
            self._barred = f"{self.path}: {error.strerror}"

    @property
    def warning(self) -> str:
        """Why bad lines are not there, if they are not."""
        return f"bad lines could not be written aside: {self._barred}" if self._barred else ""

    def __exit__(self, *_: Any) -> None:
        if self._file is not None:
            self._file.close()
