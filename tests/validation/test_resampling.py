"""Bootstraps: whole groups, both classes, and copies that stay together."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold

from hecsr.errors import HecsrError
from hecsr.validation.problem import make_problem
from hecsr.validation.resampling import bootstraps_of


def problem_of(y, groups=None, task="regression"):
    X = pd.DataFrame({"a": np.arange(len(y), dtype=float)})
    return make_problem(X, y, task=task, groups=groups)


def test_whole_groups_are_drawn_and_the_others_are_out():
    groups = np.repeat(np.arange(12), 3)
    problem = problem_of(np.arange(36.0), groups)
    for one in bootstraps_of(problem, 20, seed=0):
        times = np.bincount(one.rows, minlength=36).reshape(12, 3)
        assert (times == times[:, :1]).all()
        assert times[:, 0].sum() == 12
        assert one.out.tolist() == np.flatnonzero(times.ravel() == 0).tolist()
        assert not set(groups[one.out]) & set(groups[one.rows])
        assert one.distinct == (times > 0).sum()


@pytest.mark.parametrize("groups", [None, np.arange(30) // 2])
def test_copies_of_a_row_never_stand_on_both_sides_of_an_inner_fold(groups):
    problem = problem_of(np.arange(30.0), groups)
    for one in bootstraps_of(problem, 10, seed=3):
        assert one.distinct < len(one.rows)
        for train, test in GroupKFold(3).split(one.rows, groups=one.groups):
            left, right = one.rows[train], one.rows[test]
            assert not set(left) & set(right)
            if groups is not None:
                assert not set(groups[left]) & set(groups[right])


def test_each_class_keeps_its_number_of_groups():
    y = np.array([1.0] * 4 + [0.0] * 26)
    for one in bootstraps_of(problem_of(y, task="classification"), 50, seed=0):
        assert problem_of(y, task="classification").y[one.rows].sum() == 4
        assert len(np.unique(one.rows[y[one.rows] == 1])) >= 2


def test_the_first_bootstraps_do_not_depend_on_how_many_are_drawn():
    problem = problem_of(np.arange(20.0))
    few, many = bootstraps_of(problem, 3, seed=1), bootstraps_of(problem, 9, seed=1)
    for one, other in zip(few, many, strict=False):
        np.testing.assert_array_equal(one.rows, other.rows)
    other = bootstraps_of(problem, 3, seed=2)
    assert (few[0].rows != other[0].rows).any()


def test_what_can_never_be_fitted_is_refused():
    y = np.array([1.0, 0, 0, 0, 0])
    with pytest.raises(HecsrError, match="set 'bootstraps' to 0"):
        bootstraps_of(problem_of(y, task="classification"), 1, seed=0)
