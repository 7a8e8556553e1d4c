import re
import unicodedata

import ftfy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.text.cleaning import (
    _FTFY_CONFIG,
    _NAME,
    MAX_LENGTH,
    clean,
    fingerprint,
    fold,
    fold_all,
)


@given(st.text(max_size=300))
def test_clean_text_can_be_stored(text: str) -> None:
    done = clean(text)
    done.encode("utf-8")
    assert "\0" not in done
    assert not any(unicodedata.category(c) == "Cc" for c in done if c != "\n")


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("DeepSeekå´©äº†", "DeepSeek崩了"),
        ("宕机，写不完了！", "宕机，写不完了！"),
        ("hey @someone@mastodon.social look", "hey @… look"),
        ("half \ud83d character\0", "half character"),
        ("a \t b\n\n\n c", "a b\nc"),
    ],
)
def test_clean(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@given(
    st.text(
        st.one_of(
            st.characters(max_codepoint=0x250),
            st.sampled_from("å´©äº†é â€™崩了\ue000\ufeff\u2028\x1b[0m\u0301 \t\n@."),
            st.characters(),
        ),
        max_size=60,
    )
)
def test_cleaning_repairs_what_ftfy_repairs(text: str) -> None:
    whole = text.encode("utf-8", "ignore").decode("utf-8")
    mended = ftfy.fix_text(whole, _FTFY_CONFIG)
    shown = "".join(
        c for c in mended if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Co"}
    )
    lines = re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", shown)).strip()
    assert clean(text) == _NAME.sub("@…", lines)


@given(st.lists(st.text(max_size=30), max_size=6))
def test_texts_fold_together_as_they_do_alone(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]


def test_ten_megabytes_of_emoji_are_cut() -> None:
    assert len(clean("😭" * 2_500_000)) <= MAX_LENGTH


def test_fold_joins_case_width_and_script() -> None:
    assert fold("ＤｅｅｐＳｅｅｋ 當機") == "deepseek 当机"


def test_near_copies_share_a_fingerprint() -> None:
    original = fingerprint("DeepSeek崩了，论文写不完了")
    assert fingerprint("DeepSeek崩了，论文写不完了！！😭 https://t.cn/abc") == original
    assert fingerprint("@… DeepSeek崩了 论文写不完了") == original
    assert fingerprint("Kimi崩了，论文写不完了") != original


@given(st.text(max_size=50))
def test_a_fingerprint_fits_a_signed_64_bit_column(text: str) -> None:
    assert -(2**63) <= fingerprint(text) < 2**63
