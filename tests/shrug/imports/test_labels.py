"""Labelled posts from JSONL, CSV and TSV."""

import gzip
from pathlib import Path

import pytest

from db.core.errors import BadInput
from shrug.imports.labels import parse_label, read_labels

BODIES = {
    "posts.jsonl": '{"label": "pos", "text": "好用"}\n{"feeling": 0, "text": "down, again"}\n',
    "posts.csv": '1,好用\nbad,"down, again"\n',
    "posts.tsv": "text\tlabel\n好用\tgood\ndown, again\tnegative\n",
}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("name", BODIES)
def test_all_file_formats_give_the_same_posts(tmp_path: Path, name: str, zipped: bool) -> None:
    body = BODIES[name].encode()
    path = tmp_path / (f"{name}.gz" if zipped else name)
    path.write_bytes(gzip.compress(body) if zipped else body)
    posts = read_labels(path)
    assert (posts.labels, posts.texts) == (["good", "bad"], ["好用", "down, again"])
    assert (posts.result.read, posts.result.new, posts.result.bad) == (2, 2, 0)


def test_a_bad_line_is_named_and_labels_stay_beside_their_texts(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    lines = [
        '{"label": "good", "text": "a"}', "[1]", '{"label": "fine", "text": "b"}',
        '{"label": "bad", "text": " "}', '{"label": "bad", "text": "c"}',
    ]  # fmt: skip
    path.write_text("\n".join(lines))
    posts = read_labels(path)
    assert list(zip(posts.labels, posts.texts, strict=True)) == [("good", "a"), ("bad", "c")]
    assert posts.result.bad == 3
    assert [line.rpartition(f"{path}:")[2][0] for line in posts.result.refused] == ["2", "3", "4"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            read_labels(path)


def test_an_unknown_label_is_refused() -> None:
    assert parse_label(" 积极 ") == "good"
    with pytest.raises(ValueError, match="no label that is known"):
        parse_label("fine")
