"""Atomic writes: a reader sees the former file or the new one, never a part of it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from db.core.errors import BadInput


@contextmanager
def write_atomic(path: Path, *, mode: int = 0o666, label: str = "") -> Iterator[Path]:
    """Give a temporary file beside `path` to be filled, then put it on disk in its place.

    mode: permissions, less the umask. label: what an error begins with, by default the path.
    Raises BadInput if it can't be written; `path` then stays as it was.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        yield part
        _sync(part, os.O_RDWR)
        part.replace(path)
        # Not every system and file system can do this for a folder.
        with suppress(OSError):
            _sync(path.parent, os.O_RDONLY)
    except OSError as error:
        raise BadInput(f"{label or path}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
