import pytest

from analysis.text.language import detect


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
def test_languages_are_detected(text: str, lang: str) -> None:
    assert detect(text) == lang
