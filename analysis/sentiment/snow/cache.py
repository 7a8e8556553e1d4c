"""Tables kept on disk, so that only the first start ever has to make them."""

import gc
import json
import subprocess
import sys
import zlib
from dataclasses import astuple
from hashlib import blake2b
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from analysis.sentiment.snow.scoring import ModelFiles, load, snownlp_files
from analysis.sentiment.snow.tables import Array, Tables
from db.core.errors import BadInput
from db.core.files import write_atomic

# Changes whenever the tables of the same model would look different.
FORMAT = 1
META = "tables.json"


def tables(files: ModelFiles | None = None, home: Path | None = None) -> Tables:
    """The tables of a model (snownlp's own by default), from the cache or made for it.

    A cache that is stale, damaged or not writable costs time, never the answer. The first start
    makes them in a process of its own while this one compiles.
    """
    files = files or snownlp_files()
    home = home or user_cache_path("shrug") / "snow"
    folder = home / _key(files)
    found = _kept(folder)
    if found:
        return found
    child = _child(files, home)
    if child:
        from analysis.sentiment.snow.compiled import warm_up

        warm_up()
        child.wait()
    return _kept(folder) or made(files, home)


def made(files: ModelFiles, home: Path) -> Tables:
    """Tables made anew, and kept where that is possible."""
    new = load(files)
    try:
        _keep(new, home / _key(files))
    except (OSError, BadInput):
        return new
    return new


def _child(files: ModelFiles, home: Path) -> "subprocess.Popen[bytes] | None":
    arguments = [str(path) for path in (home, *astuple(files))]
    module = [sys.executable, "-m", "analysis.sentiment.snow.cache"]
    try:
        return subprocess.Popen([*module, *arguments], stderr=subprocess.DEVNULL)  # noqa: S603 - this module itself
    except OSError:
        return None


def _key(files: ModelFiles) -> str:
    """A name for what the model files hold."""
    digest = blake2b(f"{FORMAT} {sys.byteorder}".encode(), digest_size=16)
    for path in astuple(files):
        digest.update(blake2b(Path(path).read_bytes()).digest())
    return digest.hexdigest()


def _kept(folder: Path) -> Tables | None:
    """Tables as kept, or None where they are not there whole."""
    try:
        checks = json.loads((folder / META).read_text(encoding="utf-8"))
        arrays: dict[str, Array] = {
            name: np.load(folder / f"{name}.npy", mmap_mode="c", allow_pickle=False)
            for name in checks
        }
        if any(_check(arrays[name]) != check for name, check in checks.items()):
            return None
        return Tables(**arrays)
    except (OSError, ValueError, TypeError, AttributeError, EOFError):
        return None


def _check(array: Array) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data.cast("B"))


def _keep(new: Tables, folder: Path) -> None:
    """Write each array, then what they must sum up to: without it none of them is read."""
    arrays = new.arrays()
    for name, array in arrays.items():
        with write_atomic(folder / f"{name}.npy") as part, part.open("wb") as file:
            np.save(file, array, allow_pickle=False)
    checks = {name: _check(array) for name, array in arrays.items()}
    with write_atomic(folder / META) as part:
        part.write_text(json.dumps(checks), encoding="utf-8")


if __name__ == "__main__":
    # A model is a million tuples, none of them garbage: looking for some takes a second.
    gc.disable()
    made(ModelFiles(*map(Path, sys.argv[2:])), Path(sys.argv[1]))
