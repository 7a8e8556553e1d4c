import numpy as np
import pytest

from analysis.behaviour.dynamics import measure_dynamics

WINDOW = (-30.0, 300.0)


def posts(
    rng: np.random.Generator, usual: float, peak: float, height: float, decay: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Minutes of posts: `usual` an hour, and a burst at `peak` that falls with a half-life."""
    quiet = rng.uniform(*WINDOW, rng.poisson(usual * 5.5))
    loud = peak + rng.exponential(decay / np.log(2), rng.poisson(height))
    return np.sort(np.concatenate([quiet, loud[loud < WINDOW[1]]]))


def test_peak_half_life_and_return_are_found() -> None:
    rng = np.random.default_rng(0)
    timings = [
        measure_dynamics(posts(rng, 6, 40, 400, 30), np.array([-4.0, 12]), WINDOW, 6)
        for _ in range(50)
    ]
    assert all(f.first == -4 for f in timings)
    assert np.median([f.peak or 0 for f in timings]) == pytest.approx(50, abs=12)
    assert np.median([f.half_life or 0 for f in timings]) == pytest.approx(30, abs=12)
    back = [f.back for f in timings if f.back is not None]
    assert len(back) > 30
    assert 120 < np.median(back) < 260


def test_dynamics_that_the_data_do_not_show_are_left_out() -> None:
    few = measure_dynamics(np.array([1.0, 2]), np.array([]), WINDOW, 5)
    assert (few.first, few.peak, few.half_life, few.back) == (None, None, None, None)
    # Loud to the end of the window: neither half nor back.
    loud = measure_dynamics(np.sort(np.linspace(200, 299, 300)), np.array([201.0]), WINDOW, 1)
    assert loud.peak is not None
    assert loud.back is None
