import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snownlp import seg

from analysis.sentiment.field.markers import decode_token, encode_token, lexicon, marker
from analysis.sentiment.snow.cache import load_tables
from analysis.sentiment.snow.scoring import SnowScorer


def texts_with_signs() -> st.SearchStrategy[str]:
    names = [*lexicon().signs, *lexicon().words, *lexicon().negators]
    plain = st.text(
        st.characters(exclude_categories=["Co", "Cs"], exclude_characters="¬"), max_size=4
    )
    parts = st.one_of(st.sampled_from(names), plain, st.sampled_from("不没的，。 \n"))
    return st.lists(parts, max_size=12).map("".join)


@settings(max_examples=200)
@given(texts_with_signs())
def test_segmentation_is_that_of_snownlp(text: str) -> None:
    marked = marker().mark(text)
    expected = seg.seg(marked) if marked else []
    assert SnowScorer(load_tables()).words([marked]) == [expected]


@settings(max_examples=200)
@given(texts_with_signs())
def test_marking_keeps_all_but_negators_in_order(text: str) -> None:
    marked = "".join(decode_token(marker().mark(text)).replace("¬", "").split())
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
def test_signs_and_words_become_tokens(text: str, tokens: list[str]) -> None:
    words = [
        decode_token(word) for word in SnowScorer(load_tables()).words([marker().mark(text)])[0]
    ]
    assert words == tokens


def test_a_text_can_not_contain_tokens() -> None:
    forged = encode_token("开心")
    assert forged not in marker().mark(f"a {forged} b")
