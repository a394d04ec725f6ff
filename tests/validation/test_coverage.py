"""How often intervals hold what they promise."""

import numpy as np
import pytest
from scipy.stats import binomtest

from hecsr.validation.conformal import half_width
from hecsr.validation.coverage import (
    binomial_interval,
    calibration_frame,
    conformal_half_widths,
    coverage_rows,
)


@pytest.mark.parametrize(("k", "n"), [(0, 20), (3, 20), (19, 20), (20, 20), (371, 421)])
def test_binomial_intervals_are_the_exact_ones(k, n):
    exact = binomtest(k, n).proportion_ci(0.95, method="exact")
    assert binomial_interval(k / n, n) == pytest.approx((exact.low, exact.high))


def test_repeats_show_the_same_rows_again():
    inside = np.array([[1, 1, 0, 1, 1, 1, 0, 0]], float)
    (row,) = coverage_rows(
        "average", [0.8], inside, np.full((1, 8), 2.0), np.repeat([0, 1], 4)
    )
    assert row["n"] == 4
    assert row["observed"] == 5 / 8
    assert row["width"] == 2
    assert (row["low"], row["high"]) == binomial_interval(5 / 8, 4)


def test_rows_without_an_interval_are_left_out():
    inside = np.array([[1, np.nan, 0, np.nan]])
    width = np.array([[2.0, np.nan, 4.0, np.nan]])
    (row,) = coverage_rows("average", [0.8], inside, width, np.zeros(4, int))
    assert (row["n"], row["observed"], row["width"]) == (2, 0.5, 3)
    (row,) = coverage_rows("a", [0.8], inside * np.nan, width, np.zeros(4, int))
    assert row["n"] == 0
    assert np.isnan(row["observed"])


def test_a_folds_own_errors_do_not_make_its_conformal_interval():
    rng = np.random.default_rng(0)
    error, repeat = rng.normal(0, 1, 40), np.repeat([0, 1], 20)
    fold = np.tile(np.repeat([0, 1], 10), 2)
    found = conformal_half_widths(error, repeat, fold, 0.8)
    for r in (0, 1):
        for f in (0, 1):
            own = (repeat == r) & (fold == f)
            others = (repeat == r) & (fold != f)
            np.testing.assert_array_equal(found[own], half_width(error[others], 0.8))
    # ten errors carry no interval of 95 %
    assert np.isnan(conformal_half_widths(error, repeat, fold, 0.95)).all()


def test_probabilities_that_come_true_lie_on_the_diagonal():
    rng = np.random.default_rng(0)
    p = rng.uniform(0, 1, 4000)
    frame = calibration_frame(p, (rng.uniform(0, 1, 4000) < p).astype(float), 1)
    np.testing.assert_allclose(frame["observed"], frame["predicted"], atol=0.05)
    assert (frame["n"] == 800).all()
    assert (frame["low"] < frame["observed"]).all()
