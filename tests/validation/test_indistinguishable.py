"""The test of many formulas against the best one."""

import numpy as np
import pytest

from hecsr.errors import HecsrError
from hecsr.validation.indistinguishable import same_as, told_apart


def losses_of(n, shifts, seed):
    rng = np.random.default_rng(seed)
    return 1 + rng.normal(0, 1, (len(shifts), n)) + np.array(shifts)[:, None]


def test_of_equally_good_formulas_all_are_kept_with_the_level():
    level, kept = 0.8, []
    for seed in range(200):
        told = told_apart(losses_of(80, [0.0] * 15, seed), level=level, seed=seed)
        # one of them, named beforehand, as the true best one
        kept.append(told.inside[0])
    assert np.mean(kept) >= level


def test_a_formula_that_errs_far_more_is_told_from_the_best():
    told = told_apart(losses_of(100, [0.0, 0.1, 2.0], 0), level=0.95, seed=0)
    np.testing.assert_array_equal(told.inside, [True, True, False])
    assert told.statistic[told.best] == 0
    assert told.excess.min() == 0


def test_rows_of_a_group_count_together():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(12), 20)
    # the second is worse in each group by a chance of the group's own
    worse = rng.normal(0.4, 1.0, 12)[group]
    losses = np.vstack([np.ones(240), 1 + worse])
    alone = told_apart(losses, level=0.9, seed=0)
    grouped = told_apart(losses, level=0.9, seed=0, groups=group)
    assert grouped.statistic.max() < alone.statistic.max() / 3
    by_hand = np.bincount(group, worse - worse.mean())
    error = np.sqrt(np.sum(by_hand**2) * 12 / 11) / 240
    assert grouped.statistic.max() == pytest.approx(abs(worse.mean()) / error)


def test_the_same_seed_gives_the_same_set():
    losses = losses_of(50, np.linspace(0, 0.6, 40), 1)
    one, two = (told_apart(losses, level=0.9, seed=3) for _ in range(2))
    assert one.critical == two.critical


def test_a_formula_alone_is_the_best():
    told = told_apart(losses_of(20, [0.0], 0), level=0.9, seed=0)
    assert told.inside.tolist() == [True]


def test_a_formula_that_is_worse_by_the_same_everywhere_is_told():
    told = told_apart(np.array([[1.0] * 9, [2.0] * 9]), level=0.9, seed=0)
    np.testing.assert_array_equal(told.inside, [True, False])


@pytest.mark.parametrize("level", [0, 1, 90])
def test_levels_outside_of_0_to_1_are_refused(level):
    with pytest.raises(HecsrError, match="between 0 and 1"):
        told_apart(np.ones((2, 5)), level=level, seed=0)


def test_one_group_is_too_few():
    with pytest.raises(HecsrError, match="1 groups"):
        told_apart(np.ones((2, 5)), level=0.9, seed=0, groups=np.zeros(5, int))


def test_of_the_same_formulas_the_simplest_stands_for_all():
    base = np.random.default_rng(0).uniform(1, 2, 30)
    other = base + 1e-3
    losses = np.vstack([base, other, base * (1 + 1e-13), base * (1 - 1e-13)])
    same = same_as(losses, np.array([3, 1, 2, 2]))
    np.testing.assert_array_equal(same, [2, 1, 2, 2])
