"""Detection of a post's language: zh, en or other."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]+")
_NOISE = re.compile(r"https?://\S+|@\S+")
# Han weighs more than a letter: a Chinese word is two characters, an English one five.
_HAN_WEIGHT = 2.5
_ASCII_NON_LETTERS = bytes(c for c in range(128) if not chr(c).isalpha())
_HAN_RATIO = 0.5
_FEW_LETTERS = 25


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(["en", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "sv", "id"])
    return identifier


def detect(text: str) -> str:
    """Return zh, en or other; digits, symbols, links and account names do not count."""
    if "@" in text or "://" in text:
        text = _NOISE.sub(" ", text)
    if text.isascii():
        latin = len(text.encode("ascii").translate(None, _ASCII_NON_LETTERS))
        return _classify_latin(text, latin) if latin else "other"
    letters = "".join(filter(str.isalpha, text))
    han = sum(map(len, _HAN.findall(letters)))
    if sum(map(len, _KANA_HANGUL.findall(letters))) > 0.1 * len(letters):
        return "other"
    if han and han * _HAN_WEIGHT >= _HAN_RATIO * (len(letters) - han):
        return "zh"
    latin = len(letters.encode("ascii", "ignore"))
    if not letters or latin < 0.8 * len(letters):
        return "other"
    return _classify_latin(text, len(letters))


def _classify_latin(text: str, letters: int) -> str:
    """Return en or other for a text with this many Latin letters."""
    code, share = _identifier().classify(text)
    # A handful of words is too little to call plain Latin letters anything else.
    return "en" if code == "en" or (letters < _FEW_LETTERS and share < 0.9) else "other"
