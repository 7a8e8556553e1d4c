"""The matcher that goes with the bundled catalogue."""

from functools import cache

from analysis.text.mentions import Alias, Matcher
from db import catalog


@cache
def matcher() -> Matcher:
    """Built once a process; every part that matches names uses this one."""
    entries = catalog.providers().values()
    words = catalog.failure_words()
    return Matcher(
        (Alias(e.key, text, weak) for e in entries for text, weak in e.aliases),
        context=catalog.context_words(),
        contexts={e.key: e.context for e in entries},
        failure=words["failure"],
        between=words["between"],
        turning=words["around"],
    )
