"""Half widths of intervals from held-out errors."""

import numpy as np
import pandas as pd
import pytest

from hecsr.errors import HecsrError
from hecsr.validation.conformal import conformal_interval, half_width


def test_the_rank_counts_the_new_sample():
    # n = 9, level 0.9: the 9th of 9; n = 19: the 18th of 19
    assert half_width(np.arange(1.0, 10.0), 0.9) == 9
    assert half_width(-np.arange(1.0, 20.0), 0.9) == 18
    assert half_width([3.0, -1.0, 2.0], 0.5) == 2


def test_too_few_errors_are_refused():
    with pytest.raises(HecsrError, match=r"8 held-out errors .* 9 are needed"):
        half_width(np.ones(8), 0.9)
    with pytest.raises(HecsrError, match="the level"):
        half_width(np.ones(8), 1.0)
    with pytest.raises(HecsrError, match="missing"):
        half_width([np.nan] * 20)


def test_new_errors_are_covered():
    rng = np.random.default_rng(0)
    inside = [
        abs(rng.normal()) <= half_width(rng.normal(size=30), 0.8) for _ in range(3000)
    ]
    # expected ceil(31 * 0.8) / 31 = 0.806, standard error 0.007
    assert np.mean(inside) == pytest.approx(25 / 31, abs=0.03)


def test_repeats_are_averaged():
    frame = pd.DataFrame(
        {
            "scheme": "s",
            "competitor": "m",
            "repeat": np.repeat([0, 1], 9),
            "observed": 0.0,
            "predicted": np.r_[np.arange(1.0, 10), np.arange(2.0, 11)],
        }
    )
    found = conformal_interval(frame, "m", level=0.9)
    assert found.half_width == 9.5
    assert found.source == "9 out-of-fold errors of the procedure, s"
    assert found.levels == ((0.5, 5.5), (0.68, 7.5), (0.8, 8.5), (0.9, 9.5))
    with pytest.raises(HecsrError, match="no predictions of 'x'"):
        conformal_interval(frame, "x")


def test_each_group_weighs_the_same():
    """Nine groups: one of 91 small errors has no more say than each of the others."""
    sizes = np.r_[np.full(91, 0.1), np.arange(1.0, 9.0)]
    groups = np.r_[np.zeros(91), np.arange(1, 9)]
    assert half_width(sizes, 0.9, groups) == 8
    assert half_width(sizes, 0.5, groups) == 4
    assert half_width(sizes, 0.5) == 0.1
    order = np.random.default_rng(0).permutation(99)
    assert half_width(sizes[order], 0.5, groups[order]) == 4
    with pytest.raises(HecsrError, match="9 groups of held-out errors carry no 95%"):
        half_width(sizes, 0.95, groups)


def test_alone_in_its_group_every_error_has_its_rank():
    errors = np.random.default_rng(1).normal(size=40)
    for level in (0.3, 0.5, 0.9, 0.95):
        assert half_width(errors, level) == half_width(errors, level, np.arange(40))


def test_new_members_of_new_groups_are_covered():
    """Errors of a group are alike: counted row by row they would promise too much."""
    rng = np.random.default_rng(2)

    def draw(groups, size):
        code = np.arange(groups).repeat(size)
        own = rng.normal(size=groups).repeat(size)
        return own + 0.2 * rng.normal(size=groups * size), code

    inside = [
        abs(draw(1, 1)[0][0]) <= half_width(*(draw(12, 4)[0], 0.8, draw(12, 4)[1]))
        for _ in range(2000)
    ]
    assert 0.78 <= np.mean(inside) <= 0.88


def grouped(fold):
    return pd.DataFrame(
        {
            "scheme": "s",
            "competitor": "m",
            "repeat": 0,
            "fold": fold,
            "sample": np.arange(20),
            "observed": 0.0,
            "predicted": np.arange(20.0),
        }
    )


def test_groups_must_be_whole_in_the_folds():
    groups = np.arange(20) // 2
    found = conformal_interval(grouped(groups % 5), "m", groups=groups)
    assert found.half_width == 19
    assert found.source.endswith("procedure, s (10 groups of equal weight)")
    assert [level for level, _ in found.levels] == [0.5, 0.68, 0.8, 0.9]
    with pytest.raises(HecsrError, match="group 0 stands in several folds"):
        conformal_interval(grouped(np.arange(20) % 5), "m", groups=groups)
