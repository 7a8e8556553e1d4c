import re

from hypothesis import given
from hypothesis import strategies as st

from crawler import markup
from crawler.markup import words

CHARACTERS = st.one_of(
    st.sampled_from("ab <>&;p/崩\n\r\t\x0b\x0c\x1c\x85\xa0\u2028\u3000\ufeff\ufffe\x7f"),
    st.characters(exclude_categories=["Cs"]),
)


@given(st.text(CHARACTERS, max_size=40))
def test_text_without_markup_equals_the_parsers_result(fragment: str) -> None:
    plain, markup._PLAIN = markup._PLAIN, re.compile(r"(?!)")
    try:
        parsed = words(fragment)
    finally:
        markup._PLAIN = plain
    assert words(fragment) == parsed
