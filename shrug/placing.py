"""Files that stand in their place whole or not at all."""

from contextlib import suppress
from pathlib import Path

from db.errors import BadInput


def put(path: Path, body: bytes) -> Path:
    """Write a file that stands there whole or not at all; BadInput where it can't be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(body)
        part.replace(path)
    except OSError as error:
        raise BadInput(f"--out: {path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return path
