"""Paired differences over folds, tested with the correction for shared rows."""

import math

import numpy as np
import pandas as pd
import pytest
from compared import comparison_of, dealt, held, line_up

from hecsr.validation.paired import (
    corrected_t_test,
    fold_differences,
    held_out,
    holm,
    paired_difference,
)


def test_the_corrected_error_is_that_of_nadeau_and_bengio_by_hand():
    gaps = [0.2, 0.5, -0.1, 0.3, 0.1]
    # mean 0.2, s^2 = (0 + 0.09 + 0.09 + 0.01 + 0.01) / 4 = 0.05; 1/5 + 1/4 = 0.45
    found = corrected_t_test(gaps, 0.25)
    assert found.difference == pytest.approx(0.2)
    assert found.se == pytest.approx(math.sqrt(0.45 * 0.05))
    assert found.t == pytest.approx(4 / 3)
    assert found.df == 4
    # the distribution of t with 4 degrees of freedom in closed form
    x = found.t / math.sqrt(4 + found.t**2)
    assert found.p == pytest.approx(1 - 1.5 * x + 0.5 * x**3)


def test_turning_the_difference_over_turns_t_and_keeps_p():
    gaps = np.array([0.2, 0.5, -0.1, 0.3, np.nan])
    one, other = (corrected_t_test(s * gaps, 0.25) for s in (1, -1))
    assert (one.t, one.p, one.df) == (-other.t, other.p, 3)


def test_equal_folds_are_no_difference_and_a_constant_one_has_no_scatter():
    assert corrected_t_test([0, 0, 0], 0.25).p == 1
    constant = corrected_t_test([0.1, 0.1, 0.1], 0.25)
    assert math.isnan(constant.p)
    assert constant.difference == pytest.approx(0.1)
    assert math.isnan(corrected_t_test([0.3, np.nan], 0.25).se)
    assert math.isnan(corrected_t_test([], 0.25).difference)


def test_holm_steps_down_and_does_not_count_what_is_undefined():
    # sorted: 0.001 * 4, 0.015 * 3, 0.02 * 2 raised to 0.045, 0.6 * 1
    found = holm([0.02, np.nan, 0.6, 0.001, 0.015])
    np.testing.assert_allclose(found, [0.045, np.nan, 0.6, 0.004, 0.045])
    assert holm([0.5, 0.9]).tolist() == [1, 1]


def _one_cross_validation(random, n=60, k=5, repeats=5):
    """Differences of two lines through different, equally good descriptors."""
    x = random.normal(size=(2, n))
    y = x.sum(axis=0) + random.normal(size=n)
    gaps = []
    for _ in range(repeats):
        order = random.permutation(n)
        for fold in range(k):
            test = order[fold::k]
            train = np.setdiff1d(order, test)
            errors = []
            for one in x:
                slope, level = np.polyfit(one[train], y[train], 1)
                errors.append(np.abs(y[test] - level - slope * one[test]).mean())
            gaps.append(errors[0] - errors[1])
    return np.array(gaps)


def test_equal_procedures_are_called_different_no_more_often_than_allowed():
    random = np.random.default_rng(4)
    runs = [_one_cross_validation(random) for _ in range(200)]
    corrected = np.mean([corrected_t_test(g, 1 / 4).p < 0.05 for g in runs])
    naive = np.mean([corrected_t_test(g, 0).p < 0.05 for g in runs])
    assert corrected <= 0.07
    assert naive > 0.2


def test_a_real_difference_is_found():
    random = np.random.default_rng(0)
    gaps = 1 + 0.3 * random.normal(size=25)
    assert corrected_t_test(gaps, 1 / 4).p < 0.001


def test_all_pairs_are_what_each_pair_gives_alone():
    random = np.random.default_rng(1)
    y, folds = random.normal(size=40), dealt(40, 4, 2)
    silent = np.where(np.arange(40) % 3 == 0, np.nan, y + 1)
    said = {"f": y + random.normal(size=40), "b": y * 0.5, "r": silent}
    frame = pd.concat([held(n, y, p, folds) for n, p in said.items()])
    found = comparison_of(frame, line_up(*said))
    names = list(said)
    gaps = fold_differences(held_out(found, "main", names), names, "mae")
    assert np.all(gaps == -gaps.transpose(0, 2, 1), where=~np.isnan(gaps))
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            if i == j:
                continue
            mean, _ = paired_difference(found, one, other, "mae")
            assert gaps[:, i, j].mean() == pytest.approx(mean)
    there = ~np.isnan(silent)
    by_hand = [
        np.abs(said["f"] - y)[rows][there[rows]].mean() - 1 for rows in folds.values()
    ]
    np.testing.assert_allclose(gaps[:, 0, 2], by_hand)


def test_a_silent_rule_does_not_shrink_the_shared_part_of_the_folds():
    random = np.random.default_rng(2)
    y, folds = random.normal(size=50), dealt(50)
    rule = np.where(np.arange(50) < 25, np.nan, y + random.normal(size=50))
    frame = pd.concat([held("f", y, y * 0, folds), held("r", y, rule, folds)])
    _, error = paired_difference(
        comparison_of(frame, line_up("f", "r")), "f", "r", "mae"
    )
    gaps = []
    for rows in folds.values():
        own = rows[rows >= 25]
        gaps.append(np.abs(y[own]).mean() - np.abs(rule - y)[own].mean())
    assert error == pytest.approx(np.sqrt((1 / 5 + 10 / 40) * np.var(gaps, ddof=1)))
