import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sentiment.scorers import LONGEST, Scorer, Snownlp, Vader, scorers

ODD = [
    "",
    "   \n\t　",
    "😭" * 5000,
    "崩" * 100_000,
    "\ud83d",
    "\0",
    "🏳️‍🌈👨‍👩‍👧‍👦",
    "𠮷𡃁",
    "12345 !!! ---",
    "a" * 100_000,
]


@pytest.mark.parametrize("scorer", scorers(), ids=lambda s: str(s.model))
def test_odd_texts_score_or_are_skipped_and_never_fail_the_batch(scorer: Scorer) -> None:
    before = time.monotonic()
    found = scorer.score(ODD)
    assert len(found) == len(ODD)
    assert found[0] is None
    assert found[1] is None
    assert all(s is None or 0 <= s <= 1 for s in found)
    # One text of thousands of emoji took VADER minutes before it was bounded.
    assert time.monotonic() - before < 60


def test_snownlps_own_score_is_kept() -> None:
    from snownlp import SnowNLP

    text = "这个模型真好用，推荐给大家"
    assert Snownlp().score([text]) == [SnowNLP(text).sentiments]
    assert Snownlp().score([text * 500]) == [SnowNLP((text * 500)[:LONGEST]).sentiments]


def test_vader_tells_joy_from_anger() -> None:
    joy, anger = Vader().score(["I love this, it is great!", "I hate this, it is terrible"])
    assert joy is not None
    assert anger is not None
    assert joy > 0.8 > 0.2 > anger


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_scores_or_is_skipped(texts: list[str]) -> None:
    for scorer in scorers():
        assert all(s is None or 0 <= s <= 1 for s in scorer.score(texts))
