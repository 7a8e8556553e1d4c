"""Simulated sentences from templates; each of them names its provider."""

from collections.abc import Sequence

import numpy as np

from db import catalog
from shrug.demo.plan import PlannedProvider, texts

REPOST = (" 🔁", " (repost)", "!!", " https://example.org/s")


class SentenceWriter:
    """Writes posts about one provider in one language."""

    def __init__(self, rng: np.random.Generator, provider: PlannedProvider, lang: str) -> None:
        self._rng = rng
        self._lang = "en" if lang == "news" else lang
        self._names = provider.names[self._lang]
        entry = catalog.providers()[provider.key]
        known = catalog.providers()
        self._others = [
            known[key].name_zh if self._lang == "zh" else known[key].name_en
            for key in entry.alternatives
        ]
        self._kind = entry.kind
        self._news = lang == "news"
        self._recent: list[str] = []

    def write(self, *, loud: bool, repost: float) -> str:
        """Write a sentence; with probability `repost` a near-copy of a recent one."""
        if self._recent and self._rng.random() < repost:
            return self._pick(self._recent) + self._pick(REPOST)
        text = self._pick(self._templates(loud=loud)).format(
            name=self._pick(self._names),
            other=self._pick(self._others),
            a=self._pick(texts()["fill"][self._lang]["a"]),
            b=self._pick(texts()["fill"][self._lang]["b"]),
        )
        self._recent = [*self._recent[-20:], text]
        return text

    def _templates(self, *, loud: bool) -> list[str]:
        if self._news and not loud:
            news: list[str] = texts()["news"]
            return news
        chosen: list[str] = texts()["loud" if loud else "plain"][self._kind][self._lang]
        return chosen

    def _pick(self, options: Sequence[str]) -> str:
        return options[int(self._rng.integers(len(options)))]
