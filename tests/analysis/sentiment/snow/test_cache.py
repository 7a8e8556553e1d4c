"""Tables on disk: made once, whole or not at all, made anew where they are damaged or stale."""

import gzip
import marshal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.sentiment.snow.cache import META, tables
from analysis.sentiment.snow.model import segmenter
from analysis.sentiment.snow.scoring import SnowScorer, snownlp_files
from db.core.errors import BadInput

TEXT = "Kimi宕机，论文写不完了想哭"
START = """
import sys
from pathlib import Path
from analysis.sentiment.snow.cache import tables
from analysis.sentiment.snow.scoring import SnowScorer
print(SnowScorer(tables(home=Path(sys.argv[1]))).score([sys.argv[2]])[0])
"""


def started(home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", START, str(home), TEXT], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def score(home: Path) -> float | None:
    return SnowScorer(tables(home=home)).score([TEXT])[0]


@pytest.fixture(scope="module")
def right() -> float | None:
    from snownlp import SnowNLP

    found: float = SnowNLP(TEXT).sentiments
    return found


def test_two_first_starts_at_once_leave_one_whole_cache(tmp_path: Path, right: float) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(started, [tmp_path, tmp_path]))
    assert found == [str(right), str(right)]
    (kept,) = tmp_path.iterdir()
    assert (kept / META).exists()


@pytest.mark.parametrize("damage", ["cut", "changed", "missing", "meta", "empty"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, right: float, damage: str) -> None:
    assert score(tmp_path) == right
    (kept,) = tmp_path.iterdir()
    victim = kept / "words.npy"
    whole = victim.read_bytes()
    if damage == "cut":
        victim.write_bytes(whole[: len(whole) // 2])
    elif damage == "changed":
        victim.write_bytes(whole[:-8] + bytes(8))
    elif damage == "missing":
        victim.unlink()
    elif damage == "meta":
        (kept / META).write_text("{")
    else:
        for path in kept.iterdir():
            path.unlink()
    assert score(tmp_path) == right
    assert victim.read_bytes() == whole


def test_where_nothing_can_be_kept_scores_are_the_same(tmp_path: Path, right: float) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    assert score(in_the_way) == right


def test_another_model_gets_tables_of_its_own(tmp_path: Path) -> None:
    stop = tmp_path / "stop.txt"
    stop.write_text("论文\n", encoding="utf-8")
    home = tmp_path / "home"
    own = SnowScorer(tables(replace(snownlp_files(), stop_words=stop), home)).score([TEXT])
    assert own != [score(home)]
    assert len(list(home.iterdir())) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a model",
        b"{" * 200,
        gzip.compress(b"\xfb" + b"\xda\x02l2" * 50, mtime=0),
        b"\x1f\x8bxx",
    ],
)
def test_a_file_that_is_no_model_is_bad_input(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "seg.marshal.3"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"seg\.marshal\.3"):
        segmenter(path)


def test_a_model_cut_off_anywhere_is_bad_input(tmp_path: Path) -> None:
    whole = gzip.decompress(snownlp_files().segmenter.read_bytes())
    path = tmp_path / "seg.marshal.3"
    for size in (70, 1000, 99_999, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:size])
        with pytest.raises(BadInput):
            segmenter(path)


@pytest.mark.parametrize("name", ["l1", "uni", "bi", "tri"])
def test_a_model_that_lacks_a_part_is_bad_input(tmp_path: Path, name: str) -> None:
    counter = {"d": {}, "total": 0}
    whole = {"l1": 0.1, "l2": 0.2, "l3": 0.7, "uni": counter, "bi": counter, "tri": counter}
    path = tmp_path / "seg.marshal.3"
    for damaged in ({k: v for k, v in whole.items() if k != name}, {**whole, "bi": {"d": {5: 1}}}):
        path.write_bytes(marshal.dumps(damaged))
        with pytest.raises(BadInput):
            segmenter(path)


def test_the_counts_are_those_that_snownlp_loads() -> None:
    from snownlp import seg

    model, loaded = segmenter(snownlp_files().segmenter), seg.segger.segger
    tags = {"b": 0, "m": 1, "e": 2, "s": 3}

    def state(pair: tuple[str, str]) -> int:
        return 4 if pair[1] == "BOS" else ord(pair[0]) * 8 + tags[pair[1]]

    assert model.weights == (loaded.l1, loaded.l2, loaded.l3)
    for name in ("uni", "bi", "tri"):
        counts, theirs = getattr(model, name), getattr(loaded, name)
        single = name == "uni"
        keys = [[state(k)] if single else [state(part) for part in k] for k in theirs.d]
        assert counts.keys.tolist() == keys
        assert counts.values.tolist() == [float(v) for v in theirs.d.values()]
        assert counts.total == theirs.total
