"""Text as it comes, made fit to keep and to compare."""

import hashlib
import re
import unicodedata
from functools import cache

import ftfy
import opencc

MAX_LENGTH = 20_000
_URL = re.compile(r"https?://[^\s<>\"'，。！？、]{1,2000}", re.IGNORECASE)
_NAME = re.compile(r"@[\w.\-]{1,80}(?:@[\w.\-]{1,80})?")
_SPACES = re.compile(r"[^\S\n]+")
# From where white space begins: to look again from each place of a long run takes its square.
_LINES = re.compile(r"(?<!\s)\s*\n\s*")
_ACCOUNT = "@…"
# Damage is mended, style is kept: full-width punctuation is what Chinese is written with.
_MENDING = ftfy.TextFixerConfig(
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
    """Text fit to be stored and shown: mended, without control characters or half characters.

    Encoding damage is repaired (ftfy), what UTF-8 can't carry is dropped, account names are
    masked, and what is longer than MAX_LENGTH characters is cut.
    """
    text = text[:MAX_LENGTH].encode("utf-8", "ignore").decode("utf-8")
    text = ftfy.fix_text(text, _MENDING)
    text = "".join(
        c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Co"}
    )
    text = _LINES.sub("\n", _SPACES.sub(" ", text)).strip()
    return _NAME.sub(_ACCOUNT, text)


def simplified(text: str) -> str:
    """Text with traditional Chinese characters as simplified ones; half characters, which the
    converter can't take, are left out."""
    converted: str = _converter().convert(text.encode("utf-8", "ignore").decode("utf-8"))
    return converted


def fold(text: str) -> str:
    """Text as it is matched: compatibility forms and case folded, traditional to simplified."""
    return simplified(unicodedata.normalize("NFKC", text)).casefold()


def fingerprint(text: str) -> int:
    """A signed 64-bit number that is the same for near-copies of one text.

    Links, account names, punctuation, symbols, digits and white space make no difference: a
    repost with another link or a trailing emoji is a copy.
    """
    bare = _NAME.sub("", _URL.sub("", fold(text).replace(_ACCOUNT, "")))
    letters = "".join(filter(str.isalpha, bare)) or text
    digest = hashlib.blake2b(letters.encode("utf-8", "ignore"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
