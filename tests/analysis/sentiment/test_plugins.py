from pathlib import Path

import pytest

from analysis.sentiment import plugins
from db.core.errors import BadInput


def test_names_of_scorers_are_listed_and_checked(tmp_path: Path) -> None:
    assert plugins.scorer_names(tmp_path) == ["snownlp", "snownlp-field", "vader"]
    for name in ("snownlp", "../x", "", "A", "x" * 41, ".hidden"):
        with pytest.raises(BadInput):
            plugins.check_name(name, tmp_path, replace=True)
    plugins.check_name("mine", tmp_path, replace=False)
    (tmp_path / "mine").mkdir()
    with pytest.raises(BadInput, match="--replace"):
        plugins.check_name("mine", tmp_path, replace=False)
    with pytest.raises(BadInput, match="there are snownlp"):
        plugins.load_scorer("../../etc", tmp_path)


PLUGIN = """
class Shouting:
    model, version, languages = "shouting", "1", ("en",)
    card = None
    def score(self, texts, threads=1):
        return [0.0 if text.isupper() else 1.0 for text in texts]
"""


def test_a_plugin_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shouting.py").write_text(PLUGIN)
    info = tmp_path / "shouting-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[shrug.scorers]\nshouting = shouting:Shouting\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "shouting" in plugins.scorer_names(tmp_path / "none")
    assert plugins.load_scorer("shouting", tmp_path / "none").score(["DOWN AGAIN", "fine"]) == [
        0.0,
        1.0,
    ]
