import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.text.wording import author_text


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        ("DeepSeek崩了，气死//@某人:别急//@另一人:哈哈", "DeepSeek崩了，气死"),
        ("转发微博", ""),
        ("转发微博//@某人:崩了", ""),
        ("回复@某人:我也是", "我也是"),
        ("#DeepSeek崩了# 又来", "又来"),
        ("看看 https://t.cn/abc 这个", "看看 这个"),
        ("down again #deepseek #ai", "down again"),
        ("a &lt;3 b &amp; c", "a <3 b & c"),
        ("C# and F# are languages", "C# and F# are languages"),
        ("http://a.b // no chain", "// no chain"),
        ("@… look at this", "look at this"),
    ],
)
def test_only_what_the_author_wrote_is_scored(post: str, expected: str) -> None:
    assert author_text(post) == expected
    assert author_text(expected) == expected


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_author_text_is_never_longer_than_the_post(text: str) -> None:
    assert len(author_text(text)) <= len(text)
