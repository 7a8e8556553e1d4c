import math
import random
import struct

from numba import njit


def test_the_compiled_exponential_is_pythons() -> None:
    @njit
    def exponential(value: float) -> float:
        return math.exp(value)

    rng = random.Random(5)
    for value in [rng.uniform(-745, 709) for _ in range(20_000)] + [0.0, -1e-300, 709.7, -800.0]:
        assert struct.pack("<d", exponential(value)) == struct.pack("<d", math.exp(value))
