import gzip
import random
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snownlp import normal, seg
from snownlp.sentiment import Sentiment

from analysis.labels import labelled_posts
from analysis.sentiment import card, plugins
from analysis.sentiment.field import training as field_training
from analysis.sentiment.field.markers import lexicon, marker, named, token
from analysis.sentiment.quality import quality
from analysis.sentiment.scorers import CARDS, Snownlp, Trained, field
from analysis.sentiment.snow.cache import tables
from analysis.sentiment.snow.model import sentiment
from analysis.sentiment.snow.scoring import SnowScorer
from analysis.sentiment.snow.tables import taught
from analysis.sentiment.trained import bayes, training
from db.core.errors import BadInput
from tests.conftest import REAL_DATA

WEIBO = REAL_DATA / "weibo-sentiment" / "train.tsv.gz"


def weibo() -> tuple[list[str], list[str]]:
    if not WEIBO.is_file():
        pytest.skip(f"the labelled Weibo posts are not there: {WEIBO}")
    with gzip.open(WEIBO, "rt", encoding="utf-8") as file:
        rows = [line.split("\t", 1) for line in file if line.strip()]
    return [text for _, text in rows], ["good" if label == "1" else "bad" for label, _ in rows]


def test_the_field_model_is_what_its_script_makes(tmp_path: Path) -> None:
    field_training.learn(tmp_path)
    for path in CARDS.rglob("*.*"):
        assert (tmp_path / path.relative_to(CARDS)).read_bytes() == path.read_bytes(), path.name


def test_the_field_model_scores_as_snownlp_itself_would(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = Sentiment()
    theirs.load(str(CARDS / "snownlp-field" / "sentiment.marshal"))
    monkeypatch.setattr(normal, "stop", set())
    ours = SnowScorer(taught(tables(), sentiment(CARDS / "snownlp-field" / bayes.FILE)))
    texts = [
        marker().mark(p.text) for part in labelled_posts.PARTS for p in labelled_posts.read(part)
    ]
    for text, score in zip(texts, ours.score(texts), strict=True):
        assert score is not None
        assert struct.pack("<d", score) == struct.pack("<d", theirs.classify(text)), text


def test_outage_sentences_that_it_did_not_learn_from_are_told_apart() -> None:
    for part, least in (("held", 0.9), ("fresh", 0.85)):
        posts = [p for p in labelled_posts.read(part) if p.lang == "zh"]
        texts, labels = [p.text for p in posts], [p.feeling for p in posts]
        ours = quality(part, field().score(texts), labels, 0.5)
        plain = quality(part, Snownlp().score(texts), labels, 0.5)
        assert ours.accuracy.share >= least
        assert ours.auc > 0.93 > plain.auc
    good, bad = field().score(["DeepSeek恢复了，太好了", "Kimi宕机，论文写不完了想哭"])
    assert good is not None
    assert bad is not None
    assert bad < 0.2 < 0.8 < good


@pytest.mark.real_data
def test_posts_of_strangers_are_told_apart_better_than_by_plain_snownlp() -> None:
    texts, labels = weibo()
    assert quality("", field().score(texts), labels, 0.5).auc >= 0.78
    assert quality("", Snownlp().score(texts), labels, 0.5).auc < 0.66


@pytest.mark.real_data
@pytest.mark.parametrize(("kind", "least"), [("ngrams", 0.92), ("bayes", 0.87)])
def test_trained_on_half_it_tells_the_other_half_apart(
    kind: str, least: float, tmp_path: Path
) -> None:
    texts, labels = weibo()
    made, model = training.train("w", kind, texts[::2], labels[::2], ("zh",))
    scorer = Trained(plugins.keep(made, model, tmp_path))
    other = quality("other half", scorer.score(texts[1::2]), labels[1::2], made.threshold)
    assert other.auc >= least
    # Cross-validation foresaw it, and scores are probabilities now.
    assert other.auc == pytest.approx(made.measured[0].auc, abs=0.015)
    for number, rate in enumerate(other.bins):
        assert rate.share == pytest.approx((number + 0.5) / 10, abs=0.13)


def own_words_made() -> st.SearchStrategy[str]:
    names = [*lexicon().signs, *lexicon().words, *lexicon().negators]
    plain = st.text(
        st.characters(exclude_categories=["Co", "Cs"], exclude_characters="¬"), max_size=4
    )
    parts = st.one_of(st.sampled_from(names), plain, st.sampled_from("不没的，。 \n"))
    return st.lists(parts, max_size=12).map("".join)


@settings(max_examples=200)
@given(own_words_made())
def test_words_are_cut_as_snownlp_cuts_them(text: str) -> None:
    marked = marker().mark(text)
    expected = seg.seg(marked) if marked else []
    assert SnowScorer(tables()).words([marked]) == [expected]


@settings(max_examples=200)
@given(own_words_made())
def test_marks_keep_all_but_negators_in_order(text: str) -> None:
    marked = "".join(named(marker().mark(text)).replace("¬", "").split())
    rest = iter("".join(text.lower().split()))
    assert all(character in rest for character in marked)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("今天开心[允悲]", ["今天", "开心", "[允悲]"]),
        ("一点都不开心", ["一点", "都", "¬开心"]),
        ("没有崩了", ["¬崩了"]),
        ("GOOD[Good]", ["good", "[good]"]),
        ("😭😭", ["😭", "😭"]),
        ("\U000f5f00心", ["心"]),
    ],
)
def test_what_is_marked(text: str, tokens: list[str]) -> None:
    found = [named(word) for word in SnowScorer(tables()).words([marker().mark(text)])[0]]
    assert found == tokens


