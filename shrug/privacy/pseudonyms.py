"""Pseudonyms of accounts, and their key, which is stored apart from the posts.

A pseudonym is the first 64 bits of an HMAC-SHA-256 (RFC 2104).
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
    """Return the pseudonym of an account of a source."""
    message = f"{source}\0{author}".encode("utf-8", "replace")
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:_LENGTH]


def one_way_pseudonym(key: bytes, text: str) -> str:
    """Return what replaces a pseudonym or an id; `key` must not be stored."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_LENGTH]


@cache
def current_key(path: Path) -> bytes:
    """Return the key, created at first use with access for its owner only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Of two processes at their first start one creates the key and both read it.
        _create(path, secrets.token_bytes(_KEY_BYTES))
    except FileExistsError:
        pass
    except OSError as error:
        raise BadInput(
            f"the key for pseudonyms can't be made at {path}: {error.strerror}"
        ) from None
    return _read(path)


def all_keys(path: Path) -> list[bytes]:
    """Return the current key and all former ones that still exist."""
    return [current_key(path), *map(_read, _former_keys(path))]


def rotate_key(path: Path, now: datetime) -> Path:
    """Create a new key, and return the path of the former one, which `erase` still needs.

    Running processes go on with the former key.
    """
    former = path.with_name(f"{path.name}.{now:%Y%m%dT%H%M%S%fZ}")
    for file, key in ((former, current_key(path)), (path, secrets.token_bytes(_KEY_BYTES))):
        label = f"{path}: the key can't be changed"
        with write_atomic(file, mode=0o600, label=label) as part:
            part.write_bytes(key)
    current_key.cache_clear()
    return former


def key_age(path: Path) -> timedelta:
    """Return for how long the current key has been in use."""
    current_key(path)
    return timedelta(seconds=time.time() - path.stat().st_mtime)


def anonymize_stored(store: Store, path: Path) -> int:
    """Replace every stored pseudonym by one without a key, and delete the former keys.

    Return the number of posts with a pseudonym. Authors remain distinct.
    """
    key = secrets.token_bytes(_KEY_BYTES)
    with store.writing() as connection:
        number = retention.replace_pseudonyms(
            connection, lambda author: one_way_pseudonym(key, author)
        )
    for former in _former_keys(path):
        former.unlink()
    return number


def _former_keys(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.*Z"))


def _create(path: Path, key: bytes) -> None:
    """Write a new key file. Raises FileExistsError if there is one."""
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
