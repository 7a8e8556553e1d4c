"""Pseudonyms: what stands for an account, and the key behind them, which lies apart from the store.

HMAC-SHA-256 (RFC 2104), the first 64 bits of it.
"""

import hashlib
import hmac
import os
import secrets
import time
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from db.core.engine import Store
from db.core.errors import BadInput
from db.core.files import write_atomic
from db.posts import retention

_KEY_BYTES = 32
_LENGTH = 16


def pseudonym(key: bytes, source: str, author: str) -> str:
    """What stands for an account of a source."""
    message = f"{source}\0{author}".encode("utf-8", "replace")
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:_LENGTH]


def stranger(key: bytes, text: str) -> str:
    """What stands for a pseudonym, or an id, from now on, where nobody keeps the key."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_LENGTH]


@cache
def present(path: Path) -> bytes:
    """The key, made at first use, for its owner only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Of two first starts at once one makes the key and both read it.
        _new(path, secrets.token_bytes(_KEY_BYTES))
    except FileExistsError:
        pass
    except OSError as error:
        raise BadInput(
            f"the key for pseudonyms can't be made at {path}: {error.strerror}"
        ) from None
    return _read(path)


def every(path: Path) -> list[bytes]:
    """The present key and all former ones that are still kept."""
    return [present(path), *map(_read, _former(path))]


def rotate(path: Path, now: datetime) -> Path:
    """Make a new key; gives where the former one is kept, so that `forget` finds what it stands
    behind. What runs already goes on with the former one to its end."""
    former = path.with_name(f"{path.name}.{now:%Y%m%dT%H%M%S%fZ}")
    for file, key in ((former, present(path)), (path, secrets.token_bytes(_KEY_BYTES))):
        label = f"{path}: the key can't be changed"
        with write_atomic(file, mode=0o600, label=label) as part:
            part.write_bytes(key)
    present.cache_clear()
    return former


def age(path: Path) -> timedelta:
    """For how long the present key has been in use."""
    present(path)
    return timedelta(seconds=time.time() - path.stat().st_mtime)


def disown(store: Store, path: Path) -> int:
    """Put something in the place of every stored pseudonym that no key leads to, and delete the
    former keys; gives how many posts had one. Voices stay told apart."""
    key = secrets.token_bytes(_KEY_BYTES)
    with store.writing() as connection:
        number = retention.rename_authors(connection, lambda author: stranger(key, author))
    for former in _former(path):
        former.unlink()
    return number


def _former(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.*Z"))


def _new(path: Path, key: bytes) -> None:
    """Write a key whole; FileExistsError where there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(descriptor)


def _read(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) < _KEY_BYTES:
        raise BadInput(f"{path}: the key for pseudonyms is damaged; restore it or delete the file")
    return key
