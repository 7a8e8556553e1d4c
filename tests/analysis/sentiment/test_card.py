import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sentiment.card import CARD_FILE, load_card
from analysis.sentiment.scorers import CARDS
from db.core.errors import BadInput

NAMES = ("snownlp", "snownlp-field", "vader")


@pytest.mark.parametrize("name", NAMES)
def test_bundled_cards_are_written_as_they_were_read(name: str, tmp_path: Path) -> None:
    card = load_card(CARDS / name)
    assert card.name == name
    assert card.reference_quality.what == "held_out"
    card.write(tmp_path)
    assert (tmp_path / CARD_FILE).read_bytes() == (CARDS / name / CARD_FILE).read_bytes()


@given(st.floats(), st.floats())
def test_calibrated_scores_are_probabilities_in_the_same_order(a: float, b: float) -> None:
    low, high = load_card(CARDS / "snownlp-field").calibrate([a, b])
    assert (low is None) == (not math.isfinite(a))
    if low is not None and high is not None:
        assert 0 <= low <= 1
        assert (low <= high) if a <= b else (low >= high)


@pytest.mark.parametrize("damage", ["cut", "key", "type", "missing"])
def test_a_damaged_card_is_bad_input_on_one_line(tmp_path: Path, damage: str) -> None:
    text = (CARDS / "vader" / CARD_FILE).read_text(encoding="utf-8")
    value = json.loads(text)
    if damage == "cut":
        text = text[: len(text) // 2]
    elif damage == "key":
        del value["threshold"]
        text = json.dumps(value)
    elif damage == "type":
        text = json.dumps({**value, "measured": 5})
    if damage != "missing":
        (tmp_path / CARD_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"card\.json: not a model's card") as raised:
        load_card(tmp_path)
    assert "\n" not in str(raised.value)
