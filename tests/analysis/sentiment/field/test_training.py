import gzip
import struct
from pathlib import Path

import pytest
from snownlp import normal
from snownlp.sentiment import Sentiment

from analysis.labels import labelled_posts
from analysis.sentiment.field import training as field_training
from analysis.sentiment.field.markers import marker
from analysis.sentiment.quality import measure_quality
from analysis.sentiment.scorers import CARDS, Snownlp, field
from analysis.sentiment.snow.cache import load_tables
from analysis.sentiment.snow.model import load_sentiment_model
from analysis.sentiment.snow.scoring import SnowScorer
from analysis.sentiment.snow.tables import with_sentiment_model
from analysis.sentiment.trained import bayes
from tests.conftest import REAL_DATA

WEIBO = REAL_DATA / "weibo-sentiment" / "train.tsv.gz"


def weibo() -> tuple[list[str], list[str]]:
    if not WEIBO.is_file():
        pytest.skip(f"the labelled Weibo posts are not there: {WEIBO}")
    with gzip.open(WEIBO, "rt", encoding="utf-8") as file:
        rows = [line.split("\t", 1) for line in file if line.strip()]
    return [text for _, text in rows], ["good" if label == "1" else "bad" for label, _ in rows]


def test_the_field_model_is_what_its_script_makes(tmp_path: Path) -> None:
    field_training.train_bundled_models(tmp_path)
    for path in CARDS.rglob("*.*"):
        assert (tmp_path / path.relative_to(CARDS)).read_bytes() == path.read_bytes(), path.name


def test_the_field_model_scores_as_snownlp_itself_would(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = Sentiment()
    theirs.load(str(CARDS / "snownlp-field" / "sentiment.marshal"))
    monkeypatch.setattr(normal, "stop", set())
    ours = SnowScorer(
        with_sentiment_model(
            load_tables(), load_sentiment_model(CARDS / "snownlp-field" / bayes.MODEL_FILE)
        )
    )
    texts = [
        marker().mark(p.text)
        for part in labelled_posts.PARTS
        for p in labelled_posts.load_posts(part)
    ]
    for text, score in zip(texts, ours.score(texts), strict=True):
        assert score is not None
        assert struct.pack("<d", score) == struct.pack("<d", theirs.classify(text)), text


def test_held_out_posts_about_outages_are_classified() -> None:
    for part, least in (("held", 0.9), ("fresh", 0.85)):
        posts = [p for p in labelled_posts.load_posts(part) if p.lang == "zh"]
        texts, labels = [p.text for p in posts], [p.feeling for p in posts]
        ours = measure_quality(part, field().score(texts), labels, 0.5)
        plain = measure_quality(part, Snownlp().score(texts), labels, 0.5)
        assert ours.accuracy.share >= least
        assert ours.auc > 0.93 > plain.auc
    good, bad = field().score(["DeepSeek恢复了，太好了", "Kimi宕机，论文写不完了想哭"])
    assert good is not None
    assert bad is not None
    assert bad < 0.2 < 0.8 < good


@pytest.mark.real_data
def test_real_posts_are_classified_better_than_by_plain_snownlp() -> None:
    texts, labels = weibo()
    assert measure_quality("", field().score(texts), labels, 0.5).auc >= 0.78
    assert measure_quality("", Snownlp().score(texts), labels, 0.5).auc < 0.66
