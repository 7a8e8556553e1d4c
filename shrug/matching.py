"""The matcher that goes with the bundled catalogue."""

from functools import cache

from analysis.mentions import Alias, Matcher
from db import catalogue


@cache
def matcher() -> Matcher:
    """Built once a process; every part that matches names uses this one."""
    entries = catalogue.providers().values()
    words = catalogue.failure_words()
    return Matcher(
        (Alias(e.key, text, weak) for e in entries for text, weak in e.aliases),
        context=catalogue.context_words(),
        contexts={e.key: e.context for e in entries},
        failure=words["failure"],
        between=words["between"],
        turning=words["around"],
    )
