"""No regular expression of ours takes long on any text: none backtracks catastrophically."""

import json
import re
import subprocess
import sys
import time

import pytest
from regexploit.ast.sre import SreOpParser
from regexploit.redos import find

from analysis.text.cleaning import MAX_LENGTH

# As long as a text that is kept. A pattern that looks again from each place of it takes its square.
LENGTH = MAX_LENGTH
MOST_SECONDS = 0.5
PARTS = (
    "9", " ", "a", "\n", "@", "@a", "http://", "深", "【", "<", "&#", "a.b-", "\t \n", "!?", "1,",
    "a'", "RT @a: ", "——", "#a#", "[哈]", "//@a:", "\u3000", "\ue000", '"', "data-post=",
)  # fmt: skip
END = "ß!"


@pytest.fixture(scope="module")
def expressions() -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.expressions"], capture_output=True, text=True, check=True
    )
    modules: dict[str, str] = json.loads(done.stdout)
    return modules


def test_every_regular_expression_of_the_code_is_collected(expressions: dict[str, str]) -> None:
    where = set(expressions.values())
    assert len(expressions) > 45
    assert {"analysis.labels.phrases", "analysis.text.mentions"} <= where


def test_no_regular_expression_can_backtrack_catastrophically(expressions: dict[str, str]) -> None:
    bad = {}
    for pattern, where in expressions.items():
        for redos in find(SreOpParser().parse_sre(pattern)):
            bad[where] = f"{pattern[:80]}: {redos.redos_sequence}"
    assert not bad


def test_the_check_finds_one_that_does() -> None:
    assert list(find(SreOpParser().parse_sre(r"(a+)+$")))


def test_no_regular_expression_takes_long_on_hostile_text(expressions: dict[str, str]) -> None:
    slow = {}
    for pattern, where in expressions.items():
        compiled = re.compile(pattern, re.IGNORECASE)
        for part in PARTS:
            text = part * (LENGTH // len(part)) + END
            began = time.process_time()
            compiled.search(text)
            if (took := time.process_time() - began) > MOST_SECONDS:
                slow[where] = f"{pattern[:80]} on {part!r}: {took:.1f} s"
    assert not slow
