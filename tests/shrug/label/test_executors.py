"""Batches on an executor: each is done once, a bounded number at a time."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from operator import add, truediv

import pytest

from shrug.label.executors import map_unordered


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(2)], ids=["serial", "threads"])
def test_every_task_is_returned_with_its_result(executor: Executor | None) -> None:
    assert dict(map_unordered(executor, add, 5, range(600))) == {n: n + 5 for n in range(600)}


def test_no_more_tasks_are_taken_than_may_be_submitted() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield number

    with ThreadPoolExecutor(2) as executor:
        for done, _ in enumerate(map_unordered(executor, add, 1, items(), max_submitted=4), 1):
            assert taken - done < 4


def test_an_error_of_one_task_ends_the_work() -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(ZeroDivisionError):
        list(map_unordered(executor, truediv, 1, range(1000)))
