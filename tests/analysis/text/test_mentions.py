import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrug.label.matcher import matcher


def roles(text: str) -> dict[str, str]:
    return {m.provider: m.role for m in matcher().find(text)}


@pytest.mark.parametrize(
    ("text", "providers"),
    [
        ("DeepSeek崩了", {"deepseek": "subject"}),
        ("DEEPSEEK is down", {"deepseek": "subject"}),
        ("深度求索官网打不开", {"deepseek": "subject"}),
        ("通義千問又崩了", {"qwen": "subject"}),
        ("training with rain in Spain", {}),
        ("deepseekers are not a product", {}),
        ("金元宝一斤多少钱", {}),
        ("腾讯元宝的回答不错", {"yuanbao": "subject"}),
        ("元宝这个AI助手真好用", {"yuanbao": "subject"}),
        ("早餐吃了两个豆包", {}),
        ("豆包崩了", {"doubao": "subject"}),
        ("Gemini season, born in June", {}),
        ("Gemini API returns 503 again", {"gemini": "subject"}),
        ("Claude Monet painted water lilies", {}),
        ("asked Claude and ChatGPT the same", {"claude": "subject", "chatgpt": "subject"}),
        ("文心雕龙是一部书", {}),
        ("DS今天宕机了吗", {"deepseek": "subject"}),
        ("I bought a Nintendo DS", {}),
    ],
)
def test_ambiguous_names_need_context(text: str, providers: dict[str, str]) -> None:
    assert roles(text) == providers


@pytest.mark.parametrize(
    ("text", "subject", "alternative"),
    [
        ("DeepSeek崩了，改用Kimi智能助手写完了", "deepseek", "kimi"),
        ("ChatGPT is down, switched to Claude Code", "chatgpt", "claude"),
        ("ChatGPT is down so I use Grok AI", "chatgpt", "grok"),
    ],
)
def test_a_provider_that_people_switch_to_is_an_alternative(
    text: str, subject: str, alternative: str
) -> None:
    assert roles(text) == {subject: "subject", alternative: "alternative"}


@pytest.mark.parametrize(
    ("title", "provider"),
    [
        ("DeepSeek崩了", "deepseek"),
        ("王者荣耀崩了", "wangzhe"),
        ("kimi崩了", "kimi"),
        ("千问回应活动崩了", "qwen"),
        ("美财长将美股崩盘甩锅DeepSeek", None),
        ("李一桐录跑男时牙崩了", None),
        ("崩坏星穹铁道新角色", None),
        ("崩坏", None),
        ("DeepSeek创始人回应", None),
    ],
)
def test_titles_name_the_provider_that_failed_or_none(title: str, provider: str | None) -> None:
    assert matcher().failed_provider(title) == provider


@given(st.text(max_size=400))
def test_any_text_is_matched_without_failing(text: str) -> None:
    for mention in matcher().find(text):
        assert mention.role in {"subject", "alternative"}
    matcher().failed_provider(text)
