import gzip
import marshal
from pathlib import Path

import pytest

from analysis.sentiment.snow.model import load_segmenter_model
from analysis.sentiment.snow.scoring import snownlp_files
from db.core.errors import BadInput


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
        load_segmenter_model(path)


def test_a_model_cut_off_anywhere_is_bad_input(tmp_path: Path) -> None:
    whole = gzip.decompress(snownlp_files().segmenter.read_bytes())
    path = tmp_path / "seg.marshal.3"
    for size in (70, 1000, 99_999, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:size])
        with pytest.raises(BadInput):
            load_segmenter_model(path)


@pytest.mark.parametrize("name", ["l1", "uni", "bi", "tri"])
def test_a_model_that_lacks_a_part_is_bad_input(tmp_path: Path, name: str) -> None:
    counter = {"d": {}, "total": 0}
    whole = {"l1": 0.1, "l2": 0.2, "l3": 0.7, "uni": counter, "bi": counter, "tri": counter}
    path = tmp_path / "seg.marshal.3"
    for damaged in ({k: v for k, v in whole.items() if k != name}, {**whole, "bi": {"d": {5: 1}}}):
        path.write_bytes(marshal.dumps(damaged))
        with pytest.raises(BadInput):
            load_segmenter_model(path)


def test_the_counts_are_those_that_snownlp_loads() -> None:
    from snownlp import seg

    model, loaded = load_segmenter_model(snownlp_files().segmenter), seg.segger.segger
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
