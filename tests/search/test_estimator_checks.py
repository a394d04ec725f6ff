"""scikit-learn's own checks of every engine, each exception with its reason."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.space import Budget, SearchSpace

SMALL = SearchSpace(operators=("+", "-", "*"), rungs=1, max_complexity=1)


def reasons(estimator):
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "the inner folds part repeated rows, which one weighted row cannot be"
        ),
    }


@parametrize_with_checks(
    [
        SissoRegressor(space=SMALL, budget=Budget(sis=5), max_terms=2, inner_folds=2),
        SissoClassifier(space=SMALL, budget=Budget(sis=5), max_terms=2, inner_folds=2),
    ],
    expected_failed_checks=reasons,
)
def test_sklearn_contract(estimator, check):
    check(estimator)
