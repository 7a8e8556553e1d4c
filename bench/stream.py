"""Simulated posts, always the same ones, a page at a time."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from db.core.records import NewMention, NewPost, RawPost

Item = TypeVar("Item")
START, WEEKS, PAGE = datetime(2026, 1, 5, tzinfo=UTC), 26, 1000
NAMES = {
    "DeepSeek": "deepseek",
    "ChatGPT": "chatgpt",
    "Claude": "claude",
    "Kimi": "kimi",
    "Qwen": "qwen",
    "Gemini": "gemini",
    "豆包AI": "doubao",
    "文心一言": "wenxin",
}
ENGLISH = (
    "tried", "again", "works", "slow", "prompt", "code", "down", "anyone", "today", "answer",
    "notes", "draft", "team", "model", "search", "error", "fine", "weird", "switched", "nice",
)  # fmt: skip
CHINESE = (
    "今天", "又", "崩了", "论文", "写不完", "回答", "很慢", "还行", "换一个", "有人", "吗", "模型",
    "越来越", "聪明", "打不开", "服务器", "繁忙", "终于", "好了", "晚上",
)  # fmt: skip
# A step that makes distinct numbers that look like fingerprints.
FINGERPRINT_STEP = 0x9E3779B97F4A7C15


def posts(number: int, *, naming: float = 1.0) -> Iterator[RawPost]:
    """Yield posts over half a year in order of time, half of them Chinese.

    naming: the share of posts that name a provider.
    """
    return (post for post, _ in _make_posts(number, naming))


def ready(number: int) -> Iterator[NewPost]:
    """Yield the same posts as a store takes them, each of which names one provider.

    Language and fingerprint are made up, since analysing texts is not measured here.
    """
    mentions = {name: (NewMention(key, "subject"),) for name, key in NAMES.items()}
    for n, (post, name) in enumerate(_make_posts(number, 1.0)):
        yield NewPost(
            external_id=post.external_id,
            created_at=post.created_at,
            text=post.text,
            lang="zh" if n % 2 == 0 else "en",
            fingerprint=(n * FINGERPRINT_STEP) % 2**64 - 2**63,
            author=f"{post.author:>16}",
            likes=post.likes,
            mentions=mentions[name],
        )


def paged(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield items page by page, lazily."""
    source = iter(items)
    while page := list(islice(source, PAGE)):
        yield page


def _make_posts(number: int, naming: float) -> Iterator[tuple[RawPost, str]]:
    """Yield posts, each with the name it contains (empty: none)."""
    rng, names = random.Random(11), list(NAMES)
    step = timedelta(weeks=WEEKS) / number
    for n in range(number):
        chinese, name = n % 2 == 0, ""
        words = rng.choices(CHINESE if chinese else ENGLISH, k=11)
        if rng.random() < naming:
            name = rng.choice(names)
            words.insert(rng.randrange(4), name)
        text = ("" if chinese else " ").join(words)
        yield (
            RawPost(
                external_id=str(n),
                created_at=START + n * step,
                text=f"{text} {n}",
                author=f"u{rng.randrange(max(10, number // 8))}",
                likes=rng.randrange(5),
            ),
            name,
        )
