"""A store of a million simulated posts, imported by the command itself."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.stream import ENGLISH

POSTS, WEEKS, OUTAGES = 1_000_000, 26, 60
START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(weeks=WEEKS)
SOURCES = ("forum", "microblog", "news")
NAMES = {
    "deepseek": "DeepSeek",
    "chatgpt": "ChatGPT",
    "claude": "Claude",
    "kimi": "Kimi",
    "qwen": "Qwen",
    "gemini": "Gemini",
    "github": "GitHub",
    "cloudflare": "Cloudflare",
}


@dataclass(frozen=True)
class Million:
    """A store of a million posts, and the seconds that its import took."""

    url: str
    file: Path
    seconds: float


def make_store(folder: Path) -> Million:
    """Write the posts, import them, enter the outages, score."""
    file, posts = folder / "million.sqlite3", folder / "posts.jsonl"
    url = f"sqlite:///{file}"
    with posts.open("w", encoding="utf-8") as out:
        out.writelines(_lines())
    covered = f"{START.isoformat()}/{END.isoformat()}"
    before = time.perf_counter()
    _shrug("import", "posts", posts, "--covered", covered, "--database", url)
    seconds = time.perf_counter() - before
    ledger = folder / "outages.json"
    ledger.write_text(json.dumps(_outages()))
    _shrug("outages", "import", ledger, "--database", url)
    _shrug("score", "--database", url)
    return Million(url, file, seconds)


def _lines() -> Iterator[str]:
    rng = random.Random(7)
    names = list(NAMES.values())
    step = (END - START) / POSTS
    for number in range(POSTS):
        words = " ".join(rng.choices(ENGLISH, k=9))
        at = START + number * step
        post = {
            "source": SOURCES[number % len(SOURCES)],
            "id": str(number),
            "created_at": at.isoformat(),
            "text": f"{rng.choice(names)} {words} {number}",
            "author": f"u{rng.randrange(40_000)}",
            "likes": rng.randrange(5),
        }
        yield json.dumps(post) + "\n"


def _outages() -> list[dict[str, str]]:
    rng = random.Random(8)
    outages = []
    for number in range(OUTAGES):
        start = START + timedelta(weeks=9) + number * timedelta(weeks=WEEKS - 10) / OUTAGES
        outages.append(
            {
                "provider": rng.choice(list(NAMES)),
                "start": start.isoformat(),
                "end": (start + timedelta(hours=rng.randrange(1, 5))).isoformat(),
                "kind": "outage",
                "title": f"simulated {number}",
            }
        )
    return outages


def _shrug(*arguments: object) -> None:
    command = [sys.executable, "-m", "shrug", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)
