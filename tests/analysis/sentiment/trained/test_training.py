import gzip
import random
from pathlib import Path

import pytest

from analysis.sentiment import plugins
from analysis.sentiment.quality import measure_quality
from analysis.sentiment.scorers import TrainedScorer
from analysis.sentiment.trained import training
from db.core.errors import BadInput
from tests.conftest import REAL_DATA

WEIBO = REAL_DATA / "weibo-sentiment" / "train.tsv.gz"


def weibo() -> tuple[list[str], list[str]]:
    if not WEIBO.is_file():
        pytest.skip(f"the labelled Weibo posts are not there: {WEIBO}")
    with gzip.open(WEIBO, "rt", encoding="utf-8") as file:
        rows = [line.split("\t", 1) for line in file if line.strip()]
    return [text for _, text in rows], ["good" if label == "1" else "bad" for label, _ in rows]


@pytest.mark.real_data
@pytest.mark.parametrize(("kind", "least"), [("ngrams", 0.92), ("bayes", 0.87)])
def test_a_model_trained_on_half_the_posts_classifies_the_others(
    kind: str, least: float, tmp_path: Path
) -> None:
    texts, labels = weibo()
    made, model = training.train("w", kind, texts[::2], labels[::2], ("zh",))
    scorer = TrainedScorer(plugins.save_model(made, model, tmp_path))
    other = measure_quality("other half", scorer.score(texts[1::2]), labels[1::2], made.threshold)
    assert other.auc >= least
    # Cross-validation foresaw it, and scores are probabilities now.
    assert other.auc == pytest.approx(made.measured[0].auc, abs=0.015)
    for number, rate in enumerate(other.bins):
        assert rate.share == pytest.approx((number + 0.5) / 10, abs=0.13)


LABELS = [("真好用太开心了", "good"), ("又崩了气死我了", "bad"), ("今天发布了新版本", "neutral")]


def labelled_texts(number: int) -> tuple[list[str], list[str]]:
    rng = random.Random(0)
    rows = [(f"{text}{rng.randint(0, 9)}", label) for text, label in LABELS for _ in range(number)]
    return [text for text, _ in rows], [label for _, label in rows]


@pytest.mark.parametrize("kind", training.KINDS)
def test_the_same_labels_give_the_same_model(kind: str, tmp_path: Path) -> None:
    texts, labels = labelled_texts(25)
    steps: list[None] = []
    card_, model = training.train("one", kind, texts, labels, ("zh",), lambda: steps.append(None))
    again, _ = training.train("one", kind, texts, labels, ("zh",))
    assert card_ == again
    assert len(steps) == training.FOLDS + 1
    plugins.save_model(card_, model, tmp_path)
    loaded = TrainedScorer(tmp_path / "one")
    assert loaded.card == card_
    good, bad, nothing = loaded.score(["真好用太开心了", "又崩了气死我了", "//@某人:好"])
    assert good is not None
    assert bad is not None
    assert good > bad
    assert nothing is None


def test_too_few_posts_or_random_labels_are_refused() -> None:
    with pytest.raises(BadInput, match="20 are needed"):
        training.train("x", "bayes", *labelled_texts(5), ("zh",))
    same = ["一样的话"] * 120
    shuffled = ["good" if i % 2 else "bad" for i in range(len(same))]
    with pytest.raises(BadInput):
        training.train("x", "ngrams", same, shuffled, ("zh",))


@pytest.mark.parametrize("kind", training.KINDS)
def test_a_damaged_model_is_named_in_the_error(kind: str, tmp_path: Path) -> None:
    card_, model = training.train("m", kind, *labelled_texts(25), ("zh",))
    folder = plugins.save_model(card_, model, tmp_path)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(BadInput, match="m"):
            TrainedScorer(folder).score(["好"])
        path.write_bytes(whole)
    assert TrainedScorer(folder).score(["真好用"])
