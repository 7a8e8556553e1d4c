"""Fuzzing of all readers of outside data by atheris: `python -m tests.fuzzing SECONDS`.

Each target takes bytes, and may raise SourceChanged; any other exception is a defect.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from db.core.errors import SourceChanged
from tests.paths import ANSWERS

# Inputs that crashed a target, whose number is their first byte.
CRASHES = Path("out") / "fuzz"
KEY = Path(gettempdir()) / "shrug-fuzz.key"
MAX_MEGABYTES, MAX_SECONDS = 500, 20
NOW = datetime(2026, 8, 11, 16, 0, tzinfo=UTC)
Target = Callable[[bytes], object]


def targets() -> dict[str, Target]:
    """Return every reader, by the folder of its responses under tests/answers."""
    from crawler import jetstream
    from crawler.markup import words
    from crawler.middlewares import clock_skew, retry_after
    from crawler.status.platforms import PLATFORMS
    from tests.crawler.readers import BOARDS, READERS, VOLUMES

    def board(read: Callable[[bytes, str, datetime], object], body: bytes) -> object:
        return read(body, "board", NOW)

    def page(read: Target, body: bytes) -> None:
        for post in getattr(read(body), "entries", ()):
            check_storable(post)

    def frame(body: bytes) -> None:
        with suppress(ValueError, KeyError, TypeError, AttributeError, OverflowError):
            event = jetstream.read_event(body)
            if event and event.post:
                check_storable(event.post)

    readers: dict[str, Target] = {name: partial(page, read) for name, read in READERS.items()}
    readers |= {name: partial(board, read) for name, read in BOARDS.items()}
    readers |= dict(VOLUMES)
    readers |= {f"status/{name}": platform.read for name, platform in PLATFORMS.items()}
    return readers | {
        "frame": frame,
        "markup": lambda body: words(body.decode("utf-8", "replace")),
        "headers": lambda body: (retry_after(body, NOW), clock_skew(body, body, NOW)),
    }


def check_storable(post: Any) -> None:
    """Check that a post can be stored: a time with a zone, texts of UTF-8 without NUL."""
    assert post.created_at.tzinfo is not None
    from shrug.crawl.ingest import Ingest

    ready = Ingest(None, KEY).enrich("fuzz", [post])[0]  # type: ignore[arg-type]
    for text in (ready.text, ready.external_id, ready.url or "", ready.reply_to or ""):
        text.encode()
        assert "\0" not in text
    assert ready.external_id


def seeds(name: str) -> Iterator[bytes]:
    """Yield the written responses of a target."""
    folder, _, platform = name.partition("/")
    for path in sorted((ANSWERS / folder).glob(f"{platform}*")) if folder else ():
        if "expected" not in path.name:
            yield path.read_bytes()


def main(seconds: int) -> None:
    """Fuzz all targets at once, guided by coverage, until one crashes or the time is over."""
    import atheris

    with atheris.instrument_imports(
        include=["crawler", "shrug.crawl.ingest", "analysis.text.cleaning"]
    ):
        readers = targets()
    names = sorted(readers)

    for name in names:
        for seed in seeds(name):  # load now what is loaded at first use
            with suppress(SourceChanged):
                readers[name](seed)

    def run_target(data: bytes) -> None:
        if data:
            with suppress(SourceChanged):
                readers[names[data[0] % len(names)]](data[1:])

    with TemporaryDirectory() as corpus:
        for number, name in enumerate(names):
            for count, seed in enumerate(seeds(name)):
                (Path(corpus) / f"{number}-{count}").write_bytes(bytes([number]) + seed)
        CRASHES.mkdir(parents=True, exist_ok=True)
        limits = [f"-max_total_time={seconds}", f"-rss_limit_mb={MAX_MEGABYTES}"]
        limits += [f"-timeout={MAX_SECONDS}", "-max_len=20000", f"-artifact_prefix={CRASHES}/"]
        atheris.Setup([sys.argv[0], corpus, *limits], run_target)
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
