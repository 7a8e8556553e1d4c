import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sentiment.scorers import Scorer, Snownlp, Vader, field
from tests.paths import ROOT

SCORERS: tuple[Scorer, ...] = (Snownlp(), field(), Vader())

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


@pytest.mark.parametrize("scorer", SCORERS, ids=lambda s: str(s.model))
def test_odd_texts_score_or_are_skipped_and_never_fail_the_batch(scorer: Scorer) -> None:
    before = time.process_time()
    scores = scorer.score(ODD)
    assert len(scores) == len(ODD)
    assert scores[0] is None
    assert scores[1] is None
    assert all(s is None or 0 <= s <= 1 for s in scores)
    # One text of thousands of emoji took VADER minutes before it was bounded.
    assert time.process_time() - before < 60


def test_snownlp_scores_as_the_library_does() -> None:
    from snownlp import SnowNLP

    text = "这个模型真好用，推荐给大家"
    assert Snownlp().score([text]) == [SnowNLP(text).sentiments]


def test_vader_separates_joy_from_anger() -> None:
    joy, anger = Vader().score(["I love this, it is great!", "I hate this, it is terrible"])
    assert joy is not None
    assert anger is not None
    assert joy > 0.8 > 0.2 > anger


@settings(max_examples=40)
@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_scores_or_is_skipped(texts: list[str]) -> None:
    for scorer in SCORERS:
        assert all(s is None or 0 <= s <= 1 for s in scorer.score(texts))


LABELLED = ROOT / "tests" / "labelled" / "english.tsv"


def test_english_posts_about_outages_are_classified_better_than_by_plain_vader() -> None:
    """70 sentences, labelled before any of them was scored."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    rows = [line.split("\t") for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    labels, texts = [label for label, _ in rows], [text for _, text in rows]
    plain = [SentimentIntensityAnalyzer().polarity_scores(text)["compound"] for text in texts]
    ours = [score - 0.5 for score in Vader().score(texts) if score is not None]

    def right(scores: list[float]) -> float:
        said = ["pos" if s > 0 else "neg" if s < 0 else "" for s in scores]
        return sum(a == b for a, b in zip(said, labels, strict=True)) / len(labels)

    assert right(plain) < 0.75
    assert right(ours) >= 0.85


def test_traditional_characters_are_scored_as_simplified_ones() -> None:
    texts = ["這個模型真好用，推薦給大家", "这个模型真好用，推荐给大家"]
    traditional, simple = Snownlp().score(texts)
    assert traditional == simple
