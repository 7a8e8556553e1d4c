import pytest

from analysis.labels.phrases import compile_phrases


@pytest.mark.parametrize(
    ("phrase", "text", "matches"),
    [
        ("down", "it is down.", True),
        ("down", "download", False),
        ("怎么…啊", "怎么又崩了啊", True),
        ("怎么…啊", "怎么了。好啊", False),
        ("怎么…啊", "怎么" + "很" * 30 + "啊", False),
        ("吗$", "崩了吗？？[泪]", True),
        ("吗$", "崩了吗我问", False),
        ("^rip", "rip chatgpt", True),
        ("^rip", "a rip", False),
        ("a+b(", "a+b(", True),
    ],
)
def test_a_phrase_matches_what_people_write(phrase: str, text: str, matches: bool) -> None:
    pattern = compile_phrases([phrase])
    assert pattern is not None
    assert bool(pattern.search(text)) is matches
