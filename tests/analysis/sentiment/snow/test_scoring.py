"""Scores equal `SnowNLP(text).sentiments` to the bit, for every text that snownlp accepts."""

import gzip
import random
import struct
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snownlp import SnowNLP, seg, sentiment
from snownlp.seg.seg import Seg
from snownlp.sentiment import Sentiment

from analysis.sentiment.snow.cache import load_tables
from analysis.sentiment.snow.scoring import ModelFiles, SnowScorer, snownlp_files
from shrug.demo.plan import texts as demo_texts

SPACES = "".join(chr(c) for c in range(0x110000) if chr(c).isspace())


@cache
def scorer() -> SnowScorer:
    return SnowScorer(load_tables())


def bits(score: float | None) -> bytes:
    assert score is not None
    return struct.pack("<d", score)


def check(texts: Sequence[str], ours: SnowScorer | None = None) -> None:
    texts = [text for text in texts if text]
    scores = (ours or scorer()).score(texts)
    for text, score in zip(texts, scores, strict=True):
        assert bits(score) == bits(SnowNLP(text).sentiments), repr(text[:80])


def sentences() -> Iterator[str]:
    for group in (demo_texts()["plain"], demo_texts()["loud"]):
        for kind in group.values():
            for lines in kind.values():
                yield from lines


def test_sentences_of_this_field() -> None:
    check(list(sentences()))


ODD = [
    *SPACES,
    f"你{SPACES}好",
    "\ud83d",
    "\udc00崩了\ud83d",
    "\0",
    "崩\0了",
    "🏳️‍🌈👨‍👩‍👧‍👦",
    "😭" * 200,
    "𠮷𡃁㐀",
    "\u4dff\u4e00\u9fa5\u9fa6",
    "龘靐齉爩",
    "〇一二三",
    "没有 不是 无法",
    "崩了 挂了 宕机 bug 繁忙",
    "ab中cd文ef\u200bgh",
    "é中文é\u0301",
    "1中 2文\t3\x85四",
    "的" * 500,
    "好" * 3000,
    "坏" * 3000,
    "a" * 5000,
]


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:12]))
def test_odd_texts(text: str) -> None:
    check([text])


@pytest.mark.parametrize("run", ["好" * 3000, "我们的服务器崩了" * 400, "龘" * 2000, "x" * 100_000])
def test_long_runs(run: str) -> None:
    check([run])


@pytest.mark.parametrize("run", ["好" * 100_000, "我们的服务器崩了龘" * 11_112])
def test_runs_too_long_for_snownlp_itself(run: str) -> None:
    """snownlp copies the whole path at each character: 100,000 of them would take it hours."""
    (score,) = scorer().score([run])
    assert score in {0.0, 1.0}


def test_characters_unseen_in_training_stand_everywhere() -> None:
    rng = random.Random(4)
    alphabet = "龘靐我们很好的服务器崩了"
    check(["".join(rng.choices(alphabet, k=rng.randint(1, 12))) for _ in range(600)])


han = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
common = st.sampled_from("我你他的了是不在有人这中大来上个国到说们为子和地出道也时年得就那要下以")
anything = st.characters(codec=None)


@settings(max_examples=300)
@given(st.text(anything, max_size=60))
def test_any_text(text: str) -> None:
    check([text])


@settings(max_examples=300)
@given(st.text(st.one_of(han, common, common, st.sampled_from(" ，a1😭")), max_size=40))
def test_chinese_text(text: str) -> None:
    check([text])


@settings(max_examples=50)
@given(st.lists(st.text(st.one_of(common, anything), max_size=20), max_size=12))
def test_a_batch_scores_as_its_texts_do_one_by_one(texts: list[str]) -> None:
    together = scorer().score(texts)
    assert together == [scorer().score([text])[0] for text in texts]
    assert scorer().score(texts * 300, threads=2) == together * 300


def test_overflow_gives_exactly_nothing_or_one() -> None:
    joy, anger = scorer().score(["好" * 3000, "差" * 3000])
    assert {joy, anger} <= {0.0, 1.0}


def test_texts_on_which_snownlp_raises_have_a_defined_score() -> None:
    assert scorer().score(["", "好"])[0] is None
    assert scorer().score([None, 5, b"x"]) == [None, None, None]
    assert scorer().score([]) == []


@pytest.mark.real_data
def test_real_posts(real_data: Path) -> None:
    path = real_data / "weibo-sentiment" / "train.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        posts = [line.rstrip("\n").split("\t")[-1] for line in lines]
    check(random.Random(7).sample(posts, 1000))


def test_a_retrained_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segmenter trained on a few tagged sentences, and a classifier on a few posts."""
    tagged = tmp_path / "tagged.txt"
    words = [("我们", "be"), ("的", "s"), ("服务器", "bme"), ("崩了", "ss"), ("很好", "be")]
    rng = random.Random(3)
    lines = []
    for _ in range(300):
        chosen = rng.choices(words, k=rng.randint(2, 7))
        pairs = [f"{c}/{t}" for word, tags in chosen for c, t in zip(word, tags, strict=True)]
        lines.append(" ".join(pairs))
    tagged.write_text("\n".join(lines), encoding="utf-8")
    segmenter = Seg()
    segmenter.train(str(tagged))
    monkeypatch.setattr(seg, "segger", segmenter)
    classifier = Sentiment()
    classifier.train(["服务器崩了", "崩了 崩了 bad"], ["很好", "我们的服务器很好 good"])
    monkeypatch.setattr(sentiment, "classifier", classifier)
    segmenter.save(str(tmp_path / "seg.marshal"), True)
    classifier.save(str(tmp_path / "sentiment.marshal"), False)
    files = ModelFiles(
        tmp_path / "seg.marshal.3", tmp_path / "sentiment.marshal.3", snownlp_files().stop_words
    )
    ours = SnowScorer(load_tables(files, tmp_path / "cache"))
    alphabet = "我们的服务器崩了很好龘 abad"
    check(["".join(rng.choices(alphabet, k=rng.randint(1, 15))) for _ in range(500)], ours)
    assert ours.score(["好" * 20]) != scorer().score(["好" * 20])
