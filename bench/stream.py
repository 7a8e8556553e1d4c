"""Simulated posts, as many as are wanted, always the same ones."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from db.records import RawPost

START, WEEKS = datetime(2026, 1, 5, tzinfo=UTC), 26
NAMES = ("DeepSeek", "ChatGPT", "Claude", "Kimi", "Qwen", "Gemini", "豆包AI", "文心一言")
ENGLISH = (
    "tried", "again", "works", "slow", "prompt", "code", "down", "anyone", "today", "answer",
    "notes", "draft", "team", "model", "search", "error", "fine", "weird", "switched", "nice",
)  # fmt: skip
CHINESE = (
    "今天", "又", "崩了", "论文", "写不完", "回答", "很慢", "还行", "换一个", "有人", "吗", "模型",
    "越来越", "聪明", "打不开", "服务器", "繁忙", "终于", "好了", "晚上",
)  # fmt: skip


def posts(number: int, *, naming: float = 1.0) -> Iterator[RawPost]:
    """So many posts over half a year, half of them Chinese, in the order of their times. naming:
    the share of them that names a provider; the others are what a stream of everything is."""
    rng = random.Random(11)
    step = timedelta(weeks=WEEKS) / number
    for n in range(number):
        chinese = n % 2 == 0
        words = rng.choices(CHINESE if chinese else ENGLISH, k=11)
        if rng.random() < naming:
            words.insert(rng.randrange(4), rng.choice(NAMES))
        text = ("" if chinese else " ").join(words)
        yield RawPost(
            external_id=str(n),
            created_at=START + n * step,
            text=f"{text} {n}",
            author=f"u{rng.randrange(max(10, number // 8))}",
            likes=rng.randrange(5),
        )
