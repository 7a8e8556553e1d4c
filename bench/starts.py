"""How long each command takes until its own work begins, against Python alone."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from typer.main import get_command

from bench.parts import BenchRow
from shrug.cli.app import app

ROUNDS = 5


def rows() -> list[BenchRow]:
    """Time the slowest and the median command: a command has started when it can print its help."""
    plain = statistics.median(_time_python(["-c", "pass"]) for _ in range(ROUNDS))
    names = list(_names(get_command(app)))
    # Round after round, so that a busy moment does not affect all rounds of one command.
    rounds = [
        {name: _time_python(["-m", "shrug", *name.split(), "--help"]) for name in names}
        for _ in range(ROUNDS)
    ]
    taken = {name: statistics.median(each[name] for each in rounds) for name in names}
    slowest = max(taken, key=lambda name: taken[name])
    middle = statistics.median(taken.values())
    return [
        _row(f"the slowest of {len(taken)} commands: {slowest}", taken[slowest], plain),
        _row("the middle one", middle, plain),
    ]


def about() -> str:
    """Describe what is measured."""
    return (
        f"Starts of `shrug COMMAND --help`, each the median of {ROUNDS}, in a process of its own: "
        "what a command loads for its own work comes after that."
    )


def _names(command: Any, before: str = "") -> Iterator[str]:
    known: Mapping[str, Any] = getattr(command, "commands", {})
    for name, each in known.items():
        if getattr(each, "commands", None):
            yield from _names(each, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def _time_python(arguments: list[str]) -> float:
    before = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - before


def _row(what: str, median: float, plain: float) -> BenchRow:
    ratio = f"**{plain / median:.2f}**"
    return what, "python -c pass", ratio, f"{median:.2f} s", f"{plain:.3f} s"