def test_a_stranger_can_not_write_tokens() -> None:
    forged = token("开心")
    assert forged not in marker().mark(f"a {forged} b")


LABELS = [("真好用太开心了", "good"), ("又崩了气死我了", "bad"), ("今天发布了新版本", "neutral")]


def few(number: int) -> tuple[list[str], list[str]]:
    rng = random.Random(0)
    rows = [(f"{text}{rng.randint(0, 9)}", label) for text, label in LABELS for _ in range(number)]
    return [text for text, _ in rows], [label for _, label in rows]


@pytest.mark.parametrize("kind", training.KINDS)
def test_the_same_labels_give_the_same_model(kind: str, tmp_path: Path) -> None:
    texts, labels = few(25)
    steps: list[None] = []
    card_, model = training.train("one", kind, texts, labels, ("zh",), lambda: steps.append(None))
    again, _ = training.train("one", kind, texts, labels, ("zh",))
    assert card_ == again
    assert len(steps) == training.FOLDS + 1
    plugins.keep(card_, model, tmp_path)
    kept = Trained(tmp_path / "one")
    assert kept.card == card_
    good, bad, nothing = kept.score(["真好用太开心了", "又崩了气死我了", "//@某人:好"])
    assert good is not None
    assert bad is not None
    assert good > bad
    assert nothing is None


def test_too_few_posts_or_labels_without_sense_are_refused() -> None:
    with pytest.raises(BadInput, match="20 are needed"):
        training.train("x", "bayes", *few(5), ("zh",))
    same = ["一样的话"] * 120
    shuffled = ["good" if i % 2 else "bad" for i in range(len(same))]
    with pytest.raises(BadInput):
        training.train("x", "ngrams", same, shuffled, ("zh",))


@pytest.mark.parametrize("kind", training.KINDS)
def test_a_damaged_model_is_named(kind: str, tmp_path: Path) -> None:
    card_, model = training.train("m", kind, *few(25), ("zh",))
    folder = plugins.keep(card_, model, tmp_path)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(BadInput, match="m"):
            Trained(folder).score(["好"])
        path.write_bytes(whole)
    assert Trained(folder).score(["真好用"])


def test_names_of_scorers(tmp_path: Path) -> None:
    assert plugins.names(tmp_path) == ["snownlp", "snownlp-field", "vader"]
    for name in ("snownlp", "../x", "", "A", "x" * 41, ".hidden"):
        with pytest.raises(BadInput):
            plugins.free(name, tmp_path, replace=True)
    plugins.free("mine", tmp_path, replace=False)
    (tmp_path / "mine").mkdir()
    with pytest.raises(BadInput, match="--replace"):
        plugins.free("mine", tmp_path, replace=False)
    with pytest.raises(BadInput, match="there are snownlp"):
        plugins.named("../../etc", tmp_path)


PLUGIN = """
class Shouting:
    model, version, languages = "shouting", "1", ("en",)
    card = None
    def score(self, texts, threads=1):
        return [0.0 if text.isupper() else 1.0 for text in texts]
"""


def test_a_scorer_of_somebody_else_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shouting.py").write_text(PLUGIN)
    info = tmp_path / "shouting-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[shrug.scorers]\nshouting = shouting:Shouting\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "shouting" in plugins.names(tmp_path / "none")
    assert plugins.named("shouting", tmp_path / "none").score(["DOWN AGAIN", "fine"]) == [0.0, 1.0]


def test_cards_of_bundled_scorers_can_be_read() -> None:
    for name in ("snownlp", "snownlp-field", "vader"):
        found = card.read(CARDS / name)
        assert found.name == name
        assert found.errors.what == "held_out"
