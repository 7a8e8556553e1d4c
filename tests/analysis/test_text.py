import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.language import detect
from analysis.text import MAX_LENGTH, clean, fingerprint, fold


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


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("DeepSeek又崩了，今天写不了论文了", "zh"),
        ("ChatGPT is down again, what do I do now", "en"),
        ("ChatGPT ist schon wieder ausgefallen, und niemand weiß warum", "other"),
        ("ChatGPTがまた落ちた、仕事にならない", "other"),
        ("😭😭😭", "other"),
        ("", "other"),
        ("https://example.com/a/b", "other"),
    ],
)
def test_language(text: str, lang: str) -> None:
    assert detect(text) == lang
