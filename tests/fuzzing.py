"""What reads from outside, on whatever may come: `python -m tests.fuzzing SECONDS` by atheris.

Each target takes bytes, and may raise SourceChanged: whatever else it raises is a defect.
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

# Inputs that a target could not take; its first byte says which.
FOUND = Path("out") / "fuzz"
KEY = Path(gettempdir()) / "shrug-fuzz.key"
MOST_MEGABYTES, MOST_SECONDS = 500, 20
NOW = datetime(2026, 8, 11, 16, 0, tzinfo=UTC)
Target = Callable[[bytes], object]


def targets() -> dict[str, Target]:
    """Every reader of ours, by the folder under tests/answers that holds what it reads."""
    from crawler import jetstream
    from crawler.markup import words
    from crawler.middlewares import ahead, retry_after
    from crawler.status.platforms import PLATFORMS
    from tests.crawler.readers import BOARDS, READERS, VOLUMES

    def board(read: Callable[[bytes, str, datetime], object], body: bytes) -> object:
        return read(body, "board", NOW)

    def page(read: Target, body: bytes) -> None:
        for post in getattr(read(body), "entries", ()):
            kept(post)

    def frame(body: bytes) -> None:
        with suppress(ValueError, KeyError, TypeError, AttributeError, OverflowError):
            event = jetstream.read(body)
            if event and event.post:
                kept(event.post)

    own: dict[str, Target] = {name: partial(page, read) for name, read in READERS.items()}
    own |= {name: partial(board, read) for name, read in BOARDS.items()}
    own |= dict(VOLUMES)
    own |= {f"status/{name}": platform.read for name, platform in PLATFORMS.items()}
    return own | {
        "frame": frame,
        "markup": lambda body: words(body.decode("utf-8", "replace")),
        "headers": lambda body: (retry_after(body, NOW), ahead(body, body, NOW)),
    }


def kept(post: Any) -> None:
    """What is read can be kept: its time has a zone, its text and its ids can be stored."""
    assert post.created_at.tzinfo is not None
    from shrug.crawl.ingest import Ingest

    ready = Ingest(None, KEY).prepare("fuzz", [post])[0]  # type: ignore[arg-type]
    for text in (ready.text, ready.external_id, ready.url or "", ready.reply_to or ""):
        text.encode()
        assert "\0" not in text
    assert ready.external_id


def seeds(name: str) -> Iterator[bytes]:
    """The written answers that a target reads."""
    folder, _, platform = name.partition("/")
    for path in sorted((ANSWERS / folder).glob(f"{platform}*")) if folder else ():
        if "expected" not in path.name:
            yield path.read_bytes()


def main(seconds: int) -> None:
    """Fuzz all targets at once, guided by what code each input reaches; ends with an error at the
    first input that a target can't take."""
    import atheris

    with atheris.instrument_imports(
        include=["crawler", "shrug.crawl.ingest", "analysis.text.cleaning"]
    ):
        found = targets()
    names = sorted(found)

    for name in names:
        for seed in seeds(name):  # what is loaded at first use is loaded now
            with suppress(SourceChanged):
                found[name](seed)

    def one(data: bytes) -> None:
        if data:
            with suppress(SourceChanged):
                found[names[data[0] % len(names)]](data[1:])

    with TemporaryDirectory() as corpus:
        for number, name in enumerate(names):
            for count, seed in enumerate(seeds(name)):
                (Path(corpus) / f"{number}-{count}").write_bytes(bytes([number]) + seed)
        FOUND.mkdir(parents=True, exist_ok=True)
        limits = [f"-max_total_time={seconds}", f"-rss_limit_mb={MOST_MEGABYTES}"]
        limits += [f"-timeout={MOST_SECONDS}", "-max_len=20000", f"-artifact_prefix={FOUND}/"]
        atheris.Setup([sys.argv[0], corpus, *limits], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
