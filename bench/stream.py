"""Simulated posts, as many as are wanted, always the same ones, a page at a time."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from db.core.records import NewMention, NewPost, RawPost

T = TypeVar("T")
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
# Numbers that look like fingerprints: a step that no two of them share.
SPREAD = 0x9E3779B97F4A7C15


def posts(number: int, *, naming: float = 1.0) -> Iterator[RawPost]:
    """So many posts over half a year, half of them Chinese, in the order of their times. naming:
    the share of them that names a provider; the others are what a stream of everything is."""
    return (post for post, _ in _made(number, naming))


def ready(number: int) -> Iterator[NewPost]:
    """The same posts as a store takes them, each of which names one provider; what is told of them
    is made up with them, for what looks at texts is not measured here."""
    mentions = {name: (NewMention(key, "subject"),) for name, key in NAMES.items()}
    for n, (post, name) in enumerate(_made(number, 1.0)):
        yield NewPost(
            external_id=post.external_id,
            created_at=post.created_at,
            text=post.text,
            lang="zh" if n % 2 == 0 else "en",
            fingerprint=(n * SPREAD) % 2**64 - 2**63,
            author=f"{post.author:>16}",
            likes=post.likes,
            mentions=mentions[name],
        )


def paged(made: Iterable[T]) -> Iterator[list[T]]:
    """Page after page, none of which is made before it is asked for."""
    source = iter(made)
    while page := list(islice(source, PAGE)):
        yield page


def _made(number: int, naming: float) -> Iterator[tuple[RawPost, str]]:
    """Posts, and the name that each holds (empty: none)."""
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
