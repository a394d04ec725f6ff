"""Stability of sets: hand examples, chance, and the standard error."""

import numpy as np
import pytest

from hecsr.errors import HecsrError
from hecsr.validation.set_stability import set_stability


def test_equal_sets_have_stability_one_without_error():
    found = set_stability([[1, 0, 1], [1, 0, 1], [1, 0, 1]])
    assert found.value == 1
    assert found.error == 0


@pytest.mark.parametrize(
    ("features", "expected"),
    # two sets of two that share one: Kuncheva's (r d - k^2) / (k (d - k))
    [(4, 0.0), (5, 1 / 6), (10, 6 / 16)],
)
def test_two_sets_of_one_size_have_kunchevas_index(features, expected):
    held = np.zeros((2, features))
    held[0, [0, 1]] = held[1, [0, 2]] = 1
    assert set_stability(held).value == pytest.approx(expected, abs=1e-12)


def test_sets_at_random_are_near_zero_and_the_error_is_that_of_repeats():
    rng = np.random.default_rng(0)
    share = np.array([0.9, 0.7, 0.2, 0.1, 0.05, 0.05])
    found = [set_stability(rng.random((80, 6)) < share) for _ in range(300)]
    values = np.array([one.value for one in found])
    errors = np.array([one.error for one in found])
    assert values.std() == pytest.approx(errors.mean(), rel=0.15)
    chance = [set_stability(rng.random((80, 6)) < 0.3).value for _ in range(100)]
    assert abs(np.mean(chance)) < 0.01


def test_the_interval_ends_at_one():
    held = np.ones((8, 4)) * [1, 1, 0, 0]
    held[0] = [1, 0, 1, 0]
    low, high = set_stability(held).interval()
    assert low < set_stability(held).value < high <= 1


def test_empty_sets_have_no_stability_and_bad_input_is_refused():
    assert np.isnan(set_stability(np.zeros((3, 4))).value)
    with pytest.raises(HecsrError, match="two sets"):
        set_stability([[1, 0]])
    with pytest.raises(HecsrError, match="or not"):
        set_stability([[2, 0], [1, 0]])
