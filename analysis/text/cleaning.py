"""Text as it comes, made fit to keep and to compare."""

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
_BETWEEN = "\x1f"
_URL = re.compile(r"https?://[^\s<>\"'，。！？、]{1,2000}", re.IGNORECASE)
_NAME = re.compile(r"@[\w.\-]{1,80}(?:@[\w.\-]{1,80})?")
_SPACES = re.compile(r"[^\S\n]+")
# From where white space begins: to look again from each place of a long run takes its square.
_LINES = re.compile(r"(?<!\s)\s*\n\s*")
_ACCOUNT = "@…"
# What ftfy leaves as it is at a glance; of other text it looks at every kind of damage.
_PLAIN = re.compile(r"[\n -~]*")
_ODD = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u206a-\u206f\ud800-\udfff\ufeff\ufff9-\ufffc]"
)
# Without any of these ftfy finds nothing bad: they are all that its categories of mojibake hold.
_SUSPECT = re.compile("[\x80-\u25ff\uf8ff\ufb01\ufb02\ufffd]")
# Categories Cc (but for the line's end), Cs and Co of Unicode.
_UNSHOWN = re.compile(
    "[\0-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff"
    "\U000f0000-\U000ffffd\U00100000-\U0010fffd]+"
)
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
    text = text[:MAX_LENGTH]
    if not (text.isascii() and (text.isprintable() or _PLAIN.fullmatch(text))):
        text = _mended(text.encode("utf-8", "ignore").decode("utf-8"))
    if not text.isprintable():
        text = _LINES.sub("\n", _SPACES.sub(" ", _UNSHOWN.sub("", text)))
    elif "  " in text:  # a space is the one white space that counts as printable
        text = _SPACES.sub(" ", text)
    text = text.strip()
    return _NAME.sub(_ACCOUNT, text) if "@" in text else text


def _mended(text: str) -> str:
    """What ftfy makes of a text; where it finds no damage, it but composes (NFC)."""
    if _ODD.search(text) or (_SUSPECT.search(text) and is_bad(text)):
        return ftfy.fix_text(text, _MENDING)
    return unicodedata.normalize("NFC", text)


def simplified(text: str) -> str:
    """Text with traditional Chinese characters as simplified ones; half characters, which the
    converter can't take, are left out."""
    converted: str = _converter().convert(text.encode("utf-8", "ignore").decode("utf-8"))
    return converted


def fold(text: str) -> str:
    """Text as it is matched: compatibility forms and case folded, traditional to simplified."""
    if text.isascii():
        return text.lower()
    return simplified(unicodedata.normalize("NFKC", text)).casefold()


def fold_all(texts: Sequence[str]) -> list[str]:
    """Each text folded: many at once cost less than one by one."""
    if any(_BETWEEN in text for text in texts):
        return [fold(text) for text in texts]
    return fold(_BETWEEN.join(texts)).split(_BETWEEN) if texts else []


def fingerprint(text: str, folded: str | None = None) -> int:
    """A signed 64-bit number that is the same for near-copies of one text. folded: the text as it
    is matched, where that is known.

    Links, account names, punctuation, symbols, digits and white space make no difference: a
    repost with another link or a trailing emoji is a copy.
    """
    bare = (fold(text) if folded is None else folded).replace(_ACCOUNT, "")
    bare = _URL.sub("", bare) if "://" in bare else bare
    bare = _NAME.sub("", bare) if "@" in bare else bare
    letters = "".join(filter(str.isalpha, bare)) or text
    digest = hashlib.blake2b(letters.encode("utf-8", "ignore"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
