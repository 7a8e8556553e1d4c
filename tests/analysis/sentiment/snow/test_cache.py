"""Tables on disk: made once, whole or not at all, made anew where they are damaged or stale."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.sentiment.snow.cache import META, load_tables
from analysis.sentiment.snow.scoring import SnowScorer, snownlp_files

TEXT = "Kimi宕机，论文写不完了想哭"
START = """
import sys
from pathlib import Path
from analysis.sentiment.snow.cache import load_tables
from analysis.sentiment.snow.scoring import SnowScorer
print(SnowScorer(load_tables(home=Path(sys.argv[1]))).score([sys.argv[2]])[0])
"""


def score_in_new_process(home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", START, str(home), TEXT], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def score(home: Path) -> float | None:
    return SnowScorer(load_tables(home=home)).score([TEXT])[0]


@pytest.fixture(scope="module")
def expected() -> float | None:
    from snownlp import SnowNLP

    scores: float = SnowNLP(TEXT).sentiments
    return scores


def test_two_first_starts_at_once_leave_one_complete_cache(tmp_path: Path, expected: float) -> None:
    with ThreadPoolExecutor(2) as pool:
        scores = list(pool.map(score_in_new_process, [tmp_path, tmp_path]))
    assert scores == [str(expected), str(expected)]
    (folder,) = tmp_path.iterdir()
    assert (folder / META).exists()


@pytest.mark.parametrize("damage", ["cut", "changed", "missing", "meta", "empty"])
def test_a_damaged_cache_is_rebuilt(tmp_path: Path, expected: float, damage: str) -> None:
    assert score(tmp_path) == expected
    (folder,) = tmp_path.iterdir()
    victim = folder / "words.npy"
    whole = victim.read_bytes()
    if damage == "cut":
        victim.write_bytes(whole[: len(whole) // 2])
    elif damage == "changed":
        victim.write_bytes(whole[:-8] + bytes(8))
    elif damage == "missing":
        victim.unlink()
    elif damage == "meta":
        (folder / META).write_text("{")
    else:
        for path in folder.iterdir():
            path.unlink()
    assert score(tmp_path) == expected
    assert victim.read_bytes() == whole


def test_without_a_writable_cache_scores_are_the_same(tmp_path: Path, expected: float) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    assert score(in_the_way) == expected


def test_another_model_gets_tables_of_its_own(tmp_path: Path) -> None:
    stop = tmp_path / "stop.txt"
    stop.write_text("论文\n", encoding="utf-8")
    home = tmp_path / "home"
    scores = SnowScorer(load_tables(replace(snownlp_files(), stop_words=stop), home)).score([TEXT])
    assert scores != [score(home)]
    assert len(list(home.iterdir())) == 2
