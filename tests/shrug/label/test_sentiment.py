"""`shrug sentiment` and `shrug score`: training, judging, choosing a scorer, and using it."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from analysis.labels import labelled_posts
from analysis.sentiment.card import ModelCard
from analysis.sentiment.scorers import Scorer
from db.core.engine import Store
from db.core.records import NewMention
from db.counts import languages as counts_languages
from db.posts import labels as posts_labels
from db.posts import storage
from shrug.label import acts, sentiment
from tests.conftest import Run
from tests.db.samples import HOUR, T0, new_post, page


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.tsv"
    rows = [
        p for part in ("learn", "held") for p in labelled_posts.load_posts(part) if p.lang == "zh"
    ]
    path.write_text(
        "feeling\tother\ttext\n" + "".join(f"{p.feeling}\t\t{p.text}\n" for p in rows),
        encoding="utf-8",
    )
    return path


@pytest.fixture
def stored(store: Store) -> Store:
    """Posts on DeepSeek: four complain, one of them twice and once as a near-copy; one is fine."""
    lines = [
        "DeepSeek崩了，气死我了",
        "DeepSeek又崩了，想哭",
        "DeepSeek打不开，烦",
        "DeepSeek真好用",
    ]
    new = [
        new_post(
            f"{i}", T0 + i * HOUR / 10, text=line, lang="zh", fingerprint=i, author=f"a{i % 3}"
        )
        for i, line in enumerate(lines)
    ]
    new.append(new_post("copy", T0 + HOUR / 2, text=lines[0], lang="zh", fingerprint=0))
    both = (NewMention("deepseek", "subject"), NewMention("kimi", "alternative"))
    line = "DeepSeek崩了，改用Kimi了"
    new.append(new_post("s", T0, text=line, lang="zh", fingerprint=9, author="b", mentions=both))
    with store.writing() as connection:
        storage.store_page(connection, page(), new)
    return store


def scored(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        rows = connection.execute(text("select model, count(*) from scores group by model"))
        return dict(rows.all())


@pytest.mark.parametrize("kind", ["ngrams", "bayes"])
def test_a_scorer_is_trained_judged_chosen_and_used(
    run: Run, labels: Path, stored: Store, kind: str
) -> None:
    code, out, err = run("sentiment", "train", labels, "--kind", kind, database=False)
    assert code == 0, err
    assert "AUC: 0.9" in out
    assert "Calibration" in out
    assert "shrug sentiment use mine" in err
    code, out, _ = run(
        "sentiment", "evaluate", labels, "--scorer", "mine", "--json", database=False
    )
    assert code == 0
    assert json.loads(out)["auc"] > 0.95
    assert run("score")[0] == 0
    assert scored(stored) == {"snownlp-field": 6}
    assert run("sentiment", "use", "mine")[0] == 0
    code, out, _ = run("sentiment", "list")
    used = {line.split()[0] for line in out.splitlines() if line.rstrip().endswith("yes")}
    assert used == {"mine", "vader"}
    assert run("score", "--threads", "2")[0] == 0
    assert scored(stored) == {"snownlp-field": 6, "mine": 6}
    assert run("score", "--again")[0] == 0
    assert scored(stored) == {"snownlp-field": 6, "mine": 6}


def test_a_missing_scorer_is_named(run: Run, labels: Path, tmp_path: Path) -> None:
    run("sentiment", "train", labels, "--kind", "bayes", database=False)
    run("sentiment", "use", "mine")
    (tmp_path / "models" / "mine").rename(tmp_path / "elsewhere")
    code, _, err = run("score")
    assert code == 2
    assert "no scorer is called 'mine'" in err
    assert run("sentiment", "use", "snownlp-field")[0] == 0
    assert run("score")[0] == 0


def test_a_damaged_scorer_does_not_hide_the_others(run: Run, labels: Path, tmp_path: Path) -> None:
    run("sentiment", "train", labels, "--kind", "bayes", database=False)
    half_written = tmp_path / "models" / ".other.x"
    half_written.mkdir()
    (half_written / "card.json").write_text("{}")
    (tmp_path / "models" / "mine" / "card.json").write_text("{")
    code, out, err = run("sentiment", "list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()][1:] == [
        "snownlp",
        "snownlp-field",
        "vader",
    ]
    assert str(tmp_path / "models" / "mine") in err


def test_training_again_needs_the_option_replace(run: Run, labels: Path) -> None:
    assert run("sentiment", "train", labels, "--kind", "bayes", database=False)[0] == 0
    code, _, err = run("sentiment", "train", labels, "--kind", "bayes", database=False)
    assert code == 2
    assert "--replace" in err
    code, out, _ = run(
        "sentiment", "train", labels, "--kind", "bayes", "--replace", "--json", database=False
    )
    assert code == 0
    assert json.loads(out)["name"] == "mine"
    assert run("sentiment", "train", labels, "--name", "vader", database=False)[0] == 2
    assert run("sentiment", "train", labels, "--kind", "magic", "--replace", database=False)[0] == 2


@pytest.mark.parametrize(
    ("name", "content", "good", "bad"),
    [
        ("a.tsv", b'1\t"quoted, but open\n0\tbad\nx\tno label\n1\t\n1\n', 2, 3),
        ("a.csv", '标签,text\n积极,"一行\n两行"\n负面,好,多\n'.encode(), 2, 0),
        (
            "a.jsonl",
            b'{"label": "pos", "text": "a"}\n{broken\n{"label": 0, "text": "b"}\n[]\n',
            2,
            2,
        ),
        ("a.tsv.gz", gzip.compress("\ufeffgood\t好\n".encode(), mtime=0), 1, 0),
    ],
)
def test_labelled_files_are_read_and_bad_lines_named(
    run: Run, tmp_path: Path, name: str, content: bytes, good: int, bad: int
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    code, out, err = run("sentiment", "evaluate", path, "--json", database=False)
    assert code == (1 if bad else 0)
    quality = json.loads(out)
    assert quality["good"] + quality["bad"] == good
    assert err.count("Refused") == bad
    assert err.count(f"{path}:") == bad


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00good\t\xff\n", gzip.compress(b"good\tx\n" * 9, mtime=0)[:-9]]
)
def test_an_unreadable_file_ends_in_one_line(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(content)
    code, _, err = run("sentiment", "evaluate", path, database=False)
    assert code == 2
    assert str(path) in err
    assert len(err.strip().splitlines()) == 1
    assert run("sentiment", "evaluate", tmp_path / "none.tsv", database=False)[0] == 2


def test_scoring_also_labels_acts(run: Run, stored: Store) -> None:
    assert run("score")[0] == 0
    with stored.reading() as connection:
        authors = posts_labels.acts_by_author(connection, "deepseek", T0, T0 + HOUR)
        turned = posts_labels.switch_targets(connection, "deepseek", T0, T0 + HOUR)
        without = posts_labels.acts_by_author(
            connection, "deepseek", T0, T0 + HOUR, [(T0, T0 + HOUR / 20)]
        )
    complaint = posts_labels.FLAGS.index("complaint")
    # The near-copy is nobody's, author a0 wrote two posts.
    assert sorted(a.posts for a in authors) == [1, 1, 1, 2]
    assert sum(a.acts[complaint] for a in authors) == 3
    assert sum(a.naming_others for a in authors) == 1
    assert turned == [("kimi", 1)]
    # Without the first one its copy is the first of its kind.
    assert sum(a.posts for a in without) == 4


def test_labelling_goes_on_in_batches_until_nothing_is_pending(
    stored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "POSTS_PER_BATCH", 2)
    total = acts.count_pending(stored)
    assert total == 7
    assert acts.label_posts(stored) == total
    assert acts.count_pending(stored) == acts.label_posts(stored) == 0


@dataclass
class Meddling:
    """A scorer while which others change posts."""

    store: Store
    model: str = "meddling"
    version: str = "1"
    languages: tuple[str, ...] = ("zh",)

    @property
    def card(self) -> ModelCard:
        raise NotImplementedError

    def score(self, texts: Sequence[str], threads: int = 1) -> list[float | None]:
        edited = new_post("1", text="DeepSeek好了", lang="zh", fingerprint=77, author="a1")
        with self.store.writing() as connection:
            storage.store_page(connection, replace(page(), deleted=("0",)), [edited])
        return [0.5 for _ in texts]


def test_a_post_edited_during_scoring_waits_for_the_next_run(stored: Store) -> None:
    used: dict[str, Scorer] = {"zh": Meddling(stored)}
    sentiment.score_posts(stored, used)
    assert scored(stored) == {"meddling": 4}
    assert sentiment.count_pending(stored, used) == 1
    sentiment.score_posts(stored, used)
    assert scored(stored) == {"meddling": 5}
    with stored.reading() as connection:
        assert counts_languages.differences(connection) == 0


def test_an_edited_post_is_scored_and_labelled_again(run: Run, stored: Store) -> None:
    run("score")
    same = new_post("0", text="DeepSeek崩了，气死我了", lang="zh", fingerprint=0, author="a0")
    with stored.writing() as connection:
        storage.store_page(connection, page(), [same])
    assert acts.count_pending(stored) == 0
    edited = new_post("0", text="DeepSeek恢复了，开心", lang="zh", fingerprint=77, author="a0")
    with stored.writing() as connection:
        storage.store_page(connection, page(), [edited])
    assert acts.count_pending(stored) == 1
    assert scored(stored) == {"snownlp-field": 5}
    run("score")
    with stored.reading() as connection:
        relief = connection.execute(text("select count(*) from readings where relief")).scalar_one()
    assert relief == 1


def test_a_card_is_shown_in_both_languages(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run("sentiment", "show", "snownlp-field", database=False)
    assert code == 0
    assert "posts written for this project and not used for training" in out
    code, out, _ = run("sentiment", "show", "snownlp-field", "--json", database=False)
    assert json.loads(out)["measured"][-1]["what"] == "held_out"
    assert run("sentiment", "show", "nobody", database=False)[0] == 2
