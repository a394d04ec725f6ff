"""The overlap of two classes' domains, and the search that goes by it."""

import numpy as np
import pytest

from hecsr.errors import SearchError
from hecsr.search.overlap import Overlap, overlap
from hecsr.search.sisso.estimator import SissoClassifier
from hecsr.search.sisso.space import SearchSpace

SQUARE = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])


def _classes(one, two):
    second = np.r_[np.ones(len(one), np.bool_), np.zeros(len(two), np.bool_)]
    return np.vstack([one, two]), second


def test_two_shifted_squares_share_a_quarter_and_two_corners():
    assert overlap(*_classes(SQUARE, SQUARE + 0.5)) == Overlap(2, pytest.approx(0.25))


def test_intervals_share_a_part_of_the_smaller_one():
    one, two = np.array([[0.0], [1], [4]]), np.array([[3.0], [5]])
    assert overlap(*_classes(one, two)) == Overlap(2, pytest.approx(0.5))


@pytest.mark.parametrize("shift", [[2, 0], [0, -3]])
def test_domains_apart_share_nothing(shift):
    assert overlap(*_classes(SQUARE, SQUARE + shift)) == Overlap(0, 0.0)


def test_boxes_may_meet_where_hulls_do_not():
    lower = np.array([[0.0, 0], [1, 0], [0, 1]])
    upper = np.array([[1.0, 1], [0.9, 0.6], [0.6, 0.9]])
    assert overlap(*_classes(lower, upper)) == Overlap(0, 0.0)


def test_a_flat_domain_has_samples_but_no_volume_to_share():
    line = np.array([[0.2, 0.2], [0.8, 0.8], [0.5, 0.5]])
    assert overlap(*_classes(SQUARE, line)) == Overlap(3, 0.0)


def test_in_three_dimensions_the_shared_volume_is_that_of_the_cube():
    cube = np.array([[x, y, z] for x in (0.0, 1) for y in (0.0, 1) for z in (0.0, 1)])
    found = overlap(*_classes(cube, cube + 0.5))
    assert found == Overlap(2, pytest.approx(0.125))


def _rings(n=120):
    """Labels by the product of two columns, with a few that are wrong far inside."""
    rng = np.random.default_rng(1)
    X = rng.uniform(1, 3, (n, 4))
    return X, (X[:, 0] * X[:, 1] > 4).astype(int)


def test_a_search_by_overlap_finds_the_separating_feature():
    X, y = _rings()
    search = SissoClassifier(
        space=SearchSpace(operators=("*", "+"), rungs=1),
        max_terms=1,
        inner_folds=0,
        criterion="overlap",
    )
    formula = search.fit(X, y).formula_
    assert set(formula.names) == {"x0", "x1"}
    term = X[:, 0] * X[:, 1]
    assert overlap(term[:, None], y == 1).samples == 0


def test_an_unknown_criterion_is_refused():
    X, y = _rings(40)
    with pytest.raises(SearchError, match="did you mean 'overlap'"):
        SissoClassifier(criterion="overlaps").fit(X, y)
