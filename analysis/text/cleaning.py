"""Repair of texts, and forms in which they are compared."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import ftfy
import opencc
from ftfy.badness import is_bad

MAX_LENGTH = 20_000
# Cleaned texts have no control characters, so this one can stand between them.
_SEPARATOR = "\x1f"
_URL = re.compile(r"https?://[^\s<>\"'，。！？、]{1,2000}", re.IGNORECASE)
_NAME = re.compile(r"@[\w.\-]{1,80}(?:@[\w.\-]{1,80})?")
_SPACES = re.compile(r"[^\S\n]+")
# Only from the start of white space: a search from each place of a long run takes its square.
_LINES = re.compile(r"(?<!\s)\s*\n\s*")
_ACCOUNT = "@…"
# ftfy never changes such text.
_ASCII = re.compile(r"[\n -~]*")
_DAMAGE = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u206a-\u206f\ud800-\udfff\ufeff\ufff9-\ufffc]"
)
# Without any of these ftfy finds no mojibake: its categories of mojibake hold no others.
_SUSPECT = re.compile("[\x80-\u25ff\uf8ff\ufb01\ufb02\ufffd]")
# Unicode categories Cc (except the line feed), Cs and Co.
_UNPRINTABLE = re.compile(
    "[\0-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff"
    "\U000f0000-\U000ffffd\U00100000-\U0010fffd]+"
)
# Repair damage, keep style: full-width punctuation is normal in Chinese.
_FTFY_CONFIG = ftfy.TextFixerConfig(
    unescape_html=False,
    uncurl_quotes=False,
    fix_character_width=False,
    fix_latin_ligatures=False,
    normalization="NFC",
)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def clean(text: str) -> str:
    """Return a text that can be stored and shown.

    Encoding damage is repaired (ftfy), control characters and surrogates are removed, account
    names are masked, and the text is cut to MAX_LENGTH characters.
    """
    text = text[:MAX_LENGTH]
    if not (text.isascii() and (text.isprintable() or _ASCII.fullmatch(text))):
        text = _repair(text.encode("utf-8", "ignore").decode("utf-8"))
    if not text.isprintable():
        text = _LINES.sub("\n", _SPACES.sub(" ", _UNPRINTABLE.sub("", text)))
    elif "  " in text:  # a space is the one white space that counts as printable
        text = _SPACES.sub(" ", text)
    text = text.strip()
    return _NAME.sub(_ACCOUNT, text) if "@" in text else text


def _repair(text: str) -> str:
    """Return what ftfy makes of a text; without damage that is only composition (NFC)."""
    if _DAMAGE.search(text) or (_SUSPECT.search(text) and is_bad(text)):
        return ftfy.fix_text(text, _FTFY_CONFIG)
    return unicodedata.normalize("NFC", text)


def simplify(text: str) -> str:
    """Convert traditional Chinese characters to simplified ones, and drop surrogates."""
    converted: str = _converter().convert(text.encode("utf-8", "ignore").decode("utf-8"))
    return converted


def fold(text: str) -> str:
    """Return a text as it is matched: compatibility forms, case and script folded."""
    if text.isascii():
        return text.lower()
    return simplify(unicodedata.normalize("NFKC", text)).casefold()


def fold_all(texts: Sequence[str]) -> list[str]:
    """Fold each text; folding many at once costs less than one by one."""
    if any(_SEPARATOR in text for text in texts):
        return [fold(text) for text in texts]
    return fold(_SEPARATOR.join(texts)).split(_SEPARATOR) if texts else []


def fingerprint(text: str, folded: str | None = None) -> int:
    """Return a signed 64-bit number that near-copies of a text share.

    Links, account names, punctuation, symbols, digits and white space make no difference: a
    repost with another link or a trailing emoji is a copy. folded: `fold(text)`, if known.
    """
    bare = (fold(text) if folded is None else folded).replace(_ACCOUNT, "")
    bare = _URL.sub("", bare) if "://" in bare else bare
    bare = _NAME.sub("", bare) if "@" in bare else bare
    letters = "".join(filter(str.isalpha, bare)) or text
    digest = hashlib.blake2b(letters.encode("utf-8", "ignore"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
