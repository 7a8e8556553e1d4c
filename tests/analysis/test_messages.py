"""The catalogue of messages: complete in both languages, without duplicates, and all in use."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from analysis.messages import CATALOGUE, LANGUAGES, Messages, catalogue
from tests.paths import ROOT

SOURCES = [
    path
    for folder in ("analysis", "crawler", "db", "docs", "shrug")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".j2", ".html"}
]
# How code builds keys from a prefix and a name: f"state_{…}", "state_" ~ … in templates, and
# titles(…, kind="doctor") of a table's columns.
BUILT = (
    re.compile(r"""f["']([a-z0-9_]+_)\{"""),
    re.compile(r"""["']([a-z0-9_]+_)["']\s*~"""),
    re.compile(r"""\bkind(?:: str )?\s*=\s*"([a-z]+)\""""),
)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def names_in(path: Path) -> Iterator[str]:
    yield from re.findall(r"\w+", path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Every word of the code and its catalogues; names of enumerations in lower case."""
    catalogues = [*(ROOT / "db" / "catalog").glob("*.yaml"), *(ROOT / "analysis").rglob("*.yaml")]
    files = [*SOURCES, *(path for path in catalogues if path != CATALOGUE)]
    return {name.lower() for path in files for name in names_in(path)}


@pytest.fixture(scope="module")
def prefixes() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES]
    matches = {match for text in texts for built in BUILT for match in built.findall(text)}
    return {f"{match.rstrip('_')}_" for match in matches}


def test_no_key_stands_twice() -> None:
    keys = re.findall(r"^(\w+):", CATALOGUE.read_text(encoding="utf-8"), re.M)
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert set(keys) == set(catalogue())


def test_every_message_has_both_languages_with_the_same_placeholders() -> None:
    for key, texts in catalogue().items():
        assert set(texts) == set(LANGUAGES), key
        assert all(text.strip() for text in texts.values()), key
        assert placeholders(texts["en"]) == placeholders(texts["zh"]), key


def test_placeholders_are_named() -> None:
    texts = [text for message in catalogue().values() for text in message.values()]
    assert [text for text in texts if not all(map(str.isidentifier, placeholders(text)))] == []


def test_every_key_is_used(names: set[str], prefixes: set[str]) -> None:
    unused = [
        key
        for key in catalogue()
        if key not in names
        and not any(
            key.startswith(prefix) and key.removeprefix(prefix) in names for prefix in prefixes
        )
    ]
    assert unused == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_values_are_formatted_by_locale(lang: str) -> None:
    text = Messages(lang)("cli_imported", read=1234567, new=0, bad=None)
    assert "1,234,567" in text
    assert "–" in text
