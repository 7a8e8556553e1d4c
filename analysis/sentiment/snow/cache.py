"""A cache of tables on disk, so that only the first start has to build them."""

import gc
import json
import subprocess
import sys
import zlib
from contextlib import suppress
from dataclasses import astuple
from hashlib import blake2b
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from analysis.sentiment.snow.scoring import ModelFiles, build_tables, snownlp_files
from analysis.sentiment.snow.tables import Array, Tables
from db.core.errors import BadInput
from db.core.files import write_atomic

# Change it whenever the tables of the same model would differ.
FORMAT = 1
META = "tables.json"


def load_tables(files: ModelFiles | None = None, home: Path | None = None) -> Tables:
    """Return the tables of a model (by default snownlp's own), from the cache if possible.

    A cache that is stale, damaged or not writable costs time only. The first start builds the
    tables in another process while this one compiles.
    """
    files = files or snownlp_files()
    home = home or user_cache_path("shrug") / "snow"
    folder = home / _key(files)
    cached = _read(folder)
    if cached:
        return cached
    child = _start_builder(files, home)
    if child:
        from analysis.sentiment.snow.compiled import warm_up

        warm_up()
        child.wait()
    return _read(folder) or build_and_store(files, home)


def build_and_store(files: ModelFiles, home: Path) -> Tables:
    """Build tables, and write them to the cache if it is writable."""
    tables = build_tables(files)
    with suppress(OSError, BadInput):
        _write(tables, home / _key(files))
    return tables


def _start_builder(files: ModelFiles, home: Path) -> "subprocess.Popen[bytes] | None":
    arguments = [str(path) for path in (home, *astuple(files))]
    module = [sys.executable, "-m", "analysis.sentiment.snow.cache"]
    try:
        return subprocess.Popen([*module, *arguments], stderr=subprocess.DEVNULL)  # noqa: S603 - this module itself
    except OSError:
        return None


def _key(files: ModelFiles) -> str:
    """Return a hash of the model files and the format."""
    digest = blake2b(f"{FORMAT} {sys.byteorder}".encode(), digest_size=16)
    for path in astuple(files):
        digest.update(blake2b(Path(path).read_bytes()).digest())
    return digest.hexdigest()


def _read(folder: Path) -> Tables | None:
    """Return the cached tables, or None if they are incomplete or damaged."""
    try:
        checksums = json.loads((folder / META).read_text(encoding="utf-8"))
        arrays: dict[str, Array] = {
            name: np.load(folder / f"{name}.npy", mmap_mode="c", allow_pickle=False)
            for name in checksums
        }
        if any(_checksumsum(arrays[name]) != checksum for name, checksum in checksums.items()):
            return None
        return Tables(**arrays)
    except (OSError, ValueError, TypeError, AttributeError, EOFError):
        return None


def _checksumsum(array: Array) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data.cast("B"))


def _write(tables: Tables, folder: Path) -> None:
    """Write each array, then the checksumsums, without which none of them is read."""
    arrays = tables.arrays()
    for name, array in arrays.items():
        with write_atomic(folder / f"{name}.npy") as part, part.open("wb") as file:
            np.save(file, array, allow_pickle=False)
    checksums = {name: _checksumsum(array) for name, array in arrays.items()}
    with write_atomic(folder / META) as part:
        part.write_text(json.dumps(checksums), encoding="utf-8")


if __name__ == "__main__":
    # Garbage collection over the million tuples of a model takes a second and finds nothing.
    gc.disable()
    build_and_store(ModelFiles(*map(Path, sys.argv[2:])), Path(sys.argv[1]))
