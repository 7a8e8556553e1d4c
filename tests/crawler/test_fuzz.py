"""Readers read randomly changed responses, or raise SourceChanged."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.core.errors import SourceChanged
from tests.fuzzing import CRASHES, seeds, targets

TARGETS = targets()
# By atheris, guided by what code is reached; longer with `make fuzz`.
SECONDS = 5

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "0", "-1", "9" * 400, "\ud800", "1970-01-01", "NaN", "<p>", "&#0;"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of everything inside a value of JSON."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(inside):
        yield value, key
        if isinstance(part, dict | list):
            yield from places(part)


@st.composite
def changed(draw: st.DrawFn, seed: bytes) -> bytes:
    """An answer with a few of its values, or stretches of its bytes, put elsewhere or lost."""
    try:
        value = json.loads(seed)
    except ValueError:
        return draw(spliced(seed))
    for _ in range(draw(st.integers(1, 3))):
        containers = list(places(value)) if isinstance(value, dict | list) else []
        if not containers:
            break
        where, key = draw(st.sampled_from(containers))
        if draw(st.booleans()) and isinstance(where, dict):
            del where[key]
        else:
            where[key] = draw(values)
    return json.dumps(value).encode()


@st.composite
def spliced(draw: st.DrawFn, seed: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(seed)))
        until = draw(st.integers(at, min(len(seed), at + 60)))
        seed = seed[:at] + draw(st.binary(max_size=12)) + seed[until:]
    return seed


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_mutated_response_is_read_or_raises_source_changed(name: str) -> None:
    known = list(seeds(name)) or [b""]

    @settings(max_examples=40)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        body = data.draw(changed(data.draw(st.sampled_from(known))))
        with suppress(SourceChanged):
            TARGETS[name](body)

    holds()


@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="no atheris for this Python")
def test_inputs_of_atheris_are_read_or_raise_source_changed() -> None:
    # A child counts what its parent holds as its own peak of memory; its child does not.
    command = f"{sys.executable} -m tests.fuzzing {SECONDS}; exit $?"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"{said[-3000:]}\nthe input lies in {CRASHES}"
    assert "Done" in said
